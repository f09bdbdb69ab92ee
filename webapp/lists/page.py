"""A list's page, its news and its JSON, the same for all lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue
from pydantic import ValidationError

from webapp.errors import BadParameter
from webapp.lists.answer import list_answer
from webapp.lists.daylist import EXACT, Found
from webapp.lists.params import ListFilter, Parameters, labels
from webapp.lists.plainlist import PlainFilter, PlainList
from webapp.lists.rowlist import RowList
from webapp.lists.when import Clock
from webapp.tables.db import db, now
from webapp.web.badges import value_words
from webapp.web.errors import parameter_sentence
from webapp.web.page import link, page, settings
from webapp.web.times import Times

PERIOD = ("start_date", "end_date")
NEWEST_COUNTED = 1000  # arrivals that a news count tells at the most
Filter = TypeVar("Filter", bound=Parameters)
Listing = RowList[Any] | PlainList[Any]
ListingFilter = ListFilter | PlainFilter


class Chip(NamedTuple):
    """One active filter: its label, what was typed, and the URL without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True)
class Export:
    """The export button: its URL with the filters, how many rows it holds at the most, whether it is cut."""

    url: str
    limit: int
    cut: bool


@dataclass(frozen=True)
class News:
    """How many rows have come; `more` where they were not all counted."""

    count: int
    more: bool


@dataclass(frozen=True)
class ListFrame:
    """What a list's page shows around its rows.

    `filters` are the parameters as typed, None where absent; `asked` those in use, for links; `newest` is the
    time of the newest row on the first page.
    """

    found: Found[Any]
    filters: Mapping[str, str | None]
    asked: Mapping[str, str]
    chips: Sequence[Chip]
    link: Callable[..., str]
    error: str | None
    is_short: bool
    newest: datetime | None = None
    export: Export | None = None

    @property
    def status(self) -> int:
        """The HTTP status: 400 where a parameter is bad."""
        return 400 if self.error else 200


def clock() -> Clock:
    """What time it is, in the zone of the pages."""
    return Clock(now(), ZoneInfo(settings().tz))


def given(model: type[Filter], **by_path: str) -> Filter:
    """The request's query parameters, and those that the path names; raises ValidationError, which is
    answered with 400 and names the parameter."""
    return model.model_validate({**request.args.to_dict(), **by_path})


def chosen_by_url(model: type[Filter]) -> tuple[Filter, str | None]:
    """(the filter in the URL, None), or (an empty filter, what is wrong with the URL)."""
    try:
        return given(model), None
    except ValidationError as error:
        return model(), parameter_sentence(error)


def search(rows: Listing, chosen: Any) -> Found[Any]:
    """The page of rows that the filter names."""
    return rows.search(db.session(), chosen, max(EXACT, settings().max_search_results))


def frame(chosen: ListingFilter, found: Found[Any], error: str | None, **more: Any) -> ListFrame:
    """The frame of a list whose filter is in the request's URL."""
    model = type(chosen)
    filters = {name: request.args.get(name, "").strip() or None for name in model.model_fields}
    chips = [
        Chip(part, value_words(name, text), link({name: rest}))
        for name, label in labels(model).items()
        if name not in PERIOD and (typed := filters[name])
        for part, text, rest in model.chips(name, label, typed)
    ]
    if period := Times(settings().tz).period(filters.get("start_date"), filters.get("end_date")):
        chips.append(Chip("Time", period, link(dict.fromkeys(PERIOD))))
    asked = {name: typed for name, typed in filters.items() if typed and name not in ("page", "cursor")}
    return ListFrame(
        found, filters, asked, chips, lambda **changes: link(changes), error, chosen.is_short, **more
    )


def list_page(rows: Listing) -> ResponseReturnValue:
    """The list with its filter; a bad parameter is told on the page."""
    chosen, error = chosen_by_url(rows.filter)
    found = search(rows, chosen) if error is None else Found([], 0, False, 1, chosen.limit)
    export = _export(rows, found) if rows.export else None
    newest = getattr(found.rows[0], rows.clock) if rows.clock and found.rows and found.page == 1 else None
    view = frame(chosen, found, error, export=export, newest=newest)
    folder, _, name = rows.template.rpartition("/")
    return page(rows.template, f"{folder}/_{name}", view.status, view=view, rows=rows)


def _export(rows: Listing, found: Found[Any]) -> Export:
    limit = settings().csv_export_limit
    return Export(link({"limit": None}, path=rows.export_path), limit, found.total > limit)


def news_part(rows: RowList[Any]) -> ResponseReturnValue:
    """How many rows have come since the list was shown; `since` is the cursor of its first row."""
    since = request.args.get("since")
    if not since:
        raise BadParameter("since must be the cursor of a list")
    count = rows.count_newer(db.session(), given(rows.filter), since)
    return render_template(
        "layout/_news.html", news=News(min(count, NEWEST_COUNTED), count > NEWEST_COUNTED), rows=rows
    )


def json_answer(rows: Listing) -> ResponseReturnValue:
    """A page of the list as JSON."""
    return jsonify(list_answer(search(rows, given(rows.filter))))
