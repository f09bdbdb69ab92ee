"""Signs in a domain's reports that deserve a word: a new source, more failures, much more mail, silence.
Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

POINTS = 15.0  # more failures in percent of the mail
SHARE = 25.0  # percent of the mail that fails
ENOUGH = 20  # messages below which no rate means anything
GROWTH = 2.5
MORE = 50  # messages
SILENT_DAYS = 3  # without a report


class Sign(StrEnum):
    """The kinds of signs."""

    NEW_SOURCE = "new source"
    FAILURES = "failures up"
    VOLUME = "volume up"
    SILENCE = "no reports"


@dataclass(frozen=True)
class Day:
    """One day of a domain: messages, and those that DMARC did not pass."""

    day: date
    messages: int
    failed: int


@dataclass(frozen=True)
class Noted:
    """One sign of a domain, in a sentence with its numbers."""

    sign: Sign
    text: str


def signs(
    days: Sequence[Day], today: date, known: Collection[str], seen: Collection[str], silent_days: int
) -> list[Noted]:
    """What the newest day shows against the days before it.

    `known` are the sources of earlier days, `seen` those of the newest; `silent_days` without reports are
    silence.
    """
    if not days:
        return []
    ordered = sorted(days, key=lambda item: item.day)
    newest, before = ordered[-1], ordered[:-1]
    quiet = (today - newest.day).days
    if quiet > silent_days:
        return [Noted(Sign.SILENCE, f"No report for {quiet} days; the last one is about {newest.day}.")]
    found = [
        _failures(newest, before),
        _volume(newest, before),
        _new_sources(known, seen) if before else None,
    ]
    return [item for item in found if item is not None]


def _failures(newest: Day, before: Sequence[Day]) -> Noted | None:
    if newest.messages < ENOUGH:
        return None
    rate, earlier = _rate([newest]), _rate(before)
    if (rate >= SHARE and (not before or rate > earlier)) or (before and rate - earlier >= POINTS):
        was = f", after {earlier:.1f} % before" if before else ""
        return Noted(
            Sign.FAILURES, f"{rate:.1f} % of {newest.messages:,} messages failed on {newest.day}{was}."
        )
    return None


def _volume(newest: Day, before: Sequence[Day]) -> Noted | None:
    if not before:
        return None
    usual = sum(day.messages for day in before) / len(before)
    if newest.messages >= usual * GROWTH and newest.messages - usual >= MORE:
        return Noted(Sign.VOLUME, f"{newest.messages:,} messages on {newest.day}, {usual:,.0f} a day before.")
    return None


def _new_sources(known: Collection[str], seen: Collection[str]) -> Noted | None:
    new = sorted(set(seen) - set(known))
    if not new:
        return None
    more = f" and {len(new) - 3:,} more" if len(new) > 3 else ""
    return Noted(Sign.NEW_SOURCE, f"Sends with this domain for the first time: {', '.join(new[:3])}{more}.")


def _rate(days: Sequence[Day]) -> float:
    messages = sum(day.messages for day in days)
    return 100 * sum(day.failed for day in days) / messages if messages else 0.0
