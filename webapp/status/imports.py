"""How far mailcow's logs have been read, what was lost or set aside, and what still waits for its other half.
Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select, text
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.ingest import offered
from webapp.lists.conditions import Conditions
from webapp.lists.daylist import EXACT, DayList
from webapp.parse.words import LogSource
from webapp.status.answers import Completion, IncompleteMessage
from webapp.status.standing import tally
from webapp.tables.db import now
from webapp.tables.logs import ClockJump, LogCursor, LogGap, SetAsideRow

SOURCES = tuple(LogSource)
MOST_GAPS = 50
RECENT_GAPS = 20
MOST_ROWS = 50
LONGEST_SHOWN = 2000  # characters of a row that could not be understood
RECENT = 10  # messages


Cursor = Row[str, datetime | None, datetime | None, datetime | None]


@dataclass(frozen=True)
class Import:
    """One log: the newest stored row's import, the last time its list was read to the head, and what is
    stored.

    `lost` and `set_aside` are counts; `total` is an estimate where `total_is_estimate`; `absent` is why a log
    that mailcow need not have is not read.
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
    absent: str | None = None

    @property
    def lag(self) -> float | None:
        """Seconds since the list was read to its head; None where it never was."""
        return (now() - self.last_fetch_run).total_seconds() if self.last_fetch_run else None


def imports(session: Session, settings: Settings) -> list[Import]:
    """All logs."""
    clocks = LogCursor.source, LogCursor.newest, LogCursor.imported_at, LogCursor.fetched_at
    cursors = {row.source: row for row in session.execute(select(*clocks))}
    lost, aside = count_gaps(session), count_set_aside(session)
    found = [_import(session, each, cursors.get(each), lost[each], aside[each]) for each in SOURCES]
    return [replace(one, absent=_absent(one.source, settings)) for one in found]


def read_imports(session: Session, settings: Settings) -> list[Import]:
    """Those logs that are read."""
    return [one for one in imports(session, settings) if one.absent is None]


def _absent(source: str, settings: Settings) -> str | None:
    """Why a log is not read; None where it is."""
    if source != LogSource.DOVECOT:
        return None
    if not settings.dovecot_logs:
        return "switched off (DOVECOT_LOGS)"
    found = offered.refused(source)
    return f"not offered by this mailcow: {found.reason}" if found else None


def _import(session: Session, source: str, cursor: Cursor | None, lost: int, aside: int) -> Import:
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
    return _counted(session, select(LogGap.source))


def count_set_aside(session: Session) -> dict[str, int]:
    """How many rows of each log were set aside; counting stops at 10,000."""
    return _counted(session, select(SetAsideRow.source).limit(EXACT))


def _counted(session: Session, sources: Select[Any]) -> dict[str, int]:
    named = sources.subquery().c.source
    found = {row[0]: row[1] for row in session.execute(select(named, func.count()).group_by(named))}
    return {source: found.get(source, 0) for source in SOURCES}


def gaps(session: Session) -> Sequence[Row[Any]]:
    """The spans in which lines were lost, newest first."""
    newest = select(LogGap.__table__).order_by(LogGap.detected_at.desc(), LogGap.id.desc())
    return session.execute(newest.limit(MOST_GAPS)).all()


def recent_gaps(session: Session, since: datetime) -> Sequence[LogGap]:
    """The gaps noticed since then, newest first, at most 20."""
    newest = select(LogGap).where(LogGap.detected_at >= since).order_by(LogGap.detected_at.desc())
    return session.scalars(newest.limit(RECENT_GAPS)).all()


def clock_jumps(session: Session) -> Sequence[Row[Any]]:
    """The jumps of the mailcow server's clock, those noticed last first."""
    newest = select(ClockJump.__table__).order_by(ClockJump.detected_at.desc(), ClockJump.id.desc())
    return session.execute(newest.limit(MOST_GAPS)).all()


def set_aside(session: Session) -> Sequence[Row[Any]]:
    """The rows that could not be understood, newest first."""
    shown = func.left(SetAsideRow.row, LONGEST_SHOWN).label("row")
    newest = select(SetAsideRow.source, SetAsideRow.seen_at, SetAsideRow.reason, shown).order_by(
        SetAsideRow.seen_at.desc(), SetAsideRow.id.desc()
    )
    return session.execute(newest.limit(MOST_ROWS)).all()


def correlation(session: Session) -> Completion:
    """How many messages are complete, and when lines were last joined to messages."""
    joined = LogCursor.source.in_((LogSource.POSTFIX, LogSource.RSPAMD))
    last = session.scalar(select(func.max(LogCursor.imported_at)).where(joined))
    return tally(session.connection()).completion(last)


def recent_incomplete(session: Session) -> list[IncompleteMessage]:
    """The messages that wait for a line or a row, those that were heard of last first, as their own small
    index has them."""
    rows = session.execute(
        text(
            "SELECT correlation_key, message_id, queue_id, sender, recipients[1] AS recipient, subject, "
            "final_status, first_seen AS created_at "
            "FROM messages WHERE correlation = 'open' ORDER BY last_seen DESC LIMIT :most"
        ),
        {"most": RECENT},
    )
    moment = now()
    return [
        IncompleteMessage(**row._mapping, age_minutes=int((moment - row.created_at).total_seconds() // 60))
        for row in rows
    ]
