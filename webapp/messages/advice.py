"""What to do about a reply: what it means, one action, and the page of the operator who sent it. Pure.

A provider's own code is looked for first, then what its words mean, then what its enhanced status code means
(RFC 3463); the last two are the reasons of `reasons.py`.
"""

import re
from typing import Protocol

from webapp.messages.providers import PROVIDERS
from webapp.messages.reasons import reason_for
from webapp.messages.remedies import RECEIVED, SENT, Advice
from webapp.parse.words import Direction, Outcome

LOOKED_AT = 4_000  # characters of a reply
FAILED = (Outcome.BOUNCED, Outcome.DEFERRED, Outcome.REJECTED, Outcome.EXPIRED)
CODE = re.compile(r"(?:^|\s)(\d{3})[- ]")


class Delivered(Protocol):
    """What is known of one recipient's outcome."""

    dsn: str | None
    response: str | None
    relay: str | None

    @property
    def status(self) -> str | None:
        """Its outcome."""


def advice_for(delivery: Delivered, direction: str | None) -> Advice | None:
    """What to do about one recipient's outcome; None where it needs nothing or nothing is known."""
    reply, dsn = delivery.response, delivery.dsn
    if delivery.status not in FAILED or not (reply or dsn):
        return None
    reason = reason_for(dsn, reply)
    if direction == Direction.INBOUND and delivery.status == Outcome.REJECTED:
        return RECEIVED.get(reason)
    said, host = (reply or "")[:LOOKED_AT].lower(), (delivery.relay or "").lower()
    for rule in PROVIDERS:
        if rule.fits(said, host):
            return Advice(rule.kind, rule.meaning, rule.action, rule.provider, rule.url)
    return SENT[reason]


def joined(reply: str) -> str:
    """A reply of several lines (RFC 5321 section 4.2.1) as one, without the codes that its lines repeat."""
    first = CODE.search(reply)
    if first is None:
        return reply
    again = rf"(?<=\s){first[1]}[- ](?:\d\.\d{{1,3}}\.\d{{1,3}} )?"
    return reply[: first.end()] + re.sub(again, "", reply[first.end() :])
