"""The messages that raw lines belong to. Queries only read."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Text, any_, bindparam, select
from sqlalchemy.orm import Session

from webapp.logs.answers import DovecotRow, PostfixRow, RspamdRow
from webapp.parse.identity import correlation_key, refusal_name
from webapp.tables.messages import Delivery, Message, key_of

NAMED = (Message.correlation_key, Message.queue_id, Message.first_seen)
LIVES = select(*NAMED, Message.last_seen).where(
    Message.queue_id == any_(bindparam("queue_ids", type_=ARRAY(Text))),
    Message.first_seen >= bindparam("since"),  # with an end, too, PostgreSQL would read all of that time
)
USUALLY = timedelta(days=1)  # before a line its message began
EVER = datetime(1970, 1, 1, tzinfo=UTC)
OWNERS = select(*NAMED, Message.rspamd_time, Message.rspamd_digest, Message.rspamd_ordinal).where(
    Message.rspamd_digest == any_(bindparam("digests", type_=ARRAY(BigInteger)))
)
DELIVERED = (
    select(Delivery.session, *NAMED)
    .join(Message, (Message.id == Delivery.message_id) & (Message.first_seen == Delivery.message_time))
    .where(Delivery.session == any_(bindparam("sessions", type_=ARRAY(Text))))
)


def refusal_key(line: Any) -> str:
    """The correlation key of a refused attempt, which is named by its line."""
    return correlation_key(refusal_name(int(line.time.timestamp()), line.digest, line.ordinal or 0))


def name_messages_of_lines(session: Session, rows: Sequence[Any], shown: Sequence[PostfixRow]) -> None:
    """Give each line the correlation key of its message: the life of its queue id, or a refused attempt."""
    for row, line in zip(rows, shown, strict=True):
        if line.status == "rejected" and not line.queue_id:
            line.correlation_key = refusal_key(row)
    named = [line for line in shown if line.queue_id]
    since = min((line.time for line in named), default=EVER)
    for begin in (since - USUALLY, EVER):
        left = [line for line in named if line.correlation_key is None]
        if left:
            _name_by_queue_id(session, left, begin)


def _name_by_queue_id(session: Session, lines: Sequence[PostfixRow], since: datetime) -> None:
    """Give those lines their keys whose messages began after `since`."""
    lives = defaultdict(list)
    queue_ids = list({line.queue_id for line in lines})
    for life in session.execute(LIVES, {"queue_ids": queue_ids, "since": since}):
        lives[life.queue_id].append(life)
    for line in lines:
        for life in lives[line.queue_id]:
            if life.first_seen <= line.time <= life.last_seen:
                line.correlation_key = key_of(life)


def name_messages_of_scans(session: Session, rows: Sequence[Any], shown: Sequence[RspamdRow]) -> None:
    """Give each scan the correlation key of the message that it belongs to."""
    owners = session.execute(OWNERS, {"digests": [row.digest for row in rows]}) if rows else ()
    keys = {(row.rspamd_time, row.rspamd_digest, row.rspamd_ordinal): key_of(row) for row in owners}
    for row, scan in zip(rows, shown, strict=True):
        scan.correlation_key = keys.get((row.time, row.digest, row.ordinal or 0))


def name_messages_of_sessions(session: Session, rows: Sequence[Any], shown: Sequence[DovecotRow]) -> None:  # noqa: ARG001
    """Give each line of Dovecot the correlation key of the message that was delivered in its session."""
    names = sorted({line.session for line in shown if line.session})
    found = session.execute(DELIVERED, {"sessions": names}) if names else ()
    keys = {row.session: key_of(row) for row in found}
    for line in shown:
        line.correlation_key = keys.get(line.session)
