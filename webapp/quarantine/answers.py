"""The shape of the quarantine's answer, for the API's description."""

from typing import Any

from pydantic import BaseModel, ConfigDict

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


class QuarantineAnswer(BaseModel):
    """The quarantine, one item for each message; `ids` are mailcow's, one for each mailbox. `stale` as for
    the queue."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "data": [ITEM],
                "stale": False,
                "taken_at": "2026-01-08T01:34:08Z",
                "age_seconds": 3.2,
                "error": None,
            }
        }
    )

    total: int
    data: list[dict[str, Any]]
    stale: bool
    taken_at: str | None
    age_seconds: float | None
    error: str | None
