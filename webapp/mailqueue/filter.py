"""What the queue can be filtered and sorted by: one object for the page, its actions and the API."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from webapp.lists.params import Paging, Parameters, Text, between, one_of
from webapp.mailqueue.entries import QUEUES, Entry

SORTS: dict[str, Callable[[Entry], Any]] = {
    "arrived": lambda entry: entry.arrival,
    "size": lambda entry: entry.size,
    "sender": lambda entry: entry.sender.lower(),
    "recipient": lambda entry: entry.waiting[0].address.lower() if entry.waiting else "",
    "reason": lambda entry: entry.reasons[0].lower(),
    "queue": lambda entry: entry.queue,
    "queue_id": lambda entry: entry.queue_id,
}
DIRECTIONS = tuple(sign + name for name in SORTS for sign in ("", "-"))
GROUPS = ("reason", "domain", "sender")
NARROWING = ("search", "queue", "reason", "domain", "sender")
KEPT = (*NARROWING, "sort", "group", "limit")


class QueueFilter(Parameters):
    """Which messages of the queue, and in which order."""

    search: Text = Field(
        None, description="Search in queue id, sender, recipients and what was said about them"
    )
    queue: Annotated[str | None, one_of(*QUEUES)] = Field(None, description=", ".join(QUEUES))
    reason: Text = Field(
        None, description="Only messages with a recipient that waits for this reason (as in `reasons`)"
    )
    domain: Text = Field(None, description="Only messages with a recipient in this domain")
    sender: Text = Field(None, description="Only messages of this envelope sender; <> is the null sender")
    sort: Annotated[str | None, one_of(*DIRECTIONS)] = Field(
        None, description=f"{', '.join(SORTS)}; with - before it descending"
    )

    def chosen_from(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that match, in the order asked for; newest first by default."""
        order = self.sort or "-arrived"
        found = [entry for entry in entries if self._has(entry)]
        return sorted(found, key=SORTS[order.lstrip("-")], reverse=order.startswith("-"))

    def _has(self, entry: Entry) -> bool:
        sender = "" if self.sender == "<>" else self.sender
        return (
            (self.queue is None or entry.queue == self.queue)
            and (self.search is None or self.search.lower() in entry.text)
            and (sender is None or entry.sender.lower() == sender.lower())
            and (self.domain is None or self.domain.lower() in entry.domains)
            and (self.reason is None or self.reason in entry.reasons)
        )


class QueuePageFilter(QueueFilter, Paging):
    """The page's parameters."""

    limit: Annotated[int, between(1, 500)] = Field(100, description="Items per page")
    group: Annotated[str | None, one_of(*GROUPS)] = None
