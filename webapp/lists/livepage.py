"""The page of a live list: its rows or groups with what stands around them, and the news that it polls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.lists.daylist import Found
from webapp.lists.livefilter import Entry, Grouping
from webapp.lists.livelist import LiveList
from webapp.lists.page import Chip, chosen_by_url
from webapp.mailcow import audit, live
from webapp.mailcow.actions import allowed
from webapp.mailcow.live import Listing
from webapp.mailcow.results import Result, find_result
from webapp.tables.db import db
from webapp.web.badges import value_words
from webapp.web.page import link, page, settings
from webapp.web.visitor import may_act

TRAIL = 20  # latest actions shown
PATIENCE = 4.0  # seconds the API waits for mailcow


@dataclass(frozen=True)
class TrailEntry:
    """One action on one item, as the page lists it; `verb` in words."""

    at: datetime
    who: str | None
    address: str | None
    verb: str
    item: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class LiveView(Generic[Entry]):
    """What the page of a live list shows.

    `filters` are the parameters as typed, None where absent; `asked` those in use, for links and to come back
    to; `total` counts the entries before the filter, and `states` tells them apart.
    """

    live: LiveList[Entry]
    listing: Listing
    found: Found
    group: str | None
    total: int
    states: Mapping[str, int]
    caution: str | None
    filters: Mapping[str, str | None]
    chips: Sequence[Chip]
    error: str | None
    may_act: bool
    result: Result | None
    trail: Sequence[TrailEntry]

    @property
    def asked(self) -> dict[str, str]:
        """The parameters in use."""
        return {name: value for name, value in self.filters.items() if value}

    @property
    def grouping(self) -> Grouping[Entry] | None:
        """How the entries are put together, None where they are listed one by one."""
        return self.live.groupings[self.group] if self.group else None

    @property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """The ways to look at the list: (words, URL, whether it is this one)."""
        words: dict[str | None, str] = {None: f"{self.live.noun.capitalize()}s"}
        words |= {name: grouping.tab for name, grouping in self.live.groupings.items()}
        groups = [
            (tab, self.link(group=name, page=None, sort=None), name == self.group)
            for name, tab in words.items()
        ]
        return groups + [(tab, url, False) for tab, url in self.live.pages]

    def link(self, **changes: object) -> str:
        """The URL of this page with changed parameters, without the result of an action."""
        return link({"result": None, **changes})


@dataclass(frozen=True)
class LiveNews(Generic[Entry]):
    """Whether the list is another than the one shown, its age, and why it is not newer."""

    live: LiveList[Entry]
    changed: bool
    taken_at: datetime | None
    error: str | None
    is_old: bool


def list_page(live_list: LiveList[Entry]) -> ResponseReturnValue:
    """The list last seen, or its groups; never waits for mailcow, but asks for a newer list in the
    background."""
    chosen, error = chosen_by_url(live_list.page_filter)
    listing = live.last(live_list.target.source, db.session())
    live.wake(live_list.target.source, settings(), listing.age)
    entries = live_list.read(listing.rows)
    filters = {
        name: request.args.get(name, "").strip() or None
        for name in (*live_list.labels, "sort", "group", "limit")
    }
    view = LiveView(
        live=live_list,
        listing=listing,
        found=live_list.search(entries, chosen),
        group=chosen.group if live_list.grouping(chosen) else None,
        total=len(entries),
        states=live_list.states(entries),
        caution=live_list.caution(entries),
        filters=filters,
        chips=_chips(live_list, filters),
        error=error,
        may_act=allowed(settings()) and may_act(),
        result=find_result(request.args.get("result")),
        trail=_trail(live_list),
    )
    return page("layout/live_page.html", live_list.template, 400 if error else 200, view=view)


def _chips(live_list: LiveList[Entry], filters: Mapping[str, str | None]) -> list[Chip]:
    return [
        Chip(label, value_words(name, typed), link({"result": None, name: None}))
        for name, label in live_list.labels.items()
        if (typed := filters[name])
    ]


def _trail(live_list: LiveList[Entry]) -> list[TrailEntry]:
    """The latest actions, newest first."""
    prefix = f"{live_list.target.source.name}:"
    words = {name: action.verb for name, action in live_list.actions.items()} | dict(live_list.deeds)
    verbs = {prefix + name: verb for name, verb in words.items()}
    return [
        TrailEntry(
            at=entry.at,
            who=entry.who,
            address=entry.address,
            verb=verbs.get(entry.action, entry.action),
            item=entry.item,
            outcome=entry.outcome,
            detail=entry.detail or "",
        )
        for entry in audit.recent(db.session(), prefix, TRAIL)
    ]


def news_part(live_list: LiveList[Entry]) -> ResponseReturnValue:
    """Whether the list has changed since it was shown; a newer one is asked for."""
    present = live.last_without_rows(live_list.target.source)
    live.wake(live_list.target.source, settings(), present.age)
    changed = present.mark != request.args.get("since", "")
    view = LiveNews(live_list, changed, present.taken_at, present.error, present.is_old)
    return render_template("actions/_news.html", view=view)
