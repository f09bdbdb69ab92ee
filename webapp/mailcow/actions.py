"""Changing something on mailcow, item by item: in batches within a time limit, and checked against a fresh
list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from time import monotonic
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.errors import BadParameter
from webapp.mailcow import live
from webapp.mailcow.client import Mailcow, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import mailcow, mailcow_rw
from webapp.mailcow.live import Listing, LiveSource, refresh, within

# items in one request: mailcow handles them one after the other, and its answer must not take too long
BATCH = 50
MOST = 10_000  # items of one action; mailcow lists no more of its queue
ASKING_SECONDS = 10.0  # for all requests of one action
CHECKING_SECONDS = 3.0
FORBIDDEN = (
    "Nothing can be changed on mailcow from here: MAILCOW_API_KEY_RW, an API key with write access, is not "
    "set"
)

EVENTS = {  # mailcow's names of what it did, which it gives with the item's number
    "item_released": "released",
    "item_deleted": "deleted",
    "learned_ham": "learned as ham",
    "learned_spam": "learned as spam",
}
Answers = list[tuple[bool, str]]


class ItemState(StrEnum):
    """What an action has come to for one item; open where that is not known yet."""

    DONE = "done"
    OPEN = "open"
    FAILED = "failed"


DONE, OPEN, FAILED = ItemState


@dataclass(frozen=True)
class Reply:
    """mailcow's word on an item; `done` is None where it gave none."""

    done: bool | None
    words: str

    @property
    def sentence(self) -> str:
        """Whose words they are, and the words."""
        if not self.words:
            return "mailcow gave no answer"
        return f"mailcow: {EVENTS.get(self.words.split(' ')[0], self.words)}"


@dataclass(frozen=True)
class ItemOutcome:
    """What has become of an item; `words` and `label` are for people, `to` is who got or was to get it."""

    item: str
    state: ItemState
    words: str
    label: str = ""
    to: str = ""


@dataclass(frozen=True)
class Action:
    """What can be done to items: its name in the API, the words on its button, the question, what it means,
    whether it destroys, and what is said of what it was done to.

    One that is done to the whole list brings its own work, `on_whole`.
    """

    name: str
    verb: str
    question: str
    meaning: str
    symbol: str
    destroys: bool = False
    past: str = ""
    on_whole: Callable[[Session, Settings], list[ItemOutcome]] | None = None


@dataclass(frozen=True)
class ListCheck:
    """mailcow's list after an action; None with the reason where it could not be had."""

    listing: Listing | None
    reason: str = ""


class Labelled(Protocol):
    """Something on a list that people know by its label."""

    @property
    def label(self) -> str:
        """What people know it by."""
        ...


Item = TypeVar("Item", bound=Labelled)


@dataclass(frozen=True)
class ActionTarget(Generic[Item]):
    """A list of mailcow's whose items can be acted on.

    `by_id` reads its rows; `send` asks mailcow to do the action of a name to some ids; `judge` says by the
    action's name, the id, mailcow's reply and the item on the list afterwards (None: gone) what has become of
    it. `suspicion` is why an empty list proves nothing; with `trusts_reply` mailcow's word is enough where
    the list could not be had.
    """

    source: LiveSource
    by_id: Callable[[Iterable[dict[str, Any]]], Mapping[str, Item]]
    send: Callable[[Mailcow, str, list[str]], Answers]
    judge: Callable[[str, str, Reply, Item | None], ItemOutcome]
    suspicion: str
    trusts_reply: bool = False


def allowed(settings: Settings) -> bool:
    """True where a key with write access is configured."""
    return bool(settings.mailcow_url and settings.mailcow_api_key_rw)


def get_action(actions: Mapping[str, Action], name: str) -> Action:
    """The action of this name; raises BadParameter."""
    if name not in actions:
        raise BadParameter(f"action must be one of {', '.join(actions)}")
    return actions[name]


def carry_out(
    target: ActionTarget[Item], action: Action, ids: Sequence[str], session: Session, settings: Settings
) -> list[ItemOutcome]:
    """Do it and see what has become of each item; only what is on the list is named to mailcow.

    Raises MailcowDenied without a key that may write, and BadParameter for no ids or too many.
    """
    if action.on_whole is not None:
        return action.on_whole(session, settings)
    ids = checked_ids(ids)
    before = target.by_id(
        (look_again(target.source, settings).listing or live.last(target.source, session)).rows
    )
    session.rollback()  # no connection to the database is held while mailcow is asked
    replies = ask(
        settings,
        [item for item in ids if item in before],
        lambda client, batch: target.send(client, action.name, batch),
    )
    check = look_again(target.source, settings)
    if check.listing is not None and not check.listing.rows and set(before) - set(ids):
        check = ListCheck(None, target.suspicion)
    after = target.by_id(check.listing.rows) if check.listing else None
    return [
        replace(
            _judge(target, action, item, replies[item], after, check.reason),
            label=before[item].label,
            to=getattr(before[item], "to", ""),
        )
        if item in before
        else ItemOutcome(item, FAILED, f"is not in the {target.source.name}")
        for item in ids
    ]


def _judge(
    target: ActionTarget[Item],
    action: Action,
    item: str,
    reply: Reply,
    after: Mapping[str, Item] | None,
    reason: str,
) -> ItemOutcome:
    if after is not None:
        return target.judge(action.name, item, reply, after.get(item))
    if reply.done is False:
        return ItemOutcome(item, FAILED, reply.sentence)
    state = DONE if reply.done and target.trusts_reply else OPEN
    return ItemOutcome(item, state, f"{reply.sentence}; not checked: {reason}")


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
) -> dict[str, Reply]:
    """mailcow's reply on every item, in batches; a refusal or a time-out ends the asking."""
    client = mailcow_rw(settings, ASKING_SECONDS)
    end, replies, trouble = monotonic() + ASKING_SECONDS, dict[str, Reply](), ""
    for start in range(0, len(ids), BATCH):
        batch = list(ids[start : start + BATCH])
        left = end - monotonic()
        if trouble or left <= 0:
            rest = (
                trouble
                or f"not asked any more: mailcow took longer than {ASKING_SECONDS:g} s for the items before"
            )
            replies |= dict.fromkeys(batch, Reply(False, rest))
            continue
        client.timeout = min(client.timeout, left)
        try:
            replies |= _replies(batch, send(client, batch))
        except MailcowUnreachable as error:
            trouble = f"not asked any more: {error}"
            replies |= dict.fromkeys(batch, Reply(None, str(error)))
        except MailcowError as error:
            trouble = str(error)
            replies |= dict.fromkeys(batch, Reply(False, str(error)))
    return replies


def _replies(batch: list[str], answers: Answers) -> dict[str, Reply]:
    """Each item's own answer where mailcow gives one per item or names it, else all of them together."""
    if len(answers) == len(batch):
        return {item: Reply(done, words) for item, (done, words) in zip(batch, answers, strict=True)}
    found = {}
    for item in batch:
        own = [answer for answer in answers if item in answer[1].split()] or answers
        found[item] = Reply(
            bool(own) and all(done for done, _ in own),
            "; ".join(dict.fromkeys(words for _, words in own)) or "no answer",
        )
    return found


def look_again(source: LiveSource, settings: Settings) -> ListCheck:
    """mailcow's list after an action."""
    try:
        return ListCheck(within(CHECKING_SECONDS, lambda: refresh(source, mailcow(settings))))
    except MailcowError as error:
        return ListCheck(None, str(error))
