"""What a search looked through: since when, until when, and where lines are missing. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.tables.logs import LogCursor, LogGap
from webapp.tables.messages import Message

MOST_GAPS = 5
SOURCE = "postfix"


@dataclass(frozen=True)
class Gap:
    """A span in which lines were lost."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Coverage:
    """The first message that is kept, when mailcow's log was last read to its end (None where never), and the
    newest gaps in it."""

    first: datetime | None
    read_at: datetime | None
    gaps: Sequence[Gap]


def coverage(session: Session, start: datetime | None, end: datetime | None) -> Coverage:
    """What stands behind the answer that nothing matches between two moments."""
    oldest = select(func.min(Message.first_seen)).scalar_subquery()
    read_at = select(LogCursor.fetched_at).where(LogCursor.source == SOURCE).scalar_subquery()
    first, read = session.execute(select(oldest, read_at)).one()
    missing = select(LogGap.start, LogGap.end).where(LogGap.source == SOURCE)
    if start:
        missing = missing.where(LogGap.end >= start)
    if end:
        missing = missing.where(LogGap.start <= end)
    rows = session.execute(missing.order_by(LogGap.start.desc()).limit(MOST_GAPS)).all()
    return Coverage(first, read, [Gap(*row) for row in rows])
