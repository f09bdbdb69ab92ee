"""Reading raw lines. Queries only read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

LINE = "id, time, program, priority, message, queue_id, message_id, sender, recipient, status, relay, delay, dsn"
MOST_LINES = 5000  # of one message
MOST_EVENTS = 200


def lines_of_queue_id(session: Session, queue_id: str) -> Sequence[Any]:
    """The newest 5,000 lines of a queue id, all its lives, oldest first."""
    return session.execute(text(
        f"SELECT * FROM (SELECT {LINE} FROM postfix_logs WHERE queue_id = :queue_id ORDER BY time DESC, id DESC LIMIT {MOST_LINES}) AS l "
        "ORDER BY time, id"), {"queue_id": queue_id}).all()


def lines_of_message(session: Session, message: Any) -> Sequence[Any]:
    """The lines of one life of a queue id, or the one line of a refused attempt, oldest first."""
    span = {"start": message.first_seen, "end": message.last_seen}
    if message.kind == "scan":
        return []
    if message.queue_id:
        return session.execute(text(
            f"SELECT {LINE} FROM postfix_logs WHERE queue_id = :queue_id AND time BETWEEN :start AND :end "
            f"ORDER BY time, id LIMIT {MOST_LINES}"), {"queue_id": message.queue_id, **span}).all()
    refused = session.execute(text(
        f"SELECT {LINE} FROM postfix_logs WHERE time = :start AND queue_id IS NULL AND status = 'rejected' "
        "AND sender IS NOT DISTINCT FROM :sender AND recipient IS NOT DISTINCT FROM :recipient ORDER BY id LIMIT 1"),
        {"start": message.first_seen, "sender": message.sender, "recipient": message.recipients[0] if message.recipients else None})
    return refused.all()


def find_scan(session: Session, time: datetime | None, digest: int | None, ordinal: int | None) -> Any | None:
    """The Rspamd row of that name, or None."""
    if time is None:
        return None
    return session.execute(text("SELECT * FROM rspamd_logs WHERE time = :time AND digest = :digest AND ordinal = :ordinal"),
                           {"time": time, "digest": digest, "ordinal": ordinal}).first()


def netfilter_around(session: Session, ip: str | None, start: datetime, end: datetime) -> Sequence[Any]:
    """The netfilter events of an address in a span of time, oldest first, at most 200."""
    if not ip:
        return []
    return session.execute(text(
        "SELECT id, time, priority, message, ip, rule_id, attempts_left, username, auth_method, action FROM netfilter_logs "
        f"WHERE ip = :ip AND time BETWEEN :start AND :end ORDER BY time, id LIMIT {MOST_EVENTS}"),
        {"ip": ip, "start": start, "end": end}).all()


def recent_gaps(session: Session, since: datetime) -> Sequence[Any]:
    """The gaps noticed since then, newest first, at most 20."""
    return session.execute(text('SELECT id, source, start, "end", detected_at FROM log_gaps WHERE detected_at >= :since '
                                "ORDER BY detected_at DESC LIMIT 20"), {"since": since}).all()
