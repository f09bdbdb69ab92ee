"""Reading saved searches, and counting what the pinned ones find. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.lists.daylist import EXACT
from webapp.lists.params import labels
from webapp.messages.filter import MessageListFilter
from webapp.messages.lists import MESSAGES
from webapp.tables.db import iso
from webapp.tables.saved import SavedSearch
from webapp.web.badges import value_words

LATELY = timedelta(hours=24)  # what a search without a period is counted over
MOST_PINNED = 8


@dataclass(frozen=True)
class Saved:
    """One saved search; `words` tell its filters, `url` opens it."""

    id: int
    name: str
    query: str
    words: str
    url: str
    pinned: bool


@dataclass(frozen=True)
class Pin:
    """A pinned search with how many messages it finds; `url` opens just these."""

    name: str
    count: int
    is_estimate: bool
    period: str
    url: str


def searches_of(session: Session, owner: str | None) -> list[Saved]:
    """All of an owner's searches, by name."""
    if owner is None:
        return []
    own = select(SavedSearch.__table__).where(SavedSearch.owner == owner).order_by(SavedSearch.name)
    return [
        Saved(row.id, row.name, row.query, words_of(row.query), f"/messages?{row.query}", row.pinned)
        for row in session.execute(own)
    ]


def words_of(query: str) -> str:
    """A search's filters in words, as their chips tell them."""
    given, names = dict(parse_qsl(query)), labels(MessageListFilter)
    chips = [
        f"{label} {value_words(name, text)}"
        for name, title in names.items()
        if name in given and name not in ("start_date", "end_date")
        for label, text, _ in MessageListFilter.chips(name, title, given[name])
    ]
    return ", ".join([*chips, *(["a period"] if {"start_date", "end_date"} & given.keys() else [])])


def pins_of(session: Session, owner: str | None, at: datetime) -> Sequence[Pin]:
    """The pinned ones with their counts: over their own period, else the 24 hours up to `at`."""
    pinned = [each for each in searches_of(session, owner) if each.pinned]
    return [_counted(session, each, at) for each in pinned[:MOST_PINNED]]


def _counted(session: Session, saved: Saved, at: datetime) -> Pin:
    given = dict(parse_qsl(saved.query))
    has_period = bool({"start_date", "end_date"} & given.keys())
    asked = given if has_period else {**given, "start_date": iso(at - LATELY)}
    conditions = MessageListFilter.model_validate(asked).conditions()
    count, is_estimate = MESSAGES.opened(session).count(conditions, EXACT)
    period = "in its period" if has_period else "in 24 h"
    return Pin(saved.name, count, is_estimate, period, f"/messages?{urlencode(asked)}")
