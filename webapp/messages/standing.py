"""Where mailcow has a message now, its queue or its quarantine, and what can be done to it there.

From the lists last seen, mailcow is not asked. Queries only read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.lists.livelist import LiveList
from webapp.mailcow import live
from webapp.mailcow.actions import Action
from webapp.mailqueue.entries import Entry
from webapp.mailqueue.lists import QUEUE_LIST
from webapp.messages.answers import MessageDetail
from webapp.parse.words import Outcome, RspamdAction
from webapp.quarantine.items import Item
from webapp.quarantine.lists import QUARANTINE_LIST
from webapp.web.filters import query_url

CLOCKS_APART = timedelta(hours=2)  # a queue id names another mail on another day
KEPT = (RspamdAction.REJECT, RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)
NAMED = 3  # mailboxes of a message in the quarantine


@dataclass(frozen=True)
class Standing:
    """One place where the message is: in words, since when, as of when; mailcow's `ids` of it, and the
    actions that apply. `caution` is why none does, or None."""

    live: LiveList[Any]
    ids: tuple[str, ...]
    words: str
    detail: str
    since: datetime | None
    taken_at: datetime | None
    url: str
    actions: Sequence[Action]
    caution: str | None = None
    until: datetime | None = None


def standings(session: Session, message: MessageDetail) -> list[Standing]:
    """Where the message is now: in the queue while it has not ended, in the quarantine where Rspamd put it
    there."""
    found = []
    if message.queue_id and message.ended_at is None:
        found += _in_queue(session, message, message.queue_id)
    if message.queue_id and _may_be_kept(message):
        found += _in_quarantine(session, message, message.queue_id)
    return found


def _may_be_kept(message: MessageDetail) -> bool:
    if message.rspamd is not None:
        return message.rspamd.action in KEPT
    return message.is_spam or message.final_status in (Outcome.REJECTED, Outcome.SPAM)


def _is_of(message: MessageDetail, moment: datetime | None) -> bool:
    """True where what came at that moment may be this message, and not another one with its queue id."""
    return moment is None or message.first_seen - CLOCKS_APART <= moment <= message.last_seen + CLOCKS_APART


def _in_queue(session: Session, message: MessageDetail, queue_id: str) -> list[Standing]:
    listing = live.last(live.QUEUE, session)
    entries = [entry for entry in QUEUE_LIST.read(listing.rows) if entry.queue_id == queue_id]
    return [
        Standing(
            QUEUE_LIST,
            entry.ids,
            "On hold in the queue" if entry.queue == "hold" else f"In the {entry.queue} queue",
            "; ".join(entry.reasons),
            entry.arrived,
            listing.taken_at,
            query_url(QUEUE_LIST.path, search=queue_id),
            _queue_actions(entry),
            QUEUE_LIST.caution([entry]),
        )
        for entry in entries
        if _is_of(message, entry.arrived)
    ]


def _queue_actions(entry: Entry) -> list[Action]:
    """What helps: mail on hold is not tried, and mailcow passes over long queue ids."""
    if entry.has_long_id:
        return []
    names = ("unhold", "delete") if entry.queue == "hold" else ("deliver", "hold", "delete")
    return [QUEUE_LIST.actions[name] for name in names]


def _in_quarantine(session: Session, message: MessageDetail, queue_id: str) -> list[Standing]:
    listing = live.last(live.QUARANTINE, session)
    return [
        Standing(
            QUARANTINE_LIST,
            item.ids,
            "In the quarantine",
            f"{item.reason}; for {_boxes(item)}",
            item.created,
            listing.taken_at,
            query_url(QUARANTINE_LIST.path, search=queue_id),
            QUARANTINE_LIST.entry_actions,
        )
        for item in QUARANTINE_LIST.read(listing.rows)
        if item.qid == queue_id and _is_of(message, item.created)
    ]


def _boxes(item: Item) -> str:
    named = item.recipients[:NAMED]
    more = len(item.recipients) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
