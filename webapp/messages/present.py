"""Messages in the API's words: the documented keys, and what stands beside them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from webapp.messages.dsn import meaning
from webapp.messages.queries import Detail, Row
from webapp.messages.related import Related
from webapp.tables.db import iso


def list_item(row: Row) -> dict[str, Any]:
    """One message of GET /api/messages."""
    return {
        **_common(row),
        "spam_score": row.spam_score,
        "is_spam": row.is_spam,
        "user": row.username,
        "ip": row.ip,
        "recipients": row.recipients,
        "recipient_count": row.recipient_count,
        "outcomes": row.outcomes,
    }


def _common(row: Any) -> dict[str, Any]:
    return {
        "correlation_key": row.correlation_key,
        "message_id": row.message_id,
        "queue_id": row.queue_id,
        "sender": row.sender,
        "recipient": row.recipients[0] if row.recipients else None,
        "subject": row.subject,
        "direction": row.direction,
        "final_status": row.final_status,
        "is_complete": row.correlation == "complete",
        "first_seen": iso(row.first_seen),
        "last_seen": iso(row.last_seen),
        "correlation_status": row.correlation,
    }


def detail(found: Detail) -> dict[str, Any]:
    """The answer of GET /api/message/{correlation_key}/details."""
    message = found.message
    lines = [_line(line) for line in found.lines]
    return {
        **_common(message),
        "recipients": message.recipients,
        "recipient_count": message.recipient_count,
        "summary": found.summary,
        "size": message.size,
        "user": message.username,
        "ip": message.ip,
        "client_name": message.client_name,
        "helo": message.helo,
        "service": message.service,
        "queued_at": iso(message.queued_at),
        "ended_at": iso(message.ended_at),
        "outcomes": message.outcomes,
        "rspamd": rspamd(found.scan, message.direction),
        "postfix": lines,
        "postfix_by_recipient": _by_recipient(found, lines),
        "netfilter": [_event(event) for event in found.netfilter],
        "deliveries": [_delivery(delivery) for delivery in found.deliveries],
        "related": [_related(other) for other in found.related],
    }


def _related(other: Related) -> dict[str, Any]:
    return {
        "correlation_key": other.correlation_key,
        "queue_id": other.queue_id,
        "relation": other.relation,
        "sender": other.sender,
        "recipient": other.recipient,
        "subject": other.subject,
        "final_status": other.final_status,
        "first_seen": iso(other.first_seen),
    }


def rspamd(scan: Any | None, direction: str | None) -> dict[str, Any] | None:
    """An Rspamd row, with the direction of the message it belongs to."""
    if scan is None:
        return None
    return {
        "time": iso(scan.time),
        "score": scan.score,
        "required_score": scan.required_score,
        "action": scan.action,
        "symbols": scan.symbols,
        "is_spam": scan.is_spam,
        "direction": direction or "unknown",
        "ip": scan.ip,
        "user": scan.username,
        "has_auth": scan.has_auth,
        "size": scan.size,
        "subject": scan.subject,
        "scan_seconds": scan.raw.get("time_real"),
    }


def _line(line: Any) -> dict[str, Any]:
    return {
        "time": iso(line.time),
        "program": line.program,
        "priority": line.priority,
        "message": line.message,
        "status": line.status,
        "relay": line.relay,
        "delay": line.delay,
        "dsn": line.dsn,
    }


def queue_lines(queue_id: str, lines: Sequence[Any], message: Any | None, scan: Any | None) -> dict[str, Any]:
    """The answer of GET /api/logs/postfix/by-queue/{queue_id}."""
    return {
        "queue_id": queue_id,
        "correlation_key": message.correlation_key if message else None,
        "rspamd": rspamd(scan, message.direction if message else None),
        "logs": [_queue_line(line, message) for line in lines],
    }


def _queue_line(line: Any, message: Any | None) -> dict[str, Any]:
    """One line; what it does not tell itself comes from its message."""
    return {
        "id": line.id,
        **_line(line),
        "queue_id": line.queue_id,
        "message_id": line.message_id
        if line.message_id is not None
        else message.message_id
        if message
        else None,
        "sender": line.sender if line.sender is not None else message.sender if message else None,
        "recipient": line.recipient or (message.recipients[0] if message and message.recipients else None),
    }


def _by_recipient(found: Detail, lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The lines under the recipient that they name, `_system` for the rest."""
    grouped: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line, shown in zip(found.lines, lines, strict=True):
        grouped[line.recipient if line.recipient and line.status else "_system"].append(shown)
    return dict(grouped)


def _event(event: Any) -> dict[str, Any]:
    return {
        "time": iso(event.time),
        "priority": event.priority,
        "message": event.message,
        "ip": event.ip,
        "rule_id": event.rule_id,
        "attempts_left": event.attempts_left,
        "username": event.username,
        "auth_method": event.auth_method,
        "action": event.action,
    }


def _delivery(delivery: Any) -> dict[str, Any]:
    return {
        "recipient": delivery.recipient,
        "orig_to": delivery.orig_to,
        "status": delivery.status,
        "dsn": delivery.dsn,
        "relay": delivery.relay,
        "delay": delivery.delay,
        "attempts": delivery.attempts,
        "response": delivery.response,
        "time": iso(delivery.time),
        "meaning": meaning(delivery.dsn, delivery.status),
    }
