"""The queue's length every few minutes, so that pages can tell whether it grows."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.mailcow import live
from webapp.mailcow.live import QUEUE
from webapp.mailqueue.entries import Entry, read
from webapp.tables.db import utc
from webapp.tables.queue import QueueSample

STEP = 300  # seconds
MOST_DESTINATIONS = 200


def take(session: Session) -> dict[str, int]:
    """Keep the list last seen as the sample of its five minutes; one that could not be read anew is none."""
    listing = live.last(QUEUE, session)
    if listing.taken_at is None or listing.error:
        return {}
    at = utc(listing.taken_at.timestamp() // STEP * STEP)
    sample = insert(QueueSample).values(at=at, **_measured(read(listing.rows)))
    newer = {name: sample.excluded[name] for name in ("mails", "oldest", "destinations")}
    session.execute(sample.on_conflict_do_update(index_elements=["at"], set_=newer))
    return {"queued": len(listing.rows)}


def _measured(entries: Sequence[Entry]) -> dict[str, object]:
    counted = Counter(domain for entry in entries for domain in entry.domains)
    return {
        "mails": len(entries),
        "oldest": oldest(entries),
        "destinations": dict(counted.most_common(MOST_DESTINATIONS)),
    }


def oldest(entries: Sequence[Entry]) -> datetime | None:
    """When the first of them arrived; None where none tells its time."""
    first = min((entry.arrival for entry in entries if entry.arrival), default=None)
    return None if first is None else utc(first)
