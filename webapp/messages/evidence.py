"""What the logs hold of one message: its lines, its Rspamd row, what netfilter noted. Queries only read."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, Text, any_, bindparam, select
from sqlalchemy.orm import Session

from webapp.logs.queries import refusal_key
from webapp.parse.netfilter import with_networks
from webapp.tables.logs import DovecotLog, NetfilterLog, PostfixLog, RspamdLog

MOST_LINES = 5000  # of one message
MOST_EVENTS = 200
NEWEST_LINES = (
    select(PostfixLog.__table__)
    .where(PostfixLog.queue_id == bindparam("queue_id"))
    .order_by(PostfixLog.time.desc(), PostfixLog.id.desc())
    .limit(MOST_LINES)
)
LINES_OF_LIFE = (
    select(PostfixLog.__table__)
    .where(
        PostfixLog.queue_id == bindparam("queue_id"),
        PostfixLog.time.between(bindparam("start"), bindparam("end")),
    )
    .order_by(PostfixLog.time, PostfixLog.id)
    .limit(MOST_LINES)
)
REFUSALS = (
    select(PostfixLog.__table__)
    .where(
        PostfixLog.time == bindparam("start"),
        PostfixLog.queue_id.is_(None),
        PostfixLog.status == "rejected",
        PostfixLog.sender.is_not_distinct_from(bindparam("sender")),
        PostfixLog.recipient.is_not_distinct_from(bindparam("recipient")),
    )
    .order_by(PostfixLog.id)
    .limit(MOST_LINES)
)
SCAN = select(RspamdLog.__table__).where(
    RspamdLog.time == bindparam("time"),
    RspamdLog.digest == bindparam("digest"),
    RspamdLog.ordinal == bindparam("ordinal"),
)
CLOCKS_APART = timedelta(hours=2)
DOVECOT_LINES = (
    select(DovecotLog.__table__)
    .where(
        DovecotLog.session == any_(bindparam("sessions", type_=ARRAY(Text))),
        DovecotLog.time.between(bindparam("start"), bindparam("end")),
    )
    .order_by(DovecotLog.time, DovecotLog.id)
    .limit(MOST_EVENTS)
)
EVENTS = (
    select(NetfilterLog.__table__)
    .where(
        NetfilterLog.ip == any_(bindparam("names", type_=ARRAY(Text))),
        NetfilterLog.time.between(bindparam("start"), bindparam("end")),
    )
    .order_by(NetfilterLog.time, NetfilterLog.id)
    .limit(MOST_EVENTS)
)


def dovecot_lines(session: Session, deliveries: Sequence[Any]) -> Sequence[Any]:
    """Dovecot's lines about these deliveries, oldest first, at most 200."""
    named = {row.session: row.time for row in deliveries if row.session}
    if not named:
        return []
    span = {"start": min(named.values()) - CLOCKS_APART, "end": max(named.values()) + CLOCKS_APART}
    return session.execute(DOVECOT_LINES, {"sessions": list(named), **span}).all()


def lines_of_queue_id(session: Session, queue_id: str) -> Sequence[Any]:
    """The newest 5,000 lines of a queue id, all its lives, oldest first."""
    return session.execute(NEWEST_LINES, {"queue_id": queue_id}).all()[::-1]


def lines_of_message(session: Session, message: Any) -> Sequence[Any]:
    """The lines of one life of a queue id, or the one line of a refused attempt, oldest first."""
    if message.kind == "scan":
        return []
    span = {"start": message.first_seen, "end": message.last_seen}
    if message.queue_id:
        return session.execute(LINES_OF_LIFE, {"queue_id": message.queue_id, **span}).all()
    first = message.recipients[0] if message.recipients else None
    refused = session.execute(
        REFUSALS, {"start": message.first_seen, "sender": message.sender, "recipient": first}
    )
    return [row for row in refused if refusal_key(row) == message.correlation_key]


def scan_of(session: Session, message: Any | None) -> Any | None:
    """The Rspamd row that belongs to a message, or None."""
    if message is None or message.rspamd_time is None:
        return None
    name = {
        "time": message.rspamd_time,
        "digest": message.rspamd_digest,
        "ordinal": message.rspamd_ordinal,
    }
    return session.execute(SCAN, name).first()


def events_around(session: Session, ip: str | None, start: datetime, end: datetime) -> Sequence[Any]:
    """The netfilter events of an address and of networks that hold it in a span of time, oldest first, at
    most 200."""
    if not ip:
        return []
    return session.execute(EVENTS, {"names": with_networks(ip), "start": start, "end": end}).all()
