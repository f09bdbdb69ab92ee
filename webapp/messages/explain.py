"""What happened to one recipient's mail as plain text, for the person who asks. Pure."""

from collections.abc import Callable
from datetime import datetime

from webapp.messages.advice import joined
from webapp.messages.answers import DeliveryAnswer, MessageDetail
from webapp.parse.words import Outcome
from webapp.web.filters import visible

TOLD: dict[str | None, str] = {
    Outcome.BOUNCED: "could not be delivered and was returned",
    Outcome.DEFERRED: "has not been delivered yet",
    Outcome.REJECTED: "was refused",
    Outcome.EXPIRED: "could not be delivered for days and was given up",
}


def explanation(message: MessageDetail, delivery: DeliveryAnswer, words: Callable[[datetime], str]) -> str:
    """Time with zone, the server's reply, its meaning, what to do; '' where nothing has to be done.

    `words` tells a moment.
    """
    told, advice = TOLD.get(delivery.status), delivery.advice
    if told is None or advice is None or delivery.time is None:
        return ""
    subject = f" with the subject “{message.subject}”" if message.subject else ""
    at = f" {delivery.relay}" if delivery.relay else ""
    parts = [
        f"The mail from {message.sender or 'the mail server'} to {delivery.orig_to or delivery.recipient}"
        f"{subject}, seen on {words(message.first_seen)}, {told}.",
        f"The server{at} said on {words(delivery.time)}: {joined(delivery.response or delivery.dsn or '')}",
        f"What it means: {advice.meaning}",
        f"What to do: {advice.action}",
    ]
    if advice.url:
        parts.append(f"More about it: {advice.url}")
    return "\n\n".join(visible(part) for part in parts)
