"""Logs that a mailcow may lack: what it said when it was asked for one, kept in Redis for the Status page.

One that cannot be read and never could is asked for again after a while only.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import cache
from webapp.tables.db import now

REST = timedelta(minutes=10)
KEPT_SECONDS = 86400
EMPTY = "its list is empty"


@dataclass(frozen=True)
class Refused:
    """Why a list could not be read, and when it was asked for last."""

    reason: str
    asked_at: datetime


def note(source: str, reason: str) -> None:
    """Keep why the list could not be read."""
    cache.put(key_of(source), Refused(reason, now()), ttl=KEPT_SECONDS)


def settle(source: str, has_rows: bool) -> None:
    """The list was read; one that never had a row is no log."""
    if has_rows:
        cache.forget(key_of(source))
    else:
        note(source, EMPTY)


def refused(source: str) -> Refused | None:
    """Why the list could not be read last, or None where it could."""
    return cache.fetch(key_of(source), Refused)


def is_resting(source: str) -> bool:
    """True where it was asked for in vain a short time ago."""
    found = refused(source)
    return found is not None and found.reason != EMPTY and now() - found.asked_at < REST


def key_of(source: str) -> str:
    """Under which name it is kept."""
    return f"offered:{source}"
