"""Changing the queue: deliver, hold, release from hold, delete, flush; what mailcow is told, and what a fresh
list shows of it."""

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow import live
from webapp.mailcow.actions import (
    ASKING_SECONDS,
    DONE,
    FAILED,
    OPEN,
    Action,
    ActionTarget,
    Answers,
    ItemOutcome,
    Reply,
    look_again,
)
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.mailcow.connection import mailcow_rw
from webapp.mailcow.live import QUEUE
from webapp.mailqueue.entries import SHORT_ID, Entry, by_id

EVERYTHING = "whole queue"
LONG_ID = (
    "mailcow passes over long queue ids without a word (enable_long_queue_ids); only Deliver all reaches "
    "this message"
)


def send(client: Mailcow, name: str, batch: list[str]) -> Answers:
    """Ask mailcow to do it to these queue ids; raises MailcowError."""
    if name == "delete":
        return client.post("delete/mailq", batch)
    return client.post("edit/mailq", {"items": batch, "attr": {"action": name}})


def judge(name: str, item: str, reply: Reply, entry: Entry | None) -> ItemOutcome:
    """What has become of a message that was in the queue, by mailcow's word and by the list after the
    action."""
    if entry is None:
        return _gone(name, item)
    if reply.done is False:
        return ItemOutcome(item, FAILED, reply.sentence)
    return _still_there(name, item, reply, entry)


def _gone(name: str, item: str) -> ItemOutcome:
    if name == "delete":
        return ItemOutcome(item, DONE, "is no longer in the queue")
    if name == "hold":
        return ItemOutcome(item, FAILED, "left the queue before it could be put on hold")
    return ItemOutcome(item, DONE, "has left the queue")


def _still_there(name: str, item: str, reply: Reply, entry: Entry) -> ItemOutcome:
    if name == "hold" and entry.queue == "hold":
        return ItemOutcome(item, DONE, "is on hold")
    if name == "unhold" and entry.queue != "hold":
        return ItemOutcome(item, DONE, f"is in the {entry.queue} queue")
    if name == "deliver" and entry.queue == "active":
        return ItemOutcome(item, OPEN, "is being delivered")
    if not SHORT_ID.fullmatch(item):
        return ItemOutcome(item, FAILED, LONG_ID)
    if name == "deliver" and entry.queue != "hold" and reply.done:
        return ItemOutcome(item, OPEN, f"asked for; still {entry.queue} when looked at again")
    if name == "deliver" and entry.queue == "hold":
        return ItemOutcome(item, FAILED, "is on hold: release it first")
    return ItemOutcome(item, FAILED, f"unchanged, still {entry.queue}; {reply.sentence}")


def flush(session: Session, settings: Settings) -> list[ItemOutcome]:
    """Have Postfix try every deferred message again. Raises MailcowDenied without a key that may write."""
    before = len(live.last(QUEUE, session).rows)
    session.rollback()
    try:
        answers = mailcow_rw(settings, ASKING_SECONDS).post("edit/mailq", {"attr": {"action": "flush"}})
    except MailcowError as error:
        return [ItemOutcome(EVERYTHING, FAILED, str(error))]
    check = look_again(QUEUE, settings)
    words = "; ".join(words for _, words in answers) or "no answer"
    now = (
        f"{len(check.listing.rows)} of {before} in the queue right after"
        if check.listing
        else f"not checked: {check.reason}"
    )
    state = DONE if answers and all(done for done, _ in answers) else FAILED
    return [ItemOutcome(EVERYTHING, state, f"mailcow: {words}; {now}")]


TARGET = ActionTarget(
    QUEUE,
    by_id,
    send,
    judge,
    suspicion="mailcow's list came back empty, as it does when it cannot ask Postfix",
)
ACTIONS = {
    action.name: action
    for action in (
        Action(
            "deliver",
            "Deliver now",
            "Deliver {} now?",
            "Postfix tries again at once. What is on hold stays there until it is released.",
            "send",
            past="to be tried at once",
        ),
        Action(
            "hold",
            "Hold",
            "Put {} on hold?",
            "Postfix does not try again until it is told to.",
            "player-pause",
            past="put on hold",
        ),
        Action(
            "unhold",
            "Release from hold",
            "Release {} from hold?",
            "Postfix tries again in its usual rhythm.",
            "player-play",
            past="released from hold",
        ),
        Action(
            "delete",
            "Delete",
            "Delete {}?",
            "Deleted mail is gone for good. Its senders get no notice.",
            "trash",
            destroys=True,
            past="deleted",
        ),
        Action(
            "flush",
            "Deliver all",
            "Deliver the whole queue now?",
            "Postfix tries every deferred message again at once.",
            "send",
            on_whole=flush,
        ),
    )
}
