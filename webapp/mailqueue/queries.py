"""Reading the queue: one page of it, its groups, what the API tells. Queries only read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.lists.daylist import Found
from webapp.mailcow.live import QUEUE, Listing, state_of
from webapp.mailqueue.entries import Entry, read
from webapp.mailqueue.filter import SORTS, QueueFilter, QueuePageFilter

EMPTY_NOTE = "mailcow reports an empty queue; it reports the same when it cannot ask Postfix"


@dataclass(frozen=True)
class Group:
    """Messages with something in common; `oldest` is the earliest arrival, `size` the bytes together."""

    value: str
    count: int
    oldest: datetime | None
    size: int


def groups(entries: Sequence[Entry], by: str) -> list[Group]:
    """The entries by reason, destination or sender, largest group first; one with two reasons counts for
    both."""
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        for value in _values(entry, by):
            members.setdefault(value, []).append(entry)
    found = [
        Group(value, len(group), _oldest(group), sum(entry.size for entry in group))
        for value, group in members.items()
    ]
    return sorted(found, key=lambda group: (-group.count, group.value))


def _oldest(entries: Sequence[Entry]) -> datetime | None:
    known = [entry for entry in entries if entry.arrival]
    return min(known, key=SORTS["arrived"]).arrived if known else None


def _values(entry: Entry, by: str) -> tuple[str, ...]:
    if by == "sender":
        return (entry.sender,)
    return entry.reasons if by == "reason" else entry.domains


def counts(entries: Sequence[Entry]) -> dict[str, int]:
    """How many messages each queue holds, most first."""
    return dict(Counter(entry.queue for entry in entries).most_common())


def found_in(entries: Sequence[Entry], chosen: QueuePageFilter) -> Found:
    """The page of entries, or of groups, that the filter names."""
    rows: list[Any] = list(groups(entries, chosen.group)) if chosen.group else list(entries)
    return Found(
        rows[chosen.offset : chosen.offset + chosen.limit], len(rows), False, chosen.page, chosen.limit
    )


def answer(listing: Listing, chosen: QueueFilter) -> dict[str, Any]:
    """The queue as the API gives it."""
    data = [{**entry.row, "reasons": entry.reasons} for entry in chosen.chosen_from(read(listing.rows))]
    note = EMPTY_NOTE if listing.taken_at and not listing.rows else None
    earlier = {"total": listing.earlier[0], "taken_at": listing.earlier[1]} if listing.earlier else None
    return {
        "total": len(data),
        "data": data,
        **state_of(QUEUE, listing),
        "note": note,
        "last_not_empty": earlier,
    }
