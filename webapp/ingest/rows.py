"""A row of one of mailcow's lists, in one shape for all of them, or the reason why it has none."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import orjson

from webapp.parse.bounds import LONGEST_LINE, cut
from webapp.parse.clean import clean
from webapp.parse.identity import digest64

END_OF_TIME = 4102444800  # 2100-01-01, Unix seconds; a clock beyond it is no clock
LONGEST_CLOCK = 40  # characters

Fields = TypeVar("Fields")


@dataclass(slots=True, init=False)
class Record(Generic[Fields]):
    """One row as read. `key` is what alignment compares; `ordinal` counts byte-identical rows of a second."""

    time: int
    digest: int
    fields: Fields
    ordinal: int
    key: tuple[int, int]

    def __init__(self, time: int, digest: int, fields: Fields, ordinal: int = 0) -> None:
        self.time, self.digest, self.fields, self.ordinal = time, digest, fields, ordinal
        self.key = time, digest

    @property
    def name(self) -> tuple[int, int, int]:
        """What names the row where it is stored."""
        return self.time, self.digest, self.ordinal


@dataclass(slots=True)
class BadRecord:
    """A row that cannot be understood, and why; it has no time."""

    digest: int
    reason: str
    raw: Any
    time: int = 0

    @property
    def key(self) -> tuple[int, int]:
        """What alignment compares."""
        return self.time, self.digest


Element: TypeAlias = Record[Fields] | BadRecord


def good_records(records: list[Element[Fields]]) -> list[Record[Fields]]:
    """Those that can be understood."""
    return [record for record in records if isinstance(record, Record)]


def bad_record(raw: Any, reason: str) -> BadRecord:
    """The record of a row that is set aside for this reason."""
    cleaned = clean(raw)
    return BadRecord(raw_digest(cleaned), reason, cleaned)


def canonical(raw: Any) -> bytes:
    """A row as received in JSON, whatever the order of its keys; raises TypeError for one that JSON cannot
    hold."""
    return orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str)


def raw_digest(raw: Any) -> int:
    """The digest of a row as received; raises as `canonical` does."""
    return digest64(canonical(raw))


def unix_second(value: Any) -> int | None:
    """The second that a row's clock shows; None where it is no clock."""
    if isinstance(value, str):
        return _second_of(value) if len(value) <= LONGEST_CLOCK else None
    return _second_of(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


@lru_cache(maxsize=4096)  # of one second there are many rows
def _second_of(value: float | str) -> int | None:
    try:
        seconds = int(float(value))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < END_OF_TIME else None


def text_of(raw: dict[str, Any]) -> str:
    """The `message` of a row of a syslog; raises ValueError with the reason."""
    message = raw.get("message")
    if not isinstance(message, str):
        raise ValueError("no message")
    return message if len(message) <= LONGEST_LINE else cut(message, LONGEST_LINE)
