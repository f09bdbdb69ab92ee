"""Changing the queue: deliver, hold, release from hold, delete, flush; each outcome is checked against a
fresh list."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow import live
from webapp.mailcow.actions import (
    ASKING_SECONDS,
    DONE,
    FAILED,
    OPEN,
    Action,
    Answers,
    Outcome,
    Said,
    Seen,
    ask,
    look_again,
)
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.mailcow.connection import mailcow_rw
from webapp.mailcow.live import QUEUE
from webapp.mailqueue.entries import SHORT_ID, Entry, by_id, read

ACTIONS = {
    action.name: action
    for action in (
        Action(
            "deliver",
            "Deliver now",
            "Deliver {} now?",
            "Postfix tries again at once. What is on hold stays there until it is released.",
            "send",
        ),
        Action(
            "hold",
            "Hold",
            "Put {} on hold?",
            "Postfix does not try again until it is told to.",
            "player-pause",
        ),
        Action(
            "unhold",
            "Release from hold",
            "Release {} from hold?",
            "Postfix tries again in its usual rhythm.",
            "player-play",
        ),
        Action(
            "delete",
            "Delete",
            "Delete {}?",
            "Deleted mail is gone for good. Its senders get no notice.",
            "trash",
            destroys=True,
        ),
    )
}
FLUSH = Action(
    "flush",
    "Deliver all",
    "Deliver the whole queue now?",
    "Postfix tries every deferred message again at once.",
    "send",
)
UNKNOWN = "is not in the queue"
EVERYTHING = "whole queue"
LONG_ID = (
    "mailcow passes over long queue ids without a word (enable_long_queue_ids); only Deliver all reaches "
    "this message"
)


def act(action: Action, ids: Sequence[str], session: Session, settings: Settings) -> list[Outcome]:
    """Do it and see what has become of each message; only what is in the queue is named to mailcow.

    Raises MailcowDenied without a key that may write.
    """
    before = look_again(QUEUE, settings).listing or live.last(QUEUE, session)
    session.rollback()  # no connection to the database is held while mailcow is asked
    known = by_id(read(before.rows))
    said = ask(
        settings,
        [item for item in ids if item in known],
        lambda client, batch: _send(client, action.name, batch),
    )
    seen = look_again(QUEUE, settings)
    if seen.listing is not None and not seen.listing.rows and set(known) - set(ids):
        seen = Seen(None, "mailcow's list came back empty, as it does when it cannot ask Postfix")
    after = by_id(read(seen.listing.rows)) if seen.listing else None
    return [
        replace(judge(action.name, item, said[item], after, seen.reason), label=known[item].label)
        if item in known
        else Outcome(item, FAILED, UNKNOWN)
        for item in ids
    ]


def _send(client: Mailcow, name: str, batch: list[str]) -> Answers:
    if name == "delete":
        return client.post("delete/mailq", batch)
    return client.post("edit/mailq", {"items": batch, "attr": {"action": name}})


def judge(name: str, item: str, said: Said, after: dict[str, Entry] | None, reason: str) -> Outcome:
    """What has become of a message that was in the queue, by mailcow's word and by the list after the
    action."""
    if after is None:
        state = FAILED if said.done is False else OPEN
        return Outcome(
            item,
            state,
            f"mailcow: {said.words}" if said.done is False else f"{_told(said)}; not checked: {reason}",
        )
    entry = after.get(item)
    if entry is None:
        return _gone(name, item)
    if said.done is False:
        return Outcome(item, FAILED, f"mailcow: {said.words}")
    return _still_there(name, item, said, entry)


def _told(said: Said) -> str:
    return f"mailcow: {said.words}" if said.words else "mailcow gave no answer"


def _gone(name: str, item: str) -> Outcome:
    if name == "delete":
        return Outcome(item, DONE, "is no longer in the queue")
    if name == "hold":
        return Outcome(item, FAILED, "left the queue before it could be put on hold")
    return Outcome(item, DONE, "has left the queue")


def _still_there(name: str, item: str, said: Said, entry: Entry) -> Outcome:
    if name == "hold" and entry.queue == "hold":
        return Outcome(item, DONE, "is on hold")
    if name == "unhold" and entry.queue != "hold":
        return Outcome(item, DONE, f"is in the {entry.queue} queue")
    if name == "deliver" and entry.queue == "active":
        return Outcome(item, OPEN, "is being delivered")
    if not SHORT_ID.fullmatch(item):
        return Outcome(item, FAILED, LONG_ID)
    if name == "deliver" and entry.queue != "hold" and said.done:
        return Outcome(item, OPEN, f"asked for; still {entry.queue} when looked at again")
    if name == "deliver" and entry.queue == "hold":
        return Outcome(item, FAILED, "is on hold: release it first")
    return Outcome(item, FAILED, f"unchanged, still {entry.queue}; {_told(said)}")


def flush(session: Session, settings: Settings) -> list[Outcome]:
    """Have Postfix try every deferred message again. Raises MailcowDenied without a key that may write."""
    waiting = len(live.last(QUEUE, session).rows)
    session.rollback()
    try:
        answers = mailcow_rw(settings, ASKING_SECONDS).post("edit/mailq", {"attr": {"action": "flush"}})
    except MailcowError as error:
        return [Outcome(EVERYTHING, FAILED, str(error))]
    seen = look_again(QUEUE, settings)
    told = "; ".join(words for _, words in answers) or "no answer"
    now = (
        f"{len(seen.listing.rows)} of {waiting} in the queue right after"
        if seen.listing
        else f"not checked: {seen.reason}"
    )
    return [
        Outcome(
            EVERYTHING,
            DONE if answers and all(done for done, _ in answers) else FAILED,
            f"mailcow: {told}; {now}",
        )
    ]
