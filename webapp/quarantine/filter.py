"""What the quarantine can be filtered and sorted by: one object for the page, its actions and the API."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from webapp.lists.params import Paging, Parameters, Text, between, one_of
from webapp.quarantine.items import ACTIONS, Item

SORTS: dict[str, Callable[[Item], Any]] = {
    "created": lambda item: item.created.timestamp() if item.created else 0,
    "score": lambda item: item.score if item.score is not None else -1e9,
    "sender": lambda item: item.sender.lower(),
    "recipient": lambda item: item.recipients[0].lower(),
    "subject": lambda item: item.subject.lower(),
    "action": lambda item: item.action,
}
DIRECTIONS = tuple(sign + name for name in SORTS for sign in ("", "-"))
GROUPS = ("action", "recipient", "sender")
NARROWING = ("search", "action", "recipient", "sender")
KEPT = (*NARROWING, "sort", "group", "limit")


class QuarantineFilter(Parameters):
    """Which messages of the quarantine, and in which order."""

    search: Text = Field(None, description="Search in subject, sender, recipients and queue id")
    action: Annotated[str | None, one_of(*ACTIONS, "virus")] = Field(
        None, description=f"{', '.join(ACTIONS)}, or virus"
    )
    recipient: Text = Field(None, description="Only messages for this mailbox")
    sender: Text = Field(None, description="Only messages of this sender; <> is the null sender")
    sort: Annotated[str | None, one_of(*DIRECTIONS)] = Field(
        None, description=f"{', '.join(SORTS)}; with - before it descending"
    )

    def chosen_from(self, items: Sequence[Item]) -> list[Item]:
        """The items that match, in the order asked for; newest first by default."""
        order = self.sort or "-created"
        found = [item for item in items if self._has(item)]
        return sorted(found, key=SORTS[order.lstrip("-")], reverse=order.startswith("-"))

    def _has(self, item: Item) -> bool:
        sender = "" if self.sender == "<>" else self.sender
        return (
            (self.action is None or (item.is_virus if self.action == "virus" else item.action == self.action))
            and (self.search is None or self.search.lower() in item.text)
            and (sender is None or item.sender.lower() == sender.lower())
            and (self.recipient is None or self.recipient.lower() in map(str.lower, item.recipients))
        )


class QuarantinePageFilter(QuarantineFilter, Paging):
    """The page's parameters."""

    limit: Annotated[int, between(1, 500)] = Field(100, description="Items per page")
    group: Annotated[str | None, one_of(*GROUPS)] = None
