"""The queue over 24 hours: its length and how long its oldest mail waited, as they were sampled. Queries only
read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.dashboard.waiting import Standing, standing
from webapp.tables.db import now
from webapp.tables.queue import QueueSample
from webapp.web.charts import Line, line

HOUR, SPAN = timedelta(hours=1), timedelta(hours=24)
APART = timedelta(minutes=12)  # between two samples: beyond that the queue was not known


@dataclass(frozen=True)
class Hour:
    """The samples of one hour: fewest and most mails, and the longest wait in seconds; None where the queue
    was not known."""

    start: datetime
    end: datetime
    fewest: int | None
    most: int | None
    wait: float | None


@dataclass(frozen=True)
class QueueView:
    """The queue now, and over the last 24 hours: mails, and hours that the oldest waited. `since` is the
    first sample, None where there is none."""

    now: Standing
    hours: Sequence[Hour]
    mails: Line
    waits: Line
    since: datetime | None


def queue_view(session: Session) -> QueueView:
    """What the queue's card shows."""
    end = now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) + HOUR
    start = end - SPAN
    samples = session.scalars(
        select(QueueSample).where(QueueSample.at >= start).order_by(QueueSample.at)
    ).all()
    return QueueView(
        standing(session),
        [_hour(start + HOUR * number, samples) for number in range(24)],
        line([(one.at, float(one.mails)) for one in samples], start, end, APART),
        line([(one.at, _wait(one) / 3600) for one in samples], start, end, APART),
        samples[0].at if samples else None,
    )


def _hour(start: datetime, samples: Sequence[QueueSample]) -> Hour:
    found = [one for one in samples if start <= one.at < start + HOUR]
    lengths = [one.mails for one in found]
    return Hour(
        start,
        start + HOUR,
        min(lengths, default=None),
        max(lengths, default=None),
        max((_wait(one) for one in found), default=None),
    )


def _wait(sample: QueueSample) -> float:
    """Seconds that the oldest mail had waited."""
    return max((sample.at - sample.oldest).total_seconds(), 0.0) if sample.oldest else 0.0
