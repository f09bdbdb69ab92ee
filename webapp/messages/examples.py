"""Examples for the API's description, as in the reference."""

from typing import Any

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
    "correlation_status": "complete",
    "spam_score": 0.5,
    "is_spam": False,
    "user": "user@example.com",
    "ip": "192.0.2.100",
}
SCAN: dict[str, Any] = {
    "time": "2026-01-25T10:30:01Z",
    "score": 0.5,
    "required_score": 15,
    "action": "no action",
    "symbols": {"MAILCOW_AUTH": {"score": -20}},
    "is_spam": False,
    "direction": "outbound",
    "ip": "192.0.2.100",
    "user": "user@example.com",
    "has_auth": True,
    "size": 1024,
    "subject": "Hello World",
    "scan_seconds": 0.4,
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
    "folder": None,
    "filter": None,
    "meaning": "accepted by the next server",
    "filed": None,
}
DETAIL: dict[str, Any] = {
    **LIST_ITEM,
    "size": 1024,
    "client_name": "client.example.com",
    "helo": None,
    "service": "submission",
    "queued_at": "2026-01-25T10:30:01Z",
    "ended_at": "2026-01-25T10:30:05Z",
    "summary": "The mail was delivered to recipient@example.net.",
    "deliveries": [DELIVERY],
    "unnamed": None,
    "rspamd": SCAN,
    "postfix": [],
    "postfix_by_recipient": {},
    "dovecot": [],
    "netfilter": [],
    "related": [
        {
            "correlation_key": "def",
            "queue_id": "DEF456",
            "relation": "notified_by",
            "sender": "",
            "recipient": "user@example.com",
            "subject": None,
            "final_status": "delivered",
            "first_seen": "2026-01-25T10:31:00Z",
        }
    ],
    "reported": [
        {
            "domain": "example.com",
            "day": "2026-01-25",
            "source": "192.0.2.25",
            "messages": 40,
            "spf": 40,
            "dkim": 39,
            "passed": 40,
            "is_ours": True,
            "reporters": ["Receiver Inc."],
        }
    ],
}
QUEUE_LINES: dict[str, Any] = {
    "queue_id": "ABC123DEF",
    "correlation_key": "abc123",
    "rspamd": SCAN,
    "logs": [
        {
            "id": 12345,
            "time": "2026-01-25T10:30:00Z",
            "program": "postfix/smtpd",
            "priority": "info",
            "message": "ABC123DEF: client=...",
            "queue_id": "ABC123DEF",
            "message_id": "<unique-id@example.com>",
            "sender": "user@example.com",
            "recipient": "recipient@example.net",
            "status": None,
            "relay": None,
            "delay": None,
            "dsn": None,
        }
    ],
}
