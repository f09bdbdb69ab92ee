"""How far mailcow's logs have been read, what was lost or set aside, and what still waits for its other half.
Queries only read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, literal_column, select, text
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
from webapp.tables.messages import life_key
from webapp.tables.together import Together

SOURCES = tuple(LogSource)
MOST_GAPS = 50
RECENT_GAPS = 20
MOST_ROWS = 50
LONGEST_SHOWN = 2000  # characters of a row that could not be understood
RECENT = 10  # messages


ASIDE = select(SetAsideRow.source).limit(literal_column(str(EXACT))).subquery()
KEPT = Together(
    cursors=select(LogCursor.source, LogCursor.newest, LogCursor.imported_at, LogCursor.fetched_at),
    gaps=select(LogGap.source, func.count().label("n")).group_by(LogGap.source),
    aside=select(ASIDE.c.source, func.count().label("n")).group_by(ASIDE.c.source),  # counted up to 10,000
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


def imports(session: Session, settings: Settings) -> list[Import]:
    """All logs."""
    kept = KEPT.ask(session.connection(), {})
    cursors = {row.source: row for row in kept["cursors"]}
    lost, aside = ({row.source: row.n for row in kept[name]} for name in ("gaps", "aside"))
    lists = {each: DayList(session.connection(), f"{each}_logs", "time") for each in SOURCES}
    oldest = _oldest(session, lists)
    found = [
        _import(each, lists[each], cursors.get(each), oldest[each], lost.get(each, 0), aside.get(each, 0))
        for each in SOURCES
    ]
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


def _import(
    source: str, listed: DayList, cursor: Any | None, oldest: datetime | None, lost: int, aside: int
) -> Import:
    total, is_estimate = listed.count(Conditions())
    return Import(
        source,
        cursor.imported_at if cursor else None,
        cursor.fetched_at if cursor else None,
        cursor.newest if cursor else None,
        oldest,
        total,
        is_estimate,
        lost,
        aside,
    )


def _oldest(session: Session, lists: Mapping[LogSource, DayList]) -> dict[str, datetime | None]:
    """The time of each log's oldest row: asked day by day, by the index of each."""
    parts = [
        (source, part)
        for source, listed in lists.items()
        for part in (*(f"{source}_logs_{day:%Y%m%d}" for day in listed.days), f"{source}_logs_default")
    ]
    asked = " UNION ALL ".join(
        f"SELECT '{source}' AS source, min(time) AS time FROM {part}" for source, part in parts
    )
    rows = session.execute(text(f"SELECT source, min(time) FROM ({asked}) AS days GROUP BY source"))
    found = {row[0]: row[1] for row in rows}
    return {source: found.get(source) for source in lists}


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
        IncompleteMessage(
            correlation_key=row.correlation_key or life_key(row.queue_id, row.created_at),
            message_id=row.message_id,
            queue_id=row.queue_id,
            sender=row.sender,
            recipient=row.recipient,
            subject=row.subject,
            final_status=row.final_status,
            created_at=row.created_at,
            age_minutes=int((moment - row.created_at).total_seconds() // 60),
        )
        for row in rows
    ]
