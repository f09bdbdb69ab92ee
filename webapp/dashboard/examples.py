"""Examples for the API's description, as in the reference."""

DASHBOARD = {
    "messages": {"24h": 1234, "7d": 8765, "30d": 34567},
    "spam": {"24h": 56, "7d": 234, "percentage_24h": 4.54},
    "failed_deliveries": {"24h": 12, "7d": 45},
    "blocked": {"24h": 77, "7d": 310, "percentage_24h": 6.24},
    "deferred": {"24h": 9, "7d": 41},
    "auth_failures": {"24h": 89, "7d": 456},
    "direction": {"inbound_24h": 800, "outbound_24h": 434, "internal_24h": 120},
    "taken_at": "2026-01-25T10:30:00Z",
}
TIMELINE = {"timeline": [{"hour": "2026-01-25T08:00:00Z", "total": 45, "spam": 2, "clean": 43}]}
TRIGGERS = {"triggers": [{"symbol": "BAYES_SPAM", "count": 456}]}
BLOCKED = {"blocked_ips": [{"ip": "192.0.2.1", "count": 45, "last_seen": "2026-01-25T10:30:00Z"}]}
ACTIVITY = {
    "activity": [
        {
            "time": "2026-01-25T10:30:00Z",
            "sender": "user@example.com",
            "recipient": "other@example.net",
            "subject": "Hello World",
            "direction": "outbound",
            "status": "delivered",
            "correlation_key": "abc123",
        }
    ]
}
VERDICT = {
    "sentence": "Mail flows. clamd is down: no virus scan. Queue 22, +9 in an hour, mostly to "
    "brimful.example (the mailbox is full). 1 address banned.",
    "grade": "warning",
    "as_of": None,
    "parts": [
        {"text": "Mail flows", "grade": "good", "url": "/messages", "more": None, "more_url": None},
        {
            "text": "clamd is down: no virus scan",
            "grade": "warning",
            "url": "/status",
            "more": None,
            "more_url": None,
        },
        {
            "text": "Queue 22, +9 in an hour",
            "grade": "note",
            "url": "/queue",
            "more": "mostly to brimful.example (the mailbox is full)",
            "more_url": "/queue?domain=brimful.example",
        },
        {
            "text": "1 address banned",
            "grade": "note",
            "url": "/security/bans",
            "more": None,
            "more_url": None,
        },
    ],
    "queue": {
        "taken_at": "2026-01-25T10:30:00Z",
        "mails": 22,
        "held": 1,
        "hour_ago": 13,
        "oldest": "2026-01-25T03:30:00Z",
        "destinations": [
            {
                "domain": "brimful.example",
                "mails": 14,
                "hour_ago": 6,
                "oldest": "2026-01-25T03:30:00Z",
                "reason": "mailbox-full",
                "kind": "wait",
                "next_try": "2026-01-25T10:44:00Z",
            }
        ],
    },
}
