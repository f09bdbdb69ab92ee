"""Reading the quarantine: one page of it, its groups, what the API tells. Queries only read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.lists.daylist import Found
from webapp.mailcow.live import QUARANTINE, Listing, state_of
from webapp.quarantine.filter import QuarantineFilter, QuarantinePageFilter
from webapp.quarantine.items import Item, present, read


@dataclass(frozen=True)
class Group:
    """Messages with something in common; `newest` is the latest arrival, `highest` the highest score."""

    value: str
    count: int
    newest: datetime | None
    highest: float | None


def groups(items: Sequence[Item], by: str) -> list[Group]:
    """The items by action, recipient or sender, largest group first; one with two recipients counts for
    both."""
    members: dict[str, list[Item]] = {}
    for item in items:
        for value in _values(item, by):
            members.setdefault(value, []).append(item)
    found = [
        Group(
            value,
            len(group),
            max((item.created for item in group if item.created), default=None),
            max((item.score for item in group if item.score is not None), default=None),
        )
        for value, group in members.items()
    ]
    return sorted(found, key=lambda group: (-group.count, group.value))


def _values(item: Item, by: str) -> tuple[str, ...]:
    if by == "recipient":
        return item.recipients
    return (item.action,) if by == "action" else (item.sender,)


def counts(items: Sequence[Item]) -> dict[str, int]:
    """How many messages were kept by each action, most first."""
    return dict(Counter(item.action for item in items).most_common())


def found_in(items: Sequence[Item], chosen: QuarantinePageFilter) -> Found:
    """The page of items, or of groups, that the filter names."""
    rows: list[Any] = list(groups(items, chosen.group)) if chosen.group else list(items)
    return Found(
        rows[chosen.offset : chosen.offset + chosen.limit], len(rows), False, chosen.page, chosen.limit
    )


def answer(listing: Listing, chosen: QuarantineFilter) -> dict[str, Any]:
    """The quarantine as the API gives it."""
    data = [present(item) for item in chosen.chosen_from(read(listing.rows))]
    return {"total": len(data), "data": data, **state_of(QUARANTINE, listing)}
