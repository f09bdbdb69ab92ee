"""What the quarantine can be filtered, sorted and grouped by: one object for the page, its actions and the
API."""

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
from webapp.quarantine.items import ACTIONS, Item
from webapp.web.badges import NOTICE_SENDER

SORTS: dict[str, Sort] = {
    "created": lambda item: item.created.timestamp() if item.created else 0,
    "score": lambda item: item.score if item.score is not None else -1e9,
    "sender": lambda item: item.sender.lower(),
    "recipient": lambda item: item.recipients[0].lower(),
    "subject": lambda item: item.subject.lower(),
    "action": lambda item: item.action,
}
GROUPINGS: dict[str, Grouping[Item]] = {
    "action": Grouping("Verdicts", "Action", "unknown", lambda item: (item.action,)),
    "recipient": Grouping("Recipients", "Recipient", "unknown", lambda item: item.recipients),
    "sender": Grouping("Senders", "Sender", NOTICE_SENDER, lambda item: (item.sender,)),
}


class QuarantineFilter(LiveFilter[Item]):
    """Which messages of the quarantine, and in which order."""

    sorts = SORTS
    usual_sort = "-created"

    search: Text = Field(
        None, title="Search", description="Search in subject, sender, recipients and queue id"
    )
    action: Annotated[str | None, one_of(*ACTIONS, "virus")] = Field(
        None, title="Action", description=f"{', '.join(ACTIONS)}, or virus"
    )
    recipient: Text = Field(None, title="Recipient", description="Only messages for this mailbox")
    sender: Text = Field(
        None, title="Sender", description="Only messages of this sender; <> is the null sender"
    )
    sort: Annotated[str | None, one_of_orders(SORTS)] = order_field(SORTS)

    def fits(self, item: Item) -> bool:
        """True where the message was kept for the action, and is to and from whom is asked for."""
        return (
            (self.action is None or (item.is_virus if self.action == "virus" else item.action == self.action))
            and super().fits(item)
            and is_sender(self.sender, item.sender)
            and (self.recipient is None or self.recipient.lower() in map(str.lower, item.recipients))
        )


class QuarantinePageFilter(QuarantineFilter, LivePageFilter[Item]):
    """The page's parameters."""

    group: Annotated[str | None, one_of(*GROUPINGS)] = None
