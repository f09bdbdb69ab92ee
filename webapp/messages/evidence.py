"""What is kept of one message besides its own row: its deliveries, its lines, its Rspamd row, what netfilter
noted, and what belongs to it. Queries only read."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from webapp.lists.answer import columns_of
from webapp.logs.queries import refusal_key
from webapp.messages.answers import DeliveryAnswer, DovecotLineAnswer, EventAnswer, LineAnswer, ScanAnswer
from webapp.messages.related import RELATED, related_values
from webapp.parse.netfilter import with_networks
from webapp.parse.words import Kind
from webapp.reports.said import SAID, said_values
from webapp.tables.db import Base, Moment
from webapp.tables.logs import DovecotLog, NetfilterLog, PostfixLog, RspamdLog
from webapp.tables.messages import Delivery
from webapp.tables.together import Rows, Together

AROUND_MESSAGE = timedelta(hours=1)  # netfilter events shown beside a message
CLOCKS_APART = timedelta(hours=2)
MOST_LINES: ColumnElement[int] = literal_column("5000")  # of one message
MOST_EVENTS: ColumnElement[int] = literal_column("200")


def _moment(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=Moment)


FIRST, LAST, QUEUE_ID = _moment("first_seen"), _moment("last_seen"), bindparam("queue_id", type_=Text)
NEWEST_LINES = (
    select(PostfixLog.__table__)
    .where(PostfixLog.queue_id == QUEUE_ID)
    .order_by(PostfixLog.time.desc(), PostfixLog.id.desc())
    .limit(MOST_LINES)
)


def _shown(model: type[Base], shape: type, *more: str) -> list[ColumnElement[Any]]:
    """The columns of a table that a shape shows, and more."""
    return [model.__table__.c[name] for name in dict.fromkeys((*columns_of(shape), *more))]


DELIVERIES = (
    select(*_shown(Delivery, DeliveryAnswer))
    .where(Delivery.message_id == bindparam("id", type_=BigInteger), Delivery.message_time == FIRST)
    .order_by(Delivery.position)
)
SESSIONS = select(Delivery.session).where(
    Delivery.message_id == bindparam("id", type_=BigInteger),
    Delivery.message_time == FIRST,
    Delivery.session.is_not(None),
)
LINES_OF_LIFE = (
    select(*_shown(PostfixLog, LineAnswer, "recipient"))
    .where(PostfixLog.queue_id == QUEUE_ID, PostfixLog.time.between(FIRST, LAST))
    .order_by(PostfixLog.time, PostfixLog.id)
    .limit(MOST_LINES)
)
REFUSALS = (
    select(*_shown(PostfixLog, LineAnswer, "recipient", "digest", "ordinal"))
    .where(
        bindparam("is_refused", type_=Boolean),
        PostfixLog.time == FIRST,
        PostfixLog.queue_id.is_(None),
        PostfixLog.status == "rejected",
        PostfixLog.sender.is_not_distinct_from(bindparam("sender", type_=Text)),
        PostfixLog.recipient.is_not_distinct_from(bindparam("first_recipient", type_=Text)),
    )
    .order_by(PostfixLog.id)
    .limit(MOST_LINES)
)
SCAN = select(*_shown(RspamdLog, ScanAnswer)).where(
    RspamdLog.time == _moment("rspamd_time"),
    RspamdLog.digest == bindparam("rspamd_digest", type_=BigInteger),
    func.coalesce(RspamdLog.ordinal, 0) == bindparam("rspamd_ordinal", type_=Integer),
)
# a session by itself, which is one of very many: of an array of them the planner guesses that it holds ten,
# and would rather read the index by time for four hours
DOVECOT_LINES = (
    select(*_shown(DovecotLog, DovecotLineAnswer))
    .where(
        DovecotLog.session.in_(SESSIONS),
        DovecotLog.time.between(_moment("dovecot_start"), _moment("dovecot_end")),
    )
    .order_by(DovecotLog.time, DovecotLog.id)
    .limit(MOST_EVENTS)
)
EVENTS = (
    select(*_shown(NetfilterLog, EventAnswer))
    .where(
        NetfilterLog.ip == any_(bindparam("networks", type_=ARRAY(Text))),
        NetfilterLog.time.between(_moment("events_start"), _moment("events_end")),
    )
    .order_by(NetfilterLog.time, NetfilterLog.id)
    .limit(MOST_EVENTS)
)
EVIDENCE = Together(
    deliveries=DELIVERIES,
    lines=LINES_OF_LIFE,
    refusals=REFUSALS,
    dovecot=DOVECOT_LINES,
    scan=SCAN,
    events=EVENTS,
    related=RELATED,
    said=SAID,
)


def evidence_of(session: Session, message: Any) -> Rows:
    """All that is kept of a message: rows by the names of EVIDENCE, oldest first."""
    found = EVIDENCE.ask(session.connection(), _values(message))
    found["lines"] += [row for row in found["refusals"] if refusal_key(row) == message.correlation_key]
    return found


def _values(message: Any) -> dict[str, Any]:
    first, last = message.first_seen, message.last_seen
    return {
        **related_values(message),
        **said_values(message.sender, message.ip, first),
        "id": message.id,
        "last_seen": last,
        "queue_id": message.queue_id if message.kind != Kind.SCAN else None,
        "is_refused": message.kind != Kind.SCAN and not message.queue_id,
        "first_recipient": message.recipients[0] if message.recipients else None,
        "rspamd_time": message.rspamd_time,
        "rspamd_digest": message.rspamd_digest,
        "rspamd_ordinal": message.rspamd_ordinal,
        "dovecot_start": first - CLOCKS_APART,
        "dovecot_end": last + CLOCKS_APART,
        "networks": with_networks(message.ip) if message.ip else [],
        "events_start": first - AROUND_MESSAGE,
        "events_end": last + AROUND_MESSAGE,
    }


def lines_of_queue_id(session: Session, queue_id: str) -> Sequence[Any]:
    """The newest 5,000 lines of a queue id, all its lives, oldest first."""
    return session.execute(NEWEST_LINES, {"queue_id": queue_id}).all()[::-1]


def scan_of(session: Session, message: Any | None) -> Any | None:
    """The Rspamd row that belongs to a message, or None."""
    if message is None or message.rspamd_time is None:
        return None
    name = ("rspamd_time", "rspamd_digest", "rspamd_ordinal")
    return session.execute(SCAN, {each: getattr(message, each) for each in name}).first()
