"""What the queue can be filtered, sorted and grouped by: one object for the page, its actions and the API."""

from typing import Annotated

from pydantic import Field

from webapp.lists.livefilter import (
    Grouping,
    LiveFilter,
    LivePageFilter,
    Sort,
    is_sender,
    one_of_orders,
    order_field,
)
from webapp.lists.params import Text, one_of
from webapp.mailqueue.entries import QUEUES, Entry
from webapp.web.badges import NOTICE_SENDER

SORTS: dict[str, Sort] = {
    "arrived": lambda entry: entry.arrival,
    "size": lambda entry: entry.size,
    "sender": lambda entry: entry.sender.lower(),
    "recipient": lambda entry: entry.recipients[0].address.lower() if entry.recipients else "",
    "reason": lambda entry: entry.reasons[0].lower(),
    "queue": lambda entry: entry.queue,
    "queue_id": lambda entry: entry.queue_id,
}
GROUPINGS: dict[str, Grouping[Entry]] = {
    "reason": Grouping("Reasons", "Reason", "no reason", lambda entry: entry.reasons),
    "domain": Grouping("Domains", "Destination", "no domain", lambda entry: entry.domains),
    "sender": Grouping("Senders", "Sender", NOTICE_SENDER, lambda entry: (entry.sender,)),
}


class QueueFilter(LiveFilter[Entry]):
    """Which messages of the queue, and in which order."""

    sorts = SORTS
    usual_sort = "-arrived"

    search: Text = Field(
        None,
        title="Search",
        description="Search in queue id, sender, recipients and what was said about them",
    )
    queue: Annotated[str | None, one_of(*QUEUES)] = Field(None, title="Queue", description=", ".join(QUEUES))
    reason: Text = Field(
        None,
        title="Reason",
        description="Only messages with a recipient that waits for this reason (as in `reasons`)",
    )
    domain: Text = Field(
        None, title="Destination", description="Only messages with a recipient in this domain"
    )
    sender: Text = Field(
        None, title="Sender", description="Only messages of this envelope sender; <> is the null sender"
    )
    sort: Annotated[str | None, one_of_orders(SORTS)] = order_field(SORTS)

    def fits(self, entry: Entry) -> bool:
        """True where the message is in the queue, and to, from and waits as asked."""
        return (
            (self.queue is None or entry.queue == self.queue)
            and super().fits(entry)
            and is_sender(self.sender, entry.sender)
            and (self.domain is None or self.domain.lower() in entry.domains)
            and (self.reason is None or self.reason in entry.reasons)
        )


class QueuePageFilter(QueueFilter, LivePageFilter[Entry]):
    """The page's parameters."""

    group: Annotated[str | None, one_of(*GROUPINGS)] = None
