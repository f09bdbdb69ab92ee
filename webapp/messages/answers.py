"""The shapes of the answers, for the API's description; examples as in the reference."""

from typing import Any

from pydantic import BaseModel, ConfigDict

LIST_ITEM: dict[str, Any] = {
    "correlation_key": "abc123def456",
    "message_id": "<unique-id@example.com>",
    "queue_id": "ABC123DEF",
    "sender": "user@example.com",
    "recipient": "recipient@example.net",
    "recipients": ["recipient@example.net"],
    "recipient_count": 1,
    "subject": "Hello World",
    "direction": "outbound",
    "final_status": "delivered",
    "outcomes": ["delivered"],
    "is_complete": True,
    "first_seen": "2026-01-25T10:30:00Z",
    "last_seen": "2026-01-25T10:30:05Z",
    "spam_score": 0.5,
    "is_spam": False,
    "user": "user@example.com",
    "ip": "192.0.2.100",
}
DELIVERY: dict[str, Any] = {
    "recipient": "recipient@example.net",
    "orig_to": None,
    "status": "delivered",
    "dsn": "2.0.0",
    "relay": "mx.example.net[198.51.100.7]:25",
    "delay": 1.5,
    "attempts": 1,
    "response": "250 2.0.0 Ok",
    "time": "2026-01-25T10:30:05Z",
    "meaning": "accepted by the next server",
}


class MessagePage(BaseModel):
    """One page of messages, newest first. Above 10,000 the total is an estimate."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1234,
                "total_is_estimate": False,
                "page": 1,
                "limit": 50,
                "pages": 25,
                "next_cursor": "1769337000000000_42",
                "data": [LIST_ITEM],
            }
        }
    )

    total: int
    total_is_estimate: bool
    page: int
    limit: int
    pages: int
    next_cursor: str | None
    data: list[dict[str, Any]]


class MessageDetail(BaseModel):
    """One message: every recipient's outcome, the Postfix lines, the Rspamd row, netfilter events, related
    messages."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                **LIST_ITEM,
                "summary": "The mail was delivered to recipient@example.net.",
                "deliveries": [DELIVERY],
                "rspamd": {
                    "score": 0.5,
                    "required_score": 15,
                    "action": "no action",
                    "symbols": {"MAILCOW_AUTH": {"score": -20}},
                },
                "postfix": [],
                "postfix_by_recipient": {},
                "netfilter": [],
                "related": [{"correlation_key": "def", "queue_id": "DEF456", "relation": "notified_by"}],
            }
        },
    )

    correlation_key: str
    deliveries: list[dict[str, Any]]
    related: list[dict[str, Any]]


class QueueLines(BaseModel):
    """All lines of a queue id with the Rspamd row of its newest message."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "queue_id": "ABC123DEF",
                "correlation_key": "abc123",
                "rspamd": {"score": 0.5, "action": "no action"},
                "logs": [
                    {
                        "id": 12345,
                        "time": "2026-01-25T10:30:00Z",
                        "program": "postfix/smtpd",
                        "priority": "info",
                        "message": "ABC123DEF: client=...",
                        "queue_id": "ABC123DEF",
                        "status": None,
                    }
                ],
            }
        }
    )

    queue_id: str
    correlation_key: str | None
    rspamd: dict[str, Any] | None
    logs: list[dict[str, Any]]
