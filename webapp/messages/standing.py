"""Where mailcow has a message now, its queue or its quarantine, and what can be done to it there.

From the lists last seen, mailcow is not asked. Queries only read.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from webapp.lists.standing import Standing
from webapp.mailcow import live
from webapp.mailcow.actions import Action
from webapp.mailqueue.entries import Entry
from webapp.mailqueue.lists import QUEUE_LIST
from webapp.messages.answers import MessageDetail
from webapp.parse.words import Outcome, RspamdAction
from webapp.quarantine.lists import QUARANTINE_LIST, standing_of
from webapp.security import banlist, bans
from webapp.security.bans import ban_of
from webapp.web.filters import query_url

CLOCKS_APART = timedelta(hours=2)  # a queue id names another mail on another day
KEPT = (RspamdAction.REJECT, RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)


def standings(session: Session, message: MessageDetail) -> list[Standing]:
    """Where the message is now: in the queue while it has not ended, in the quarantine where Rspamd put it
    there; and whether its client is banned."""
    found = []
    if message.queue_id and message.ended_at is None:
        found += _in_queue(session, message, message.queue_id)
    if message.queue_id and _may_be_kept(message):
        found += _in_quarantine(session, message, message.queue_id)
    return found + _banned(session, message)


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
        standing_of(item, listing)
        for item in QUARANTINE_LIST.read(listing.rows)
        if item.qid == queue_id and _is_of(message, item.created)
    ]


def _banned(session: Session, message: MessageDetail) -> list[Standing]:
    """The client's ban, or that of a network that holds it."""
    if message.ip is None:
        return []
    listing = live.last(live.BANS, session)
    ban = ban_of(bans.read(listing.rows), message.ip)
    return [banlist.standing_of(ban, listing)] if ban else []
