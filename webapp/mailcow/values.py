"""Values as mailcow writes them: numbers come as such or as text; what is no value gives None."""

from datetime import datetime
from typing import Any

from webapp.tables.db import utc

PAST_ALL = 253402300799  # Unix second of the end of the year 9999


def whole(value: Any) -> int | None:
    """A whole number."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def number(value: Any) -> float | None:
    """A number."""
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def second(value: Any) -> int:
    """A Unix second that a clock may show; 0 for others."""
    found = whole(value)
    return found if found and 0 < found < PAST_ALL else 0


def moment(value: Any) -> datetime | None:
    """The time of a Unix second."""
    found = second(value)
    return utc(found) if found else None
