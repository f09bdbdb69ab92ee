"""Whether what is read can be stored: every page says so where it cannot, as long as Redis remembers."""

from dataclasses import dataclass
from datetime import datetime

from webapp import cache
from webapp.tables.db import now

TROUBLE = "database:trouble"


@dataclass(frozen=True)
class Trouble:
    """Runs fail at the database `since` then, for this `reason`."""

    since: datetime
    reason: str


def trouble() -> Trouble | None:
    """The trouble there is, None where the last reading of the logs was stored."""
    return cache.fetch(TROUBLE, Trouble)


def note_trouble(reason: str) -> None:
    """Record that a run could not store its work; the first one's time is kept."""
    before = trouble()
    cache.put(TROUBLE, Trouble(before.since if before else now(), reason))


def note_stored() -> None:
    """Record that the logs were stored."""
    cache.forget(TROUBLE)
