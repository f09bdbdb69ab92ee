"""The answers of /api/mailbox-stats, each kept for five minutes by its parameters; an import clears them."""

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from webapp import cache
from webapp.alerts.signs import current
from webapp.lists.params import Parameters
from webapp.mailboxes import answers, queries
from webapp.mailboxes.filter import DailyFilter, DayRange, MailboxFilter
from webapp.mailcow.accounts import ALIASES, MAILBOXES, last_read
from webapp.tables.db import iso

FRESH = 300  # seconds


def _kept(name: str, chosen: Parameters | None, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    parameters = chosen.model_dump_json().encode("utf-8", "replace") if chosen else b""
    return cache.cached(f"mailboxes:{name}:{hashlib.sha256(parameters).hexdigest()}", FRESH, make, dict)


def _span(chosen: DayRange) -> dict[str, Any]:
    days = chosen.days
    return {"date_range": chosen.date_range, "start_date": iso(days.start), "end_date": iso(days.end)}


def summary(session: Session, chosen: DayRange) -> dict[str, Any]:
    """The answer of /api/mailbox-stats/summary."""
    return _kept(
        "summary",
        DayRange(**chosen.model_dump(include=set(DayRange.model_fields))),
        lambda: {
            **answers.summary(queries.summary(session, chosen.days), last_read(session)[MAILBOXES]),
            **_span(chosen),
        },
    )


def every(session: Session, chosen: MailboxFilter) -> dict[str, Any]:
    """The answer of /api/mailbox-stats/all, and for each mailbox its days as the page draws them."""
    return _kept("all", chosen, lambda: _every(session, chosen))


def _every(session: Session, chosen: MailboxFilter) -> dict[str, Any]:
    found = queries.page(session, chosen)
    return {
        "total": found.total,
        "page": chosen.page,
        "page_size": chosen.page_size,
        "total_pages": -(-found.total // chosen.page_size),
        **_span(chosen),
        "mailboxes": [answers.mailbox(entry) for entry in found.entries],
    }


def domains(session: Session) -> dict[str, Any]:
    """The answer of /api/mailbox-stats/domains."""
    return _kept(
        "domains", None, lambda: {"domains": [dict(row._mapping) for row in queries.domains(session)]}
    )


def refresh(session: Session) -> dict[str, Any]:
    """The answer of /api/mailbox-stats/refresh: when the lists were read, and why not since."""
    read = last_read(session)
    return {
        "last_mailbox_update": iso(read[MAILBOXES].taken_at),
        "last_alias_update": iso(read[ALIASES].taken_at),
        "mailbox_error": read[MAILBOXES].error,
        "alias_error": read[ALIASES].error,
    }


def around(session: Session) -> dict[str, Any]:
    """What the page shows around its list: domains, signs of trouble, when the lists were read."""
    return _kept("around", None, lambda: _around(session))


def _around(session: Session) -> dict[str, Any]:
    signs = [
        {"username": sign.username, "title": sign.title, "sentence": sign.sentence, "since": iso(sign.since)}
        for sign in current(session)
    ]
    return {"signs": signs, **domains(session), **refresh(session)}


def daily(session: Session, chosen: DailyFilter) -> dict[str, Any]:
    """The answer of /api/mailbox-stats/daily; `truncated` where there are more rows."""
    rows = queries.daily(session, chosen)
    return {
        **_span(chosen),
        "domain": chosen.domain,
        "truncated": len(rows) == queries.MOST_DAYS,
        "days": [answers.day(row) for row in rows],
    }
