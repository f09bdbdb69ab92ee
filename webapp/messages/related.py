"""Messages that belong together: notices and what they are about, copies, retries, redirects.

Derived when asked for, from what each message tells of itself, so that no order of arrival can make it wrong.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    literal_column,
    select,
    union_all,
)

from webapp.lists.answer import cut
from webapp.messages.notice import notice_title
from webapp.parse.words import Kind
from webapp.tables.db import Moment
from webapp.tables.messages import Message, key_of

COLUMNS = (
    Message.id,
    Message.correlation_key,
    Message.queue_id,
    Message.service,
    Message.kind,
    Message.sender,
    Message.recipients,
    Message.subject,
    Message.final_status,
    Message.first_seen,
    Message.last_seen,
    Message.mid_keys,
    Message.notices,
    Message.ip,
    Message.username,
    Message.ended_at,
    Message.queued_at,
    Message.outcomes,
)

NOTICES = timedelta(days=8)  # a notice follows within the life of the queue
SAME_ID = timedelta(days=2)  # a sender tries again, and a quarantine lets go, within this time
SAME_SESSION = timedelta(seconds=5)
MOST = 50
WORDS = {  # what the other message is, seen from this one
    "notice_of": "the mail that this notice is about",
    "notified_by": "a notice that was sent about this mail",
    "copy_of": "the mail that this is a BCC copy of",
    "copied_as": "a BCC copy of this mail",
    "retry_of": "an earlier attempt, which was refused",
    "retried_as": "a later attempt of the same sender",
    "redirect_of": "the mail that this was forwarded from",
    "redirected_as": "this mail, forwarded",
    "release_of": "the mail that was held in the quarantine",
    "released_as": "this mail, released from the quarantine",
    "requeue_of": "the same mail under its queue id before it was requeued",
    "requeued_as": "the same mail under the queue id that it was requeued with",
    "same_message_id": "another mail with the same Message-ID",
    "same_session": "refused or accepted in the same session",
}
INVERSE = {
    "copy_of": "copied_as",
    "retry_of": "retried_as",
    "redirect_of": "redirected_as",
    "release_of": "released_as",
    "requeue_of": "requeued_as",
    "same_message_id": "same_message_id",
}


@dataclass(frozen=True, slots=True)
class Related:
    """Another message and what it is to this one; `recipient` is its first one, `title` names the notice
    where one of the two is one."""

    correlation_key: str
    queue_id: str | None
    relation: str
    sender: str | None
    recipient: str | None
    subject: str | None
    final_status: str | None
    first_seen: datetime
    title: str | None = None

    @property
    def words(self) -> str:
        """The relation in plain words."""
        return WORDS[self.relation]


def _within(start: str, end: str, *conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """The messages of a span of time that fit a condition which an index finds.

    Each condition is told three times. Planned for any values, so short a span seems to hold few messages,
    and its index would be read whole beside the other one; told so often, the other one alone seems to find
    fewer, however many messages a day has.
    """
    span = Message.first_seen.between(bindparam(start, type_=Moment), bindparam(end, type_=Moment))
    return select(*COLUMNS).where(*conditions * 3, span)


KIND, KEYS = bindparam("kind", type_=Text), bindparam("mid_keys", type_=ARRAY(BigInteger))
RELATED = union_all(
    _within("first_seen", "notice_end", Message.queue_id == any_(bindparam("notices", type_=ARRAY(Text)))),
    _within(
        "notice_start",
        "near_end",
        Message.notices.op("&&")(bindparam("queue_ids", type_=ARRAY(Text))),
    ).where(bindparam("is_notice", type_=Boolean)),
    _within("same_start", "same_end", Message.mid_keys.op("&&")(KEYS))
    .order_by(Message.first_seen)
    .limit(literal_column("200")),
    _within("near_start", "near_end", Message.ip == bindparam("ip", type_=Text))
    .where(
        Message.sender == bindparam("sender", type_=Text),
        Message.kind != KIND,
        KIND != Kind.SCAN,
        Message.kind != Kind.SCAN,
    )
    .limit(literal_column("20")),
)


def related_of(message: Any, rows: Iterable[Any]) -> list[Related]:
    """Those of the rows of RELATED that belong to a message, oldest first, at most 50."""
    found = [
        _related(message, row, relation)
        for row in {row.id: row for row in rows}.values()
        if row.id != message.id and (relation := _relation(message, row))
    ]
    return sorted(found, key=lambda other: (other.first_seen, other.correlation_key))[:MOST]


def _related(message: Any, row: Any, relation: str) -> Related:
    first = row.recipients[0] if row.recipients else None
    pair = {"notice_of": (message, row), "notified_by": (row, message)}.get(relation)
    return Related(
        key_of(row),
        row.queue_id,
        relation,
        row.sender,
        first,
        cut(row.subject),
        row.final_status,
        row.first_seen,
        notice_title(*pair) if pair else None,
    )


def related_values(message: Any) -> dict[str, Any]:
    """The values that RELATED asks for."""
    first: datetime = message.first_seen
    return {
        "notices": message.notices or [],
        "queue_ids": [message.queue_id] if message.queue_id else [],
        "is_notice": message.service == "notice",
        "mid_keys": message.mid_keys,
        "ip": message.ip,
        "sender": message.sender,
        "kind": message.kind,
        "first_seen": first,
        "notice_start": first - NOTICES,
        "notice_end": message.last_seen + NOTICES,
        "same_start": first - SAME_ID,
        "same_end": first + SAME_ID,
        "near_start": first - SAME_SESSION,
        "near_end": first + SAME_SESSION,
    }


def _relation(message: Any, other: Any) -> str | None:
    """What this message is to the other one."""
    if other.queue_id and other.queue_id in (message.notices or ()):
        return "notified_by"
    if message.queue_id and message.queue_id in (other.notices or ()):
        return "notice_of"
    if set(message.mid_keys) & set(other.mid_keys):
        if (later := derived(message, other)) is not None:
            return later
        if (earlier := derived(other, message)) is not None:
            return INVERSE[earlier]
        return "same_message_id"
    return "same_session" if "refused" in (message.kind, other.kind) else None


def derived(child: Any, parent: Any) -> str | None:
    """How `child` came from `parent`, both with one Message-ID; None where it did not."""
    if child.service == parent.service == "bcc" or "scan" in (child.kind, parent.kind):
        return None
    if child.service == "bcc":
        return "copy_of"
    if child.service == "pickup" and _was_requeued(parent) and parent.ended_at <= child.last_seen:
        return "requeue_of"
    if child.service == "quarantine" and parent.service != "quarantine":
        return "release_of" if parent.first_seen <= child.first_seen else None
    if (
        child.service == "sogo"
        and not child.username
        and parent.service not in ("sogo", "bcc")
        and child.sender != parent.sender
    ):
        return "redirect_of"
    refused_before = parent.final_status == "rejected" and parent.first_seen < child.first_seen
    return "retry_of" if refused_before and child.sender == parent.sender else None


def _was_requeued(message: Any) -> bool:
    """True where it left the queue although someone still waited for it."""
    waits = "deferred" in message.outcomes or not message.outcomes
    return message.ended_at is not None and message.queued_at is not None and waits
