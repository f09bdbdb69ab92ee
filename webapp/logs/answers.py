"""The shapes of the answers, for the API's description; examples as in the reference."""

from typing import Any

from pydantic import BaseModel, ConfigDict

PAGE: dict[str, Any] = {
    "total": 500,
    "total_is_estimate": False,
    "page": 1,
    "limit": 50,
    "pages": 10,
    "next_cursor": "1769337000000000_42",
}
POSTFIX: dict[str, Any] = {
    "id": 12345,
    "time": "2026-01-25T10:30:00Z",
    "program": "postfix/smtp",
    "priority": "info",
    "message": "ABC123DEF: to=<user@example.com>...",
    "queue_id": "ABC123DEF",
    "message_id": None,
    "sender": None,
    "recipient": "user@example.com",
    "status": "sent",
    "relay": "mail.example.com[192.0.2.4]:25",
    "delay": 1.5,
    "dsn": "2.0.0",
    "correlation_key": "abc123",
}
RSPAMD: dict[str, Any] = {
    "id": 5678,
    "time": "2026-01-25T10:30:00Z",
    "message_id": "unique-id@example.com",
    "subject": "Hello World",
    "size": 1024,
    "sender_smtp": "sender@example.com",
    "recipients_smtp": ["user@example.com"],
    "score": 0.5,
    "required_score": 15,
    "action": "no action",
    "direction": "outbound",
    "ip": "192.0.2.100",
    "is_spam": False,
    "has_auth": True,
    "user": "sender@example.com",
    "symbols": {"MAILCOW_AUTH": {"score": -20}},
    "correlation_key": "abc123",
}
NETFILTER: dict[str, Any] = {
    "id": 999,
    "time": "2026-01-25T10:30:00Z",
    "priority": "warn",
    "message": "192.0.2.1 matched rule id 3 ...",
    "ip": "192.0.2.1",
    "rule_id": 3,
    "attempts_left": 9,
    "username": "user@example.com",
    "auth_method": "SASL LOGIN",
    "action": "warning",
}


class LogPage(BaseModel):
    """One page of rows, newest first. Above 10,000 the total is an estimate."""

    total: int
    total_is_estimate: bool
    page: int
    limit: int
    pages: int
    next_cursor: str | None
    data: list[dict[str, Any]]


class PostfixPage(LogPage):
    """Postfix lines."""

    model_config = ConfigDict(json_schema_extra={"example": {**PAGE, "data": [POSTFIX]}})


class RspamdPage(LogPage):
    """Rspamd rows."""

    model_config = ConfigDict(json_schema_extra={"example": {**PAGE, "data": [RSPAMD]}})


class NetfilterPage(LogPage):
    """Netfilter events."""

    model_config = ConfigDict(json_schema_extra={"example": {**PAGE, "data": [NETFILTER]}})
