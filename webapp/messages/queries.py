"""Reading one message with all that belongs to it. Queries only read."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.lists.answer import read
from webapp.messages import evidence
from webapp.messages.advice import advice_for
from webapp.messages.answers import (
    DeliveryAnswer,
    DovecotLineAnswer,
    EventAnswer,
    LineAnswer,
    MessageDetail,
    QueueLineAnswer,
    QueueLines,
    ScanAnswer,
)
from webapp.messages.filed import filed
from webapp.messages.related import related_of
from webapp.messages.summary import summary_of
from webapp.messages.unsettled import Unnamed, count_unnamed, status_of_rest, without_delivery
from webapp.parse.identity import row_id
from webapp.reports.said import Said
from webapp.tables.db import planned_once
from webapp.tables.messages import Message, key_of
from webapp.tables.together import Together

NO_RECIPIENT = "_system"  # the key of lines that tell no recipient's outcome
FOR_SEARCH = ("search_text", "recipient_text", "recipient_key", "recipient_keys")
BY_KEY = Together(
    message=select(
        *(column for column in Message.__table__.columns if column.name not in FOR_SEARCH), planned_once()
    ).where(Message.__table__.c.id == bindparam("id"))
)
NEWEST = (
    select(Message.__table__)
    .where(Message.queue_id == bindparam("queue_id"))
    .order_by(Message.first_seen.desc())
    .limit(1)
)


def find_message(session: Session, correlation_key: str) -> Any | None:
    """The message with this key, or None; any text may be asked for."""
    try:
        number = row_id(correlation_key)
    except ValueError:
        return None
    rows = BY_KEY.ask(session.connection(), {"id": number})["message"]
    return next((row for row in rows if key_of(row) == correlation_key), None)


def get_detail(session: Session, message: Any) -> MessageDetail:
    """Everything that is known about a message; `message` is its stored row."""
    found, kept = read(MessageDetail, message), evidence.evidence_of(session, message)
    found.deliveries = [read(DeliveryAnswer, delivery) for delivery in kept["deliveries"]]
    _tell_duplicates(found.deliveries)
    found.dovecot = [read(DovecotLineAnswer, line) for line in kept["dovecot"]]
    for each in found.deliveries:
        each.advice = advice_for(each, message.direction)
    found.summary = summary_of(message, found.deliveries)
    _add_unsettled(found, message)
    found.postfix = [read(LineAnswer, line) for line in kept["lines"]]
    found.postfix_by_recipient = _by_recipient(kept["lines"], found.postfix)
    found.rspamd = _scan(next(iter(kept["scan"]), None), message)
    found.netfilter = [read(EventAnswer, event) for event in kept["events"]]
    found.related = related_of(message, kept["related"])
    found.reported = [read(Said, row) for row in kept["said"]]
    return found


def _add_unsettled(found: MessageDetail, message: Any) -> None:
    """Add the recipients of whom no delivery tells, so that as many are told as the list counts."""
    status = status_of_rest(message, [person.status for person in found.deliveries])
    found.deliveries += [
        DeliveryAnswer(address, None, status, None, None, None, 0, None, None, None, None)
        for address in without_delivery(message, found.deliveries)
    ]
    count = count_unnamed(message)
    found.unnamed = Unnamed(count, status) if count else None


def _tell_duplicates(deliveries: Sequence[DeliveryAnswer]) -> None:
    """Say of a discarded copy that the same mailbox has another one."""
    stored = {delivery.recipient.lower() for delivery in deliveries if delivery.folder}
    for delivery in deliveries:
        if delivery.folder is None and delivery.recipient.lower() in stored:
            delivery.filed = filed(None, delivery.filter, is_repeated=True)


def _scan(row: Any | None, message: Any | None) -> ScanAnswer | None:
    """The Rspamd row in the direction of the message it belongs to."""
    if row is None:
        return None
    found = read(ScanAnswer, row)
    if message is not None and message.direction:
        found.direction = message.direction
    return found


def _by_recipient(rows: Sequence[Any], lines: Sequence[LineAnswer]) -> dict[str, list[LineAnswer]]:
    """The lines under the recipient whose outcome they tell, `_system` for the rest."""
    grouped: dict[str, list[LineAnswer]] = defaultdict(list)
    for row, line in zip(rows, lines, strict=True):
        grouped[row.recipient if row.recipient and row.status else NO_RECIPIENT].append(line)
    return dict(grouped)


def lines_of(session: Session, queue_id: str) -> QueueLines | None:
    """All lines of a queue id with the Rspamd row of its newest message; None where there are none."""
    rows = evidence.lines_of_queue_id(session, queue_id)
    if not rows:
        return None
    message = session.execute(NEWEST, {"queue_id": queue_id}).first()
    scan = _scan(evidence.scan_of(session, message), message)
    lines = [_completed(read(QueueLineAnswer, row), message) for row in rows]
    return QueueLines(queue_id, key_of(message) if message else None, scan, lines)


def _completed(line: QueueLineAnswer, message: Any | None) -> QueueLineAnswer:
    """The line with what it does not tell itself from its message."""
    if message is not None:
        line.message_id = message.message_id if line.message_id is None else line.message_id
        line.sender = message.sender if line.sender is None else line.sender
        line.recipient = line.recipient or (message.recipients[0] if message.recipients else None)
    return line
