"""The shape of the queue's answer: what the API gives and how it is described."""

from dataclasses import dataclass
from typing import Any

from webapp.lists.livelist import LiveAnswer
from webapp.mailcow.live import EarlierList


@dataclass(frozen=True)
class QueueAnswer(LiveAnswer):
    """The mail queue. `stale` tells that mailcow gave no newer list in time, `error` why; `age_seconds` is
    the list's age.

    Its data are mailcow's rows as they came, whatever this mailcow tells, with the `reasons` worked out of
    them.
    """

    data: list[dict[str, Any]]
    note: str | None
    last_not_empty: EarlierList | None


ROW: dict[str, Any] = {
    "queue_name": "deferred",
    "queue_id": "ABC123DEF",
    "arrival_time": 1735123456,
    "message_size": 515749,
    "forced_expire": False,
    "sender": "sender@example.com",
    "recipients": ["user@example.com (connect to example.com[1.2.3.4]:25: Connection timed out)"],
    "reasons": ["Connection timed out"],
}
EXAMPLE: dict[str, Any] = {
    "total": 1,
    "data": [ROW],
    "stale": False,
    "taken_at": "2026-01-08T01:34:08Z",
    "age_seconds": 3.2,
    "error": None,
    "note": None,
    "last_not_empty": None,
}
