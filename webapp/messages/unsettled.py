"""The recipients of a message of whom no delivery tells: those whom its log or Rspamd names, and how many
more the queue manager counts. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from webapp.parse.words import Correlation, Outcome

IN_PROGRESS = "in progress"  # for one recipient what PENDING is for a message
ENDS = (Outcome.DISCARDED, Outcome.EXPIRED)  # what befalls at once all that are left in the queue


class Delivered(Protocol):
    """One recipient with an outcome."""

    recipient: str
    orig_to: str | None
    status: str | None


@dataclass(slots=True)
class Unnamed:
    """Recipients that no line and no scan names, and what became of them; None where nothing tells."""

    count: int
    status: str | None


def status_of_rest(message: Any, outcomes: Collection[str | None]) -> str | None:
    """What became of those without a delivery line, where `outcomes` are those of the others; None where the
    mail is over, or nothing more came, and no line tells."""
    for word in ENDS:
        if message.ended_at is not None and word in outcomes:
            return word
    is_over = message.ended_at is not None or message.correlation == Correlation.EXPIRED
    return None if is_over else IN_PROGRESS


def without_delivery(message: Any, deliveries: Sequence[Delivered]) -> list[str]:
    """The named recipients without an outcome of their own."""
    reached = {(person.orig_to or person.recipient).lower() for person in deliveries}
    return [address for address in message.recipients if address.lower() not in reached]


def count_unnamed(message: Any) -> int:
    """How many recipients there are besides those with a name."""
    return max(0, message.recipient_count - len(message.recipients))
