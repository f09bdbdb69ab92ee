"""Changing something on mailcow, item by item: in batches within a time limit, checked against a fresh list,
kept on record."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

from sqlalchemy import Connection

from webapp import cache
from webapp.config import Settings
from webapp.errors import BadParameter
from webapp.mailcow import audit
from webapp.mailcow.client import Mailcow, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import mailcow, mailcow_rw
from webapp.mailcow.live import Kind, Listing, refresh, within

DONE, OPEN, FAILED = "done", "open", "failed"
# items in one request: mailcow handles them one after the other, and its answer must not take too long
BATCH = 50
MOST = 10_000  # items of one action; mailcow lists no more of its queue
ASKING_SECONDS = 10.0  # for all requests of one action
CHECKING_SECONDS = 3.0
RESULT_SECONDS = 3600
SHOWN = 100  # outcomes of one action shown on its page
FORBIDDEN = (
    "Nothing can be changed on mailcow from here: MAILCOW_API_KEY_RW, an API key with write access, is not "
    "set"
)

Answers = list[tuple[bool, str]]


@dataclass(frozen=True)
class Action:
    """What can be done to items: its name in the API, the words on its button, the question, what it means,
    whether it destroys."""

    name: str
    verb: str
    question: str
    meaning: str
    symbol: str
    destroys: bool = False


@dataclass(frozen=True)
class Said:
    """mailcow's word on an item; `done` is None where it gave none."""

    done: bool | None
    words: str


@dataclass(frozen=True)
class Outcome:
    """What has become of an item: done, failed, or open where that is not known yet; `words` and `label` are
    for people."""

    item: str
    state: str
    words: str
    label: str = ""


@dataclass(frozen=True)
class Seen:
    """mailcow's list after an action; None with the reason where it could not be had."""

    listing: Listing | None
    reason: str = ""


def allowed(settings: Settings) -> bool:
    """True where a key with write access is configured."""
    return bool(settings.mailcow_url and settings.mailcow_api_key_rw)


def named(actions: dict[str, Action], name: str) -> Action:
    """The action of this name; raises BadParameter."""
    if name not in actions:
        raise BadParameter(f"action must be one of {', '.join(actions)}")
    return actions[name]


def checked_ids(ids: Iterable[str]) -> list[str]:
    """The ids without repetitions; raises BadParameter for none or too many."""
    found = list(dict.fromkeys(ids))
    if not found:
        raise BadParameter("ids must name at least one item")
    if len(found) > MOST:
        raise BadParameter(f"ids must name at most {MOST} items")
    return found


def ask(
    settings: Settings, ids: Sequence[str], send: Callable[[Mailcow, list[str]], Answers]
) -> dict[str, Said]:
    """mailcow's word on every item, in batches; a refusal or a time-out ends the asking."""
    client = mailcow_rw(settings, ASKING_SECONDS)
    end, said, trouble = monotonic() + ASKING_SECONDS, dict[str, Said](), ""
    for start in range(0, len(ids), BATCH):
        batch = list(ids[start : start + BATCH])
        left = end - monotonic()
        if trouble or left <= 0:
            rest = (
                trouble
                or f"not asked any more: mailcow took longer than {ASKING_SECONDS:g} s for the items before"
            )
            said |= dict.fromkeys(batch, Said(False, rest))
            continue
        client.timeout = min(client.timeout, left)
        try:
            said |= _matched(batch, send(client, batch))
        except MailcowUnreachable as error:
            trouble = f"not asked any more: {error}"
            said |= dict.fromkeys(batch, Said(None, str(error)))
        except MailcowError as error:
            trouble = str(error)
            said |= dict.fromkeys(batch, Said(False, str(error)))
    return said


def _matched(batch: list[str], answers: Answers) -> dict[str, Said]:
    """Each item's own answer where mailcow gives one per item or names it, else all of them together."""
    if len(answers) == len(batch):
        return {item: Said(done, words) for item, (done, words) in zip(batch, answers, strict=True)}
    found = {}
    for item in batch:
        own = [answer for answer in answers if item in answer[1].split()] or answers
        found[item] = Said(
            bool(own) and all(done for done, _ in own),
            "; ".join(dict.fromkeys(words for _, words in own)) or "no answer",
        )
    return found


def look_again(kind: Kind, settings: Settings) -> Seen:
    """mailcow's list after an action."""
    try:
        return Seen(within(CHECKING_SECONDS, lambda: refresh(kind, mailcow(settings))))
    except MailcowError as error:
        return Seen(None, str(error))


def record(
    connection: Connection, who: str | None, address: str | None, action: str, outcomes: Sequence[Outcome]
) -> None:
    """Write the outcomes to the audit trail; what is open counts as done there, with words that tell."""
    audit.record(
        connection,
        who,
        address,
        action,
        [
            (f"{outcome.item} {outcome.label}".strip(), outcome.state != FAILED, outcome.words)
            for outcome in outcomes
        ],
    )


def keep_result(action: Action, outcomes: Sequence[Outcome]) -> str:
    """Keep an action's result for the page that shows it; returns its token."""
    token = secrets.token_urlsafe(9)
    cache.put(
        f"result:{token}",
        {"verb": action.verb, "outcomes": [asdict(one) for one in outcomes]},
        RESULT_SECONDS,
    )
    return token


@dataclass(frozen=True)
class Result:
    """An action's result as its page shows it; `shown` are the first outcomes, what failed before what was
    done."""

    verb: str
    done: int
    open: int
    failed: int
    shown: list[Outcome]

    @property
    def total(self) -> int:
        """How many items there were."""
        return self.done + self.open + self.failed

    @property
    def grade(self) -> str:
        """done where all was, failed where nothing was, else open."""
        if self.failed == self.total:
            return FAILED
        return OPEN if self.failed or self.open else DONE


def result(token: str | None) -> Result | None:
    """The kept result, or None where there is none any more."""
    kept = cache.fetch(f"result:{token}") if token and len(token) < 40 else None
    if kept is None:
        return None
    outcomes = [Outcome(**one) for one in kept["outcomes"]]
    return summed(kept["verb"], outcomes)


def summed(verb: str, outcomes: Sequence[Outcome]) -> Result:
    """The outcomes counted, with the worst first."""
    count = {state: sum(outcome.state == state for outcome in outcomes) for state in (DONE, OPEN, FAILED)}
    worst_first = sorted(outcomes, key=lambda outcome: (FAILED, OPEN, DONE).index(outcome.state))
    return Result(verb, count[DONE], count[OPEN], count[FAILED], worst_first[:SHOWN])


def answer(action: Action, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The result as the API gives it."""
    counted = summed(action.verb, outcomes)
    return {
        "action": action.name,
        "done": counted.done,
        "open": counted.open,
        "failed": counted.failed,
        "results": [
            {"id": outcome.item, "outcome": outcome.state, "detail": outcome.words} for outcome in outcomes
        ],
    }
