"""Figures over all messages that no page counts itself: a job keeps them in Redis, day by day, and only
changed days are counted anew."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Connection, Text, text

from webapp import cache
from webapp.config import Settings
from webapp.parse.words import UNKNOWN_DIRECTION, Correlation, Outcome
from webapp.status.answers import Completion
from webapp.trace import correlate

TALLY, BACKLOG = "standing:messages", "standing:backlog"
SMALL = 4 * 1024 * 1024  # bytes of a partition that is counted at once, whoever asks
FRESH = 60  # seconds that the figures of waiting messages are good for

DAYS = text("""
    SELECT c.relname AS name, pg_relation_size(c.oid) AS size, concat_ws('/', c.oid,
        pg_stat_get_tuples_inserted(c.oid),
           pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_deleted(c.oid)) AS mark
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'messages'::regclass ORDER BY
        1""").columns(name=Text, size=BigInteger, mark=Text)


Group = tuple[str, str, str, int]  # outcome, direction, correlation, how many


@dataclass(frozen=True)
class Day:
    """The messages of one day by (outcome, direction, correlation, how many); `mark` changes with them."""

    mark: str
    counts: list[Group]


@dataclass(frozen=True)
class Tally:
    """How many messages there are by (outcome, direction, correlation)."""

    counts: Counter[tuple[str, str, str]]

    @property
    def total(self) -> int:
        """All messages."""
        return self.counts.total()

    def by(self, place: int) -> Counter[str]:
        """The messages by one of the three words."""
        found: Counter[str] = Counter()
        for words, number in self.counts.items():
            found[words[place]] += number
        return found

    def completion(self, last_update: datetime | None) -> Completion:
        """How many are complete; lines were last joined to messages at `last_update`."""
        states, total = self.by(2), self.total
        return Completion(
            last_update=last_update,
            total=total,
            complete=states[Correlation.COMPLETE],
            incomplete=total - states[Correlation.COMPLETE],
            expired=states[Correlation.EXPIRED],
            completion_rate=round(100 * states[Correlation.COMPLETE] / total, 2) if total else 0.0,
        )


def tally(connection: Connection, whole: bool = False, days: Sequence[Any] | None = None) -> Tally:
    """The messages by outcome, direction and correlation; `days` are the rows of DAYS, where they are known.

    Big days that changed since they were counted are counted anew only where `whole`; small ones always.
    """
    kept = cache.fetch(TALLY, dict[str, Day]) or {}
    parts = connection.execute(DAYS).all() if days is None else days
    empty = {part.name: list[Group]() for part in parts if part.size == 0}
    stale = [part.name for part in parts if part.size and _is_stale(part, kept.get(part.name), whole)]
    counted = empty | _counted(connection, stale)
    found = {
        part.name: Day(part.mark, counted[part.name]) if part.name in counted else kept[part.name]
        for part in parts
    }
    if found != kept:
        cache.put(TALLY, found)
    counts: Counter[tuple[str, str, str]] = Counter()
    for day in found.values():
        counts.update(
            {(outcome, direction, state): number for outcome, direction, state, number in day.counts}
        )
    return Tally(counts)


def _is_stale(part: Any, kept: Day | None, whole: bool) -> bool:
    """True for a day that has to be counted."""
    return kept is None or part.size <= SMALL or (whole and kept.mark != part.mark)


def _counted(connection: Connection, names: Sequence[str]) -> dict[str, list[Group]]:
    """The messages of these days, counted."""
    found: dict[str, list[Group]] = {name: [] for name in names}
    if not names:
        return found
    days = " UNION ALL ".join(
        f"SELECT '{name}', coalesce(final_status, '{Outcome.PENDING}'), "
        f"coalesce(direction, '{UNKNOWN_DIRECTION}'), correlation, count(*) FROM {name} GROUP BY 2, 3, 4"
        for name in names
    )
    for name, *group in connection.exec_driver_sql(days):
        found[name].append(cast(Group, tuple(group)))
    return {name: sorted(counts) for name, counts in found.items()}


def take_backlog(connection: Connection, settings: Settings) -> dict[str, int]:
    """Count the messages that wait for the correlation jobs, and keep the figures."""
    figures = correlate.backlog(connection, settings)
    cache.put(BACKLOG, figures, ttl=10 * FRESH)
    return figures


def backlog(connection: Connection, settings: Settings) -> dict[str, int]:
    """How many messages wait for each correlation job, as last counted."""
    kept = cache.fetch(BACKLOG, dict[str, int])
    return take_backlog(connection, settings) if kept is None else kept


def take(connection: Connection, settings: Settings) -> dict[str, int]:
    """Bring all these figures up to date; returns two of them for the history of runs."""
    return {
        "messages_counted": tally(connection, whole=True).total,
        "waiting": sum(take_backlog(connection, settings).values()),
    }
