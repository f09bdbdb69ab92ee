"""Log rows in the API's words."""

from typing import Any

from webapp.logs.queries import refusal_key
from webapp.tables.db import iso


def postfix_row(row: Any, keys: dict[int, str]) -> dict[str, Any]:
    """One line of GET /api/logs/postfix, with the message it belongs to."""
    key = keys.get(row.id) or (refusal_key(row) if row.status == "rejected" and not row.queue_id else None)
    return {
        "id": row.id,
        "time": iso(row.time),
        "program": row.program,
        "priority": row.priority,
        "message": row.message,
        "queue_id": row.queue_id,
        "message_id": row.message_id,
        "sender": row.sender,
        "recipient": row.recipient,
        "status": row.status,
        "relay": row.relay,
        "delay": row.delay,
        "dsn": row.dsn,
        "correlation_key": key,
    }


def rspamd_row(row: Any, keys: dict[int, str]) -> dict[str, Any]:
    """One row of GET /api/logs/rspamd, with the message it belongs to."""
    return {
        "id": row.id,
        "time": iso(row.time),
        "message_id": row.message_id,
        "subject": row.subject,
        "size": row.size,
        "sender_smtp": row.sender,
        "recipients_smtp": row.recipients,
        "score": row.score,
        "required_score": row.required_score,
        "action": row.action,
        "direction": row.direction or "unknown",
        "ip": row.ip,
        "is_spam": row.is_spam,
        "has_auth": row.has_auth,
        "user": row.username,
        "symbols": row.symbols,
        "correlation_key": keys.get(row.id),
    }


def netfilter_row(row: Any) -> dict[str, Any]:
    """One event of GET /api/logs/netfilter."""
    return {
        "id": row.id,
        "time": iso(row.time),
        "priority": row.priority,
        "message": row.message,
        "ip": row.ip,
        "rule_id": row.rule_id,
        "attempts_left": row.attempts_left,
        "username": row.username,
        "auth_method": row.auth_method,
        "action": row.action,
    }
