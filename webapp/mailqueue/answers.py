"""The shape of the queue's answer, for the API's description."""

from typing import Any

from pydantic import BaseModel, ConfigDict

ENTRY: dict[str, Any] = {
    "queue_name": "deferred",
    "queue_id": "ABC123DEF",
    "arrival_time": 1735123456,
    "message_size": 515749,
    "forced_expire": False,
    "sender": "sender@example.com",
    "recipients": ["user@example.com (connect to example.com[1.2.3.4]:25: Connection timed out)"],
    "reasons": ["Connection timed out"],
}


class QueueAnswer(BaseModel):
    """The mail queue. `stale` tells that mailcow gave no newer list in time, `error` why; `age_seconds` is
    the list's age."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "data": [ENTRY],
                "stale": False,
                "taken_at": "2026-01-08T01:34:08Z",
                "age_seconds": 3.2,
                "error": None,
                "note": None,
                "last_not_empty": None,
            }
        }
    )

    total: int
    data: list[dict[str, Any]]
    stale: bool
    taken_at: str | None
    age_seconds: float | None
    error: str | None
    note: str | None
    last_not_empty: dict[str, Any] | None
