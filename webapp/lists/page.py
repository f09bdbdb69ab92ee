"""What every list page gets besides its rows: the filter as typed, its chips, its headline, its export."""

from collections.abc import Callable, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import request
from pydantic import BaseModel, ValidationError

from webapp import cache
from webapp.lists.daylist import Found
from webapp.lists.params import Filter
from webapp.mailcow.connection import STATE
from webapp.tables.db import utc
from webapp.web.errors import parameter_sentence
from webapp.web.page import link, settings

NEWEST_COUNTED = 1000  # arrivals that a news count tells at the most
LABELS = {
    "search": "Search",
    "sender": "Sender",
    "recipient": "Recipient",
    "direction": "Direction",
    "status": "Status",
    "user": "User",
    "ip": "IP",
    "queue_id": "Queue id",
    "action": "Action",
    "min_score": "Score from",
    "max_score": "Score to",
    "is_spam": "Spam",
    "symbol": "Symbol",
    "username": "User",
    "country": "Country",
    "start_date": "From",
    "end_date": "To",
}


def chosen(model: type[Filter]) -> tuple[Filter, str | None]:
    """(the filter in the URL, None), or (an empty filter, what is wrong with the URL)."""
    try:
        return model.model_validate(request.args.to_dict()), None
    except ValidationError as error:
        return model(), parameter_sentence(error)


def typed(args: Mapping[str, str]) -> SimpleNamespace:
    """The parameters as typed, None where absent."""
    names = {"limit": 50, **dict.fromkeys(LABELS)}
    return SimpleNamespace(**{name: args.get(name, "").strip() or default for name, default in names.items()})


def chips(args: Mapping[str, str], known: Collection[str]) -> list[tuple[str, str, str]]:
    """(label, value, URL without it) for every active filter among those that the list knows."""
    given = {name: args.get(name, "").strip() for name in LABELS if name in known}
    return [(LABELS[name], value, link({name: None})) for name, value in given.items() if value]


def nothing(limit: int) -> Found:
    """An empty page, where a parameter is bad."""
    return Found([], 0, False, 1, limit)


def list_view(found: Found, rows: Sequence[Any], clock: str) -> SimpleNamespace:
    """One page of a list with the times that its headline tells; `clock` names the rows' time."""
    fetched = (cache.fetch(STATE) or {}).get("last_success")
    return SimpleNamespace(
        rows=rows,
        total=found.total,
        total_is_estimate=found.total_is_estimate,
        page=found.page,
        pages=found.pages,
        limit=found.limit,
        newest=getattr(rows[0], clock) if rows and found.page == 1 else None,
        fetched_at=utc(fetched) if fetched else None,
    )


def export_view(found: Found, path: str) -> SimpleNamespace:
    """The export button: its URL with the filters, and how many rows it will hold where it is cut."""
    limit = settings().csv_export_limit
    return SimpleNamespace(
        url=link({"limit": None, "view": None}, path=path), limit=limit, cut=found.total > limit
    )


def common(model: type[BaseModel], error: str | None, short: bool) -> dict[str, Any]:
    """The parts of the context that depend on the URL alone; `model` is the list's filter."""
    change: Callable[..., str] = lambda **changes: link(changes)  # noqa: E731
    return {
        "filters": typed(request.args),
        "chips": chips(request.args, model.model_fields),
        "link": change,
        "short_search": short,
        "error": error,
    }


def news_view(count: int, cursor: str) -> SimpleNamespace:
    """How many rows have come; `more` where they were not all counted."""
    return SimpleNamespace(count=min(count, NEWEST_COUNTED), more=count > NEWEST_COUNTED, cursor=cursor)
