"""A fetched row in one shape for all lists: when, its digest, its content made safe for the database."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from webapp.parse.identity import digest64

LATEST = 4102444800  # 2100-01-01, Unix seconds; a clock beyond it is no clock
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(slots=True)
class Row:
    """One row as read. `fields` is None where it cannot be understood, and `reason` says why. `key` is what
    alignment compares."""

    time: int
    digest: int
    fields: dict[str, Any] | None
    reason: str = ""
    raw: Any = None
    ordinal: int = 0
    key: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.time, self.digest


def clean(value: Any) -> Any:
    """The value without what PostgreSQL cannot store (NUL, lone surrogates), which become U+FFFD."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value
        return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(name): clean(item) for name, item in value.items()}
    return value


def read_row(raw: Any, clock: str, read: Callable[[dict[str, Any]], dict[str, Any]]) -> Row:
    """The row that `read` makes of one element of a list; a bad one is set aside, never raised."""
    if not isinstance(raw, dict):
        return _aside(raw, "not an object")
    seconds = _seconds(raw.get(clock))
    if seconds is None:
        return _aside(raw, f"no usable {clock}")
    raw = _storable(raw)
    try:
        fields = read(raw)
    except ValueError as error:
        return _aside(raw, str(error))
    return Row(seconds, fields.pop("digest", None) or _digest(raw), fields)


def _storable(raw: dict[str, Any]) -> dict[str, Any]:
    """The row without what PostgreSQL cannot store. Its JSON tells whether there is any; few rows must be
    gone through."""
    try:
        is_clean = b"\\u0000" not in orjson.dumps(raw, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        is_clean = False
    cleaned: dict[str, Any] = raw if is_clean else clean(raw)
    return cleaned


def _aside(raw: Any, reason: str) -> Row:
    return Row(0, _digest(clean(raw)), None, reason, raw)


def _digest(raw: Any) -> int:
    return digest64(orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=str))


def _seconds(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = int(float(value))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < LATEST else None


def postfix_fields(raw: dict[str, Any]) -> dict[str, Any]:
    """The columns of a Postfix row as logged; raises ValueError with the reason."""
    message = raw.get("message")
    if not isinstance(message, str):
        raise ValueError("no message")
    program, priority = str(raw.get("program") or ""), str(raw.get("priority") or "info")
    return {
        "program": program,
        "priority": priority,
        "message": message,
        "digest": digest64(f"{program}\0{priority}\0{message}".encode()),
    }


def netfilter_fields(raw: dict[str, Any]) -> dict[str, Any]:
    """The columns of a netfilter row as logged; raises ValueError with the reason."""
    message = raw.get("message")
    if not isinstance(message, str):
        raise ValueError("no message")
    return {"priority": str(raw.get("priority") or "info"), "message": message}
