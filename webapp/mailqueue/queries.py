"""Reading the queue: the API's answer, and what is told of a group. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.lists.livelist import live_answer
from webapp.mailcow.live import QUEUE, Listing
from webapp.mailqueue.answers import QueueAnswer
from webapp.mailqueue.entries import Entry, read
from webapp.mailqueue.filter import SORTS, QueueFilter

EMPTY_NOTE = "mailcow reports an empty queue; it reports the same when it cannot ask Postfix"


@dataclass(frozen=True)
class QueueFigures:
    """Of some messages: the earliest arrival, and the bytes together."""

    oldest: datetime | None
    size: int


def figures(entries: Sequence[Entry]) -> QueueFigures:
    """What is told of a group of messages."""
    dated = [entry for entry in entries if entry.arrival]
    oldest = min(dated, key=SORTS["arrived"]).arrived if dated else None
    return QueueFigures(oldest, sum(entry.size for entry in entries))


def answer(listing: Listing, chosen: QueueFilter) -> QueueAnswer:
    """The queue as the API gives it."""
    data = [{**entry.row, "reasons": entry.reasons} for entry in chosen.select(read(listing.rows))]
    note = EMPTY_NOTE if listing.taken_at and not listing.rows else None
    return live_answer(QueueAnswer, QUEUE, listing, data, note=note, last_not_empty=listing.earlier)
