"""What an action has come to: kept for the page that shows it, and on record for good."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from webapp import cache
from webapp.mailcow import audit
from webapp.mailcow.actions import DONE, FAILED, OPEN, Action, ItemOutcome, ItemState
from webapp.parse.clean import clean_text

RESULT_SECONDS = 3600
SHOWN = 100  # outcomes of one action shown on its page
LONGEST_TOKEN = 40  # characters


@dataclass(frozen=True)
class Result:
    """An action's result as its page shows it; `past` is what is said of what it was done to, `to` for whom
    that was. `shown` are the first outcomes, what failed before what was done."""

    verb: str
    past: str
    to: list[str]
    done: int
    open: int
    failed: int
    shown: list[ItemOutcome]

    @property
    def total(self) -> int:
        """How many items there were."""
        return self.done + self.open + self.failed

    @property
    def grade(self) -> ItemState:
        """done where all was, failed where nothing was, else open."""
        if self.failed == self.total:
            return FAILED
        return OPEN if self.failed or self.open else DONE


@dataclass(frozen=True)
class KeptResult:
    """What has become of each item of an action; `verb` names the action."""

    verb: str
    outcomes: list[ItemOutcome]
    past: str = ""


def record(
    connection: Connection, entries: Mapping[str, int], whole: str, outcomes: Sequence[ItemOutcome]
) -> None:
    """Complete the entries of the audit trail; what is open counts as done there, with words that tell. An
    outcome without an entry of its own belongs to the one of the `whole` list."""
    told = {
        outcome.item if outcome.item in entries else whole: audit.Outcome(
            clean_text(f"{outcome.item} {outcome.label}".strip()),
            outcome.state != FAILED,
            clean_text(outcome.words),
        )
        for outcome in outcomes
    }
    audit.complete(connection, entries, told)


def keep_result(action: Action, outcomes: Sequence[ItemOutcome]) -> str:
    """Keep an action's result for the page that shows it; returns its token."""
    token = secrets.token_urlsafe(9)
    cache.put(f"result:{token}", KeptResult(action.verb, list(outcomes), action.past), RESULT_SECONDS)
    return token


def find_result(token: str | None) -> Result | None:
    """The kept result, or None where there is none any more."""
    kept = cache.fetch(f"result:{token}", KeptResult) if token and len(token) < LONGEST_TOKEN else None
    return sum_up(kept.verb, kept.outcomes, kept.past) if kept else None


def sum_up(verb: str, outcomes: Sequence[ItemOutcome], past: str = "") -> Result:
    """The outcomes counted, with the worst first."""
    count = Counter(outcome.state for outcome in outcomes)
    worst_first = sorted(outcomes, key=lambda outcome: (FAILED, OPEN, DONE).index(outcome.state))
    to = list(dict.fromkeys(outcome.to for outcome in outcomes if outcome.state == DONE and outcome.to))
    return Result(verb, past, to, count[DONE], count[OPEN], count[FAILED], worst_first[:SHOWN])
