"""What happened to a message, in one plain sentence."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from webapp.messages.dsn import meaning

PAST = {
    "delivered": "was delivered to",
    "bounced": "was returned as undeliverable for",
    "deferred": "is waiting in the queue for",
    "rejected": "was refused for",
    "expired": "was given up after too many tries for",
    "discarded": "was accepted and thrown away for",
}
SHORT = {
    "delivered": "delivered",
    "bounced": "bounced",
    "deferred": "still waiting",
    "rejected": "refused",
    "expired": "given up",
    "discarded": "thrown away",
}
SERVICES = {
    "notice": "This notice from the mail server",
    "bcc": "This BCC copy",
    "quarantine": "This mail released from the quarantine",
}


def summary_of(message: Any, deliveries: Sequence[Any]) -> str:
    """One sentence for people: who got it, or why not."""
    subject = SERVICES.get(message.service or "", "The mail")
    if not deliveries:
        return f"{subject} {_without_recipients(message)}"
    words = Counter(delivery.status for delivery in deliveries)
    if len(words) > 1:
        parts = [f"{SHORT[word]} for {count}" for word, count in words.most_common()]
        return (
            f"{subject} had different outcomes: {', '.join(parts[:-1])} and {parts[-1]} of "
            f"{len(deliveries)} recipients."
        )
    word, last = deliveries[0].status, deliveries[-1]
    who = (last.orig_to or last.recipient) if len(deliveries) == 1 else f"all {len(deliveries)} recipients"
    return f"{subject} {PAST[word]} {who}{_place(message, word)}{_reason(last, word)}."


def _place(message: Any, word: str) -> str:
    if word == "delivered" and message.final_status == "spam":
        return ", marked as spam: it lies in the Junk folder"
    if word == "deferred" and message.ended_at is None:
        return " and will be tried again"
    return ""


def _reason(delivery: Any, word: str) -> str:
    words = meaning(delivery.dsn, word) if word in ("bounced", "deferred", "rejected", "expired") else None
    return f": {words}" if words else ""


def _without_recipients(message: Any) -> str:
    if message.kind == "scan":
        return "was seen by Rspamd, but Postfix's log has no line of it."
    if message.final_status == "rejected":
        return "was refused before its recipients were logged."
    if message.final_status == "discarded":
        return "was accepted and thrown away."
    if message.ended_at is not None:
        return "never came in whole: the sending side broke off."
    return "is on its way: no outcome has been logged yet."
