"""The shape of the quarantine's answer: what the API gives and how it is described."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.lists.livelist import LiveAnswer


@dataclass(frozen=True)
class QuarantineItem:
    """One message: what was made of mailcow's rows, and mailcow's own words of the first of them, which come
    as numbers or as text by mailcow's version."""

    id: int
    ids: Sequence[int]
    qid: str
    subject: str
    sender: str
    recipients: Sequence[str]
    created: datetime | None
    reason: str
    rcpt: str | None
    score: float | str | None
    action: str | None
    virus_flag: int | str | None
    notified: int | str | None


@dataclass(frozen=True)
class QuarantineAnswer(LiveAnswer):
    """The quarantine, one item for each message; `ids` are mailcow's, one for each mailbox. `stale` as for
    the queue."""

    data: list[QuarantineItem]


ITEM: dict[str, Any] = {
    "id": 123,
    "ids": [123],
    "qid": "8224615004C1",
    "subject": "Suspicious Email",
    "sender": "spammer@evil.com",
    "recipients": ["user@example.com"],
    "created": "2025-12-25T10:30:00Z",
    "reason": "High spam score (15.48): rejected",
    "rcpt": "user@example.com",
    "score": 15.48,
    "action": "reject",
    "virus_flag": 0,
    "notified": 1,
}
EXAMPLE: dict[str, Any] = {
    "total": 1,
    "data": [ITEM],
    "stale": False,
    "taken_at": "2026-01-08T01:34:08Z",
    "age_seconds": 3.2,
    "error": None,
}
