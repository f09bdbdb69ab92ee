"""What happened to a message, in one plain sentence."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from webapp.messages.dsn import meaning
from webapp.messages.filed import gathered, went_on
from webapp.messages.unsettled import IN_PROGRESS, count_unnamed, status_of_rest, without_delivery

PAST = {
    "delivered": "was delivered to",
    "bounced": "was returned as undeliverable for",
    "deferred": "is waiting in the queue for",
    "rejected": "was refused for",
    "expired": "was given up after too many tries for",
    "discarded": "was accepted and thrown away for",
}
SHORT: dict[str | None, str] = {
    "delivered": "delivered",
    "bounced": "bounced",
    "deferred": "still waiting",
    "rejected": "refused",
    "expired": "given up",
    "discarded": "thrown away",
    IN_PROGRESS: "in progress",
    None: "without an outcome in the log",
}
SERVICES = {
    "notice": "This notice from the mail server",
    "bcc": "This BCC copy",
    "quarantine": "This mail released from the quarantine",
    "quarantine_notice": "This notification from the mail server",
}


def summary_of(message: Any, deliveries: Sequence[Any]) -> str:
    """One sentence for people: who got it, or why not."""
    subject = SERVICES.get(message.service or "", "The mail")
    if not deliveries:
        return f"{subject} {_without_recipients(message)}"
    words: Counter[str | None] = Counter(delivery.status for delivery in deliveries)
    rest = status_of_rest(message, words)
    words += Counter({rest: len(without_delivery(message, deliveries)) + count_unnamed(message)})
    if len(words) > 1:
        parts = [f"{SHORT[word]} for {count}" for word, count in words.most_common()]
        have = "has different outcomes so far" if IN_PROGRESS in words else "had different outcomes"
        return (
            f"{subject} {have}: {', '.join(parts[:-1])} and {parts[-1]} of {words.total()} "
            f"recipients{_state(message, words)}."
        )
    word, last = deliveries[0].status, deliveries[-1]
    who = (last.orig_to or last.recipient) if words.total() == 1 else f"all {words.total()} recipients"
    place = _place(message, word, deliveries)
    return f"{subject} {_past(message, word, deliveries)} {who}{place}{_reason(last, word)}."


def _past(message: Any, word: str, deliveries: Sequence[Any]) -> str:
    delivery = deliveries[-1]
    if word == "deferred" and message.ended_at is not None:
        return "was waiting in the queue for"
    if word == "delivered" and all(went_on(each.folder, each.filter) for each in deliveries):
        return "was accepted for"
    return "was refused for now for" if _is_temporary(word, delivery) else PAST[word]


def _is_temporary(word: str, delivery: Any) -> bool:
    """True for a refusal that asks the sender to try again (RFC 5321 section 4.2.1)."""
    return word == "rejected" and (delivery.dsn or delivery.response or "").startswith("4")


def _place(message: Any, word: str, deliveries: Sequence[Any]) -> str:
    if word == "delivered":
        if told := gathered([(each.folder, each.filter) for each in deliveries], message.is_spam):
            return told
        if message.final_status == "spam":
            return ", marked as spam: it lies in the Junk folder"
    return _state(message, (word,))


def _state(message: Any, words: Collection[str | None]) -> str:
    """What becomes of those who wait."""
    if "deferred" not in words and IN_PROGRESS not in words:
        return ""
    if message.held_at is not None:
        return "; it is on hold until an administrator releases it"
    if message.ended_at is not None:
        return " when it was requeued: it goes on under another queue id" if "deferred" in words else ""
    if "deferred" not in words:
        return ""
    return " and will be tried again" if len(words) == 1 else "; it will be tried again"


def _reason(delivery: Any, word: str) -> str:
    told = word in ("bounced", "deferred", "rejected", "expired")
    words = meaning(delivery.dsn, word, delivery.response) if told else None
    again = "; the other side will try again" if _is_temporary(word, delivery) else ""
    return (f": {words}" if words else "") + again


def _without_recipients(message: Any) -> str:
    if message.kind == "scan":
        return "was seen by Rspamd, but Postfix's log has no line of it."
    if message.final_status == "rejected":
        return "was refused before its recipients were logged."
    if message.final_status == "discarded":
        return "was accepted and thrown away."
    if message.held_at is not None:
        return "is on hold until an administrator releases it."
    if message.ended_at is not None:
        return _ended(message)
    if message.correlation == "expired":
        return f"has no outcome: no more was logged since {message.last_seen:%Y-%m-%d %H:%M} UTC."
    if message.queued_at is not None:
        return "is in the queue: no outcome has been logged yet."
    return "has begun to come in: its end has not been logged yet."


def _ended(message: Any) -> str:
    if message.queued_at is None:
        return "never came in whole: the sending side broke off."
    return "left the queue without an outcome in the log: it was requeued, or lines of it are missing."
