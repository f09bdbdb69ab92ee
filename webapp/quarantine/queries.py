"""Reading the quarantine: the API's answer, and what is told of a group. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.lists.livelist import live_answer
from webapp.mailcow.live import QUARANTINE, Listing
from webapp.quarantine.answers import QuarantineAnswer, QuarantineItem
from webapp.quarantine.filter import QuarantineFilter
from webapp.quarantine.items import Item, read


@dataclass(frozen=True)
class QuarantineFigures:
    """Of some messages: the latest arrival, and the highest score."""

    newest: datetime | None
    highest: float | None


def figures(items: Sequence[Item]) -> QuarantineFigures:
    """What is told of a group of messages."""
    return QuarantineFigures(
        max((item.created for item in items if item.created), default=None),
        max((item.score for item in items if item.score is not None), default=None),
    )


def present(item: Item) -> QuarantineItem:
    """The item as the API gives it."""
    first = item.rows[0]
    return QuarantineItem(
        id=int(item.ids[0]),
        ids=[int(one) for one in item.ids],
        qid=item.qid,
        subject=item.subject,
        sender=item.sender,
        recipients=item.recipients,
        created=item.created,
        reason=item.reason,
        rcpt=first.get("rcpt"),
        score=first.get("score"),
        action=first.get("action"),
        virus_flag=first.get("virus_flag"),
        notified=first.get("notified"),
    )


def answer(listing: Listing, chosen: QuarantineFilter) -> QuarantineAnswer:
    """The quarantine as the API gives it."""
    data = [present(item) for item in chosen.select(read(listing.rows))]
    return live_answer(QuarantineAnswer, QUARANTINE, listing, data)
