"""How far mailcow's logs have been read, what was lost or set aside, and what still waits for its other half.
Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.lists.conditions import Conditions
from webapp.lists.daylist import EXACT, DayList
from webapp.parse.words import LogSource
from webapp.status.standing import tally
from webapp.tables.db import now
from webapp.tables.logs import LogGap

SOURCES = tuple(LogSource)
MOST_GAPS = 50
RECENT_GAPS = 20
MOST_ROWS = 50
RECENT = 10  # messages


@dataclass(frozen=True)
class Import:
    """One log: the newest stored row's import, the last time its list was read to the head, and what is
    stored.

    `lost` and `set_aside` are counts; `total` is an estimate where `total_is_estimate`.
    """

    source: str
    last_import: datetime | None
    last_fetch_run: datetime | None
    newest_entry: datetime | None
    oldest_entry: datetime | None
    total: int
    total_is_estimate: bool
    lost: int
    set_aside: int

    @property
    def lag(self) -> float | None:
        """Seconds since the list was read to its head; None where it never was."""
        return (now() - self.last_fetch_run).total_seconds() if self.last_fetch_run else None


def imports(session: Session) -> list[Import]:
    """The three logs."""
    cursors = {
        row.source: row
        for row in session.execute(text("SELECT source, newest, imported_at, fetched_at FROM log_cursors"))
    }
    lost, aside = count_gaps(session), count_set_aside(session)
    return [_import(session, source, cursors.get(source), lost[source], aside[source]) for source in SOURCES]


def _import(session: Session, source: str, cursor: Any, lost: int, aside: int) -> Import:
    listed = DayList(session.connection(), f"{source}_logs", "time")
    total, is_estimate = listed.count(Conditions())
    return Import(
        source,
        cursor.imported_at if cursor else None,
        cursor.fetched_at if cursor else None,
        cursor.newest if cursor else None,
        _oldest(session, source, listed),
        total,
        is_estimate,
        lost,
        aside,
    )


def _oldest(session: Session, source: str, listed: DayList) -> datetime | None:
    """The time of the oldest row: asked day by day, because the newest days never hold it."""
    parts = [f"{source}_logs_{day:%Y%m%d}" for day in reversed(listed.days)] + [f"{source}_logs_default"]
    rows = session.scalars(
        text(" UNION ALL ".join(f"(SELECT min(time) AS time FROM {part})" for part in parts))
    ).all()
    return min((time for time in rows if time is not None), default=None)


def count_gaps(session: Session) -> dict[str, int]:
    """How many gaps each log has."""
    return _counted(session, "SELECT source, count(*) FROM log_gaps GROUP BY 1")


def count_set_aside(session: Session) -> dict[str, int]:
    """How many rows of each log were set aside; counting stops at 10,000."""
    return _counted(
        session,
        f"SELECT source, count(*) FROM (SELECT source FROM set_aside_rows LIMIT {EXACT}) AS rows GROUP BY 1",
    )


def _counted(session: Session, statement: str) -> dict[str, int]:
    found = {row[0]: row[1] for row in session.execute(text(statement))}
    return {source: found.get(source, 0) for source in SOURCES}


def gaps(session: Session) -> Sequence[Any]:
    """The spans in which lines were lost, newest first."""
    return session.execute(
        text(
            'SELECT id, source, start, "end", detected_at FROM log_gaps '
            f"ORDER BY detected_at DESC, id DESC LIMIT {MOST_GAPS}"
        )
    ).all()


def recent_gaps(session: Session, since: datetime) -> Sequence[LogGap]:
    """The gaps noticed since then, newest first, at most 20."""
    newest = select(LogGap).where(LogGap.detected_at >= since).order_by(LogGap.detected_at.desc())
    return session.scalars(newest.limit(RECENT_GAPS)).all()


def set_aside(session: Session) -> Sequence[Any]:
    """The rows that could not be understood, newest first."""
    return session.execute(
        text(
            f"SELECT source, seen_at, reason, left(row, 2000) AS row FROM set_aside_rows "
            f"ORDER BY seen_at DESC, id DESC LIMIT {MOST_ROWS}"
        )
    ).all()


def correlation(session: Session) -> dict[str, Any]:
    """How many messages are complete, and when lines were last joined to messages."""
    last = session.scalar(
        text("SELECT max(imported_at) FROM log_cursors WHERE source IN ('postfix', 'rspamd')")
    )
    return {"last_update": last, **tally(session.connection()).correlations()}


def recent_incomplete(session: Session) -> list[dict[str, Any]]:
    """The messages that wait for a line or a row, those that were heard of last first, as their own small
    index has them."""
    rows = session.execute(
        text(
            "SELECT correlation_key, message_id, queue_id, sender, recipients[1] AS recipient, subject, "
            "final_status, first_seen AS created_at "
            f"FROM messages WHERE correlation = 'open' ORDER BY last_seen DESC LIMIT {RECENT}"
        )
    )
    return [
        {**row._mapping, "age_minutes": int((now() - row.created_at).total_seconds() // 60)} for row in rows
    ]
