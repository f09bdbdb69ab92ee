"""Signs of trouble of one mailbox. Pure: numbers in, a sign with the numbers that made it out. No rule
learns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

QUARTERS = 4  # of an hour: a burst is counted over one of them
EARLIER_DAYS = 7
ENOUGH_SENT, ENOUGH_FAILED, TIMES_AS_MANY = 20, 10, 2.0  # recipients; how much worse than before
USUAL_DAYS, USUAL_MAILS = 5, 3  # days of seven on which a mailbox got mail, and how many on such a day
SETTLED = timedelta(days=7)  # a mailbox younger than this may not have been used yet


class Kind(StrEnum):
    """What a sign tells of."""

    BURST = "burst"
    FAILURES = "failures"
    QUOTA = "quota"
    SILENT = "silent"
    UNUSED = "unused"


@dataclass(frozen=True)
class Thresholds:
    """From where on a sign is given; the settings SIGN_*."""

    burst_mails: int = 30
    burst_factor: float = 5.0
    failure_percent: float = 20.0
    quota_percent: float = 90.0
    silent_days: int = 2


@dataclass(frozen=True)
class Sign:
    """One sign of trouble and the numbers it was made from."""

    kind: Kind
    figures: dict[str, float] = field(default_factory=dict)


def burst(quarter: int, same_hour: Sequence[int], limits: Thresholds) -> Sign | None:
    """A mailbox that sends far more than it did.

    `quarter` are its mails of the last 15 minutes, `same_hour` those of this hour on each of the seven days
    before. It is quiet where that hour held half as many on two of these days: then it is a habit.
    """
    usual = sum(same_hour) / EARLIER_DAYS / QUARTERS
    if quarter < limits.burst_mails or quarter < limits.burst_factor * usual:
        return None
    if sum(2 * mails >= quarter for mails in same_hour) >= 2:
        return None
    return Sign(Kind.BURST, {"mails": quarter, "usual": round(usual, 1)})


def failures(sent: int, failed: int, sent_before: int, failed_before: int, limits: Thresholds) -> Sign | None:
    """A failure rate that rises: yesterday's and today's recipients against the seven days before."""
    if sent < ENOUGH_SENT or failed < ENOUGH_FAILED:
        return None
    rate = 100 * failed / sent
    before = 100 * failed_before / sent_before if sent_before else 0.0
    if rate < limits.failure_percent or rate < TIMES_AS_MANY * before:
        return None
    figures: dict[str, float] = {"failed": failed, "sent": sent, "percent": round(rate, 1)}
    return Sign(Kind.FAILURES, {**figures, "before": round(before, 1)} if sent_before else figures)


def quota(used: int, allowed: int, limits: Thresholds) -> Sign | None:
    """A mailbox that is nearly full; one without a quota never is."""
    percent = 100 * used / allowed if allowed else 0.0
    return Sign(Kind.QUOTA, {"percent": round(percent, 1)}) if percent > limits.quota_percent else None


def silent(received: Sequence[int], others: int, limits: Thresholds) -> Sign | None:
    """A mailbox that stopped receiving, while others still get mail.

    `received` are its mails by day, oldest first: seven days, and then the days in which it got nothing.
    """
    before, lately = received[: -limits.silent_days], received[-limits.silent_days :]
    busy = [mails for mails in before if mails >= USUAL_MAILS]
    if sum(lately) or not others or len(busy) < USUAL_DAYS:
        return None
    usual = sum(before) / len(before)
    return Sign(Kind.SILENT, {"days": limits.silent_days, "usual": round(usual, 1)})


def unused(
    known: bool, logins: Sequence[datetime | None], created: datetime | None, moment: datetime
) -> Sign | None:
    """A mailbox into which nobody ever signed in, where mailcow tells of logins; not one made a week ago."""
    if not known or any(logins) or created is None or moment - created < SETTLED:
        return None
    return Sign(Kind.UNUSED, {"days": (moment - created).days})


def sentence(kind: str, figures: dict[str, float]) -> str:
    """The sign in words, with its numbers."""
    told = {name: f"{value:,.1f}".removesuffix(".0") for name, value in figures.items()}
    if kind == Kind.FAILURES and "before" not in told:
        return SENT_NOTHING_BEFORE.format(**told)
    return SENTENCES[Kind(kind)].format(**told)


SENTENCES = {
    Kind.BURST: "sent {mails} mails in 15 minutes; at this hour it usually sends {usual}",
    Kind.FAILURES: "{percent} % of what it sent since yesterday failed ({failed} of {sent} recipients); "
    "in the week before it was {before} %",
    Kind.QUOTA: "{percent} % of its quota is used",
    Kind.SILENT: "received nothing for {days} days; before that it got {usual} mails a day",
    Kind.UNUSED: "nobody has ever signed in, {days} days after it was made",
}
SENT_NOTHING_BEFORE = (
    "{percent} % of what it sent since yesterday failed ({failed} of {sent} recipients); "
    "in the week before it sent nothing"
)
TITLES = {
    Kind.BURST: "Sends far more than usual",
    Kind.FAILURES: "Fails more than before",
    Kind.QUOTA: "Nearly full",
    Kind.SILENT: "Stopped receiving",
    Kind.UNUSED: "Never signed in",
}
