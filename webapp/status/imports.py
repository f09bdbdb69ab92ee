"""How far mailcow's logs have been read, what was lost or set aside, and what still waits for its other half.
Queries only read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, SelectBase, func, literal_column, select
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.ingest import offered
from webapp.lists.daylist import EXACT, DayList
from webapp.parse.words import LogSource
from webapp.status.answers import Completion, IncompleteMessage
from webapp.status.standing import tally
from webapp.tables.db import now
from webapp.tables.logs import ClockJump, LogCursor, LogGap, SetAsideRow
from webapp.tables.messages import Message, key_of
from webapp.tables.partitions import partition_name
from webapp.tables.together import Rows, Together

SOURCES = tuple(LogSource)
MOST_GAPS = 50
RECENT_GAPS = 20
MOST_ROWS = 50
LONGEST_SHOWN = 2000  # characters of a row that could not be understood
RECENT = 10  # messages


JOINED = (LogSource.POSTFIX, LogSource.RSPAMD)  # what messages are made of
ASIDE = select(SetAsideRow.source).limit(literal_column(str(EXACT))).subquery()
CURSORS = select(LogCursor.source, LogCursor.newest, LogCursor.imported_at, LogCursor.fetched_at)
KEPT: dict[str, SelectBase] = {  # parts of a statement (Together), for `imports`
    "cursors": CURSORS,
    "gaps": select(LogGap.source, func.count().label("n")).group_by(LogGap.source),
    "aside": select(ASIDE.c.source, func.count().label("n")).group_by(ASIDE.c.source),  # up to 10,000
}
TOGETHER = Together(**KEPT)
# the messages that wait for a line or a row, those that were heard of last first, as their own small index
# has them
INCOMPLETE = (
    select(
        Message.correlation_key,
        Message.message_id,
        Message.queue_id,
        Message.sender,
        Message.recipients[1].label("recipient"),
        Message.subject,
        Message.final_status,
        Message.first_seen,
    )
    .where(Message.correlation == literal_column("'open'"))
    .order_by(Message.last_seen.desc())
    .limit(literal_column(str(RECENT)))
)


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


def imports(session: Session, settings: Settings, kept: Rows | None = None) -> list[Import]:
    """All logs; `kept` are the rows of KEPT, where they are known."""
    kept = TOGETHER.ask(session.connection(), {}) if kept is None else kept
    cursors = {row.source: row for row in kept["cursors"]}
    lost, aside = ({row.source: row.n for row in kept[name]} for name in ("gaps", "aside"))
    lists = {each: DayList(session.connection(), f"{each}_logs", "time") for each in SOURCES}
    stored = _stored(session, lists)
    found = [
        _import(each, lists[each], cursors.get(each), stored[each], lost.get(each, 0), aside.get(each, 0))
        for each in SOURCES
    ]
    return [replace(one, absent=_absent(one.source, settings)) for one in found]


def read_imports(session: Session, settings: Settings, kept: Rows | None = None) -> list[Import]:
    """Those logs that are read."""
    return [one for one in imports(session, settings, kept) if one.absent is None]


def _absent(source: str, settings: Settings) -> str | None:
    """Why a log is not read; None where it is."""
    if source != LogSource.DOVECOT:
        return None
    if not settings.dovecot_logs:
        return "switched off (DOVECOT_LOGS)"
    found = offered.refused(source)
    return f"not offered by this mailcow: {found.reason}" if found else None


def _import(source: str, listed: DayList, cursor: Any | None, stored: Any, lost: int, aside: int) -> Import:
    total, is_estimate = listed.total(stored.counted)
    return Import(
        source,
        cursor.imported_at if cursor else None,
        cursor.fetched_at if cursor else None,
        cursor.newest if cursor else None,
        stored.oldest,
        total,
        is_estimate,
        lost,
        aside,
    )


def _stored(session: Session, lists: Mapping[LogSource, DayList]) -> dict[str, Any]:
    """By log, the time of its oldest row, and how many rows were counted (DayList.total)."""
    asked = " UNION ALL ".join(
        f"SELECT '{source}' AS source, {_oldest_of(listed)} AS oldest, {listed.total_sql()} AS counted"
        for source, listed in lists.items()
    )
    return {LogSource(row.source): row for row in session.connection().exec_driver_sql(asked)}


def _oldest_of(listed: DayList) -> str:
    """SQL of the time of the oldest row: asked day by day, until one has any, by the index of each."""
    days = " UNION ALL ".join(
        f"(SELECT time FROM {partition_name(listed.table, day)} ORDER BY time LIMIT 1)"
        for day in sorted(listed.extent.days)
    )
    strays = f"(SELECT min(time) FROM {listed.table}_default)"
    return f"least((SELECT time FROM ({days}) AS days LIMIT 1), {strays})" if days else strays


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
    cursors = session.execute(CURSORS).all()
    return tally(session.connection()).completion(last_joined(cursors))


def last_joined(cursors: Sequence[Any]) -> datetime | None:
    """When lines were last joined to messages, by the rows of all logs."""
    return max((row.imported_at for row in cursors if row.source in JOINED and row.imported_at), default=None)


def recent_incomplete(session: Session) -> list[IncompleteMessage]:
    """The messages that wait for a line or a row, those that were heard of last first."""
    return incomplete(session.execute(INCOMPLETE).all())


def incomplete(rows: Sequence[Any]) -> list[IncompleteMessage]:
    """The rows of INCOMPLETE, with their age."""
    moment = now()
    return [
        IncompleteMessage(
            correlation_key=key_of(row),
            message_id=row.message_id,
            queue_id=row.queue_id,
            sender=row.sender,
            recipient=row.recipient,
            subject=row.subject,
            final_status=row.final_status,
            created_at=row.first_seen,
            age_minutes=int((moment - row.first_seen).total_seconds() // 60),
        )
        for row in rows
    ]
