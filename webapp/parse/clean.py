"""Foreign JSON -> values that JSON and PostgreSQL can hold. Pure; the one place for all that mailcow sends.

PostgreSQL stores neither NUL nor lone surrogates, JSON has no numbers beyond 64 bits, and neither nests
without end. What cannot be held is replaced; of many rows, one that cannot be read costs only itself.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import orjson

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 100  # levels; orjson writes 254
HIGHEST = 10**18  # seconds, bytes, scores: nothing of mailcow's comes near
TOO_DEEP = "(nested too deep)"
NUL = b"\\u0000"
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|$)|[\[\]{},]', re.DOTALL)
OPENING, CLOSING = b"[{", b"]}"


def clean_text(text: str) -> str:
    """The text with U+FFFD for what PostgreSQL cannot store."""
    if text.isascii() and "\0" not in text:
        return text
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def clean(value: Any, level: int = 0) -> Any:
    """The value as it can be stored: texts without NUL and lone surrogates, numbers within bounds, and a word
    for what lies deeper than 100 levels."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, int):
        return value if -HIGHEST <= value <= HIGHEST else HIGHEST if value > 0 else -HIGHEST
    if isinstance(value, float):
        return clean_number(value)
    if value is None:
        return None
    if level >= DEEPEST:
        return TOO_DEEP
    if isinstance(value, dict):
        return {clean_text(str(name)): clean(item, level + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [clean(item, level + 1) for item in value]
    return clean_text(str(value))


def clean_number(value: float) -> float | None:
    """The number within bounds; None for one that is none."""
    if math.isnan(value):
        return None
    return max(-float(HIGHEST), min(float(HIGHEST), value))


def read_value(content: bytes) -> Any:
    """The clean value of a JSON text; raises ValueError."""
    try:
        return clean(orjson.loads(content))
    except orjson.JSONDecodeError:
        return clean(_lax(content))


def read_rows(content: bytes) -> Any:
    """The value of a JSON text that should be a list of many rows: its texts can be stored; numbers and depth
    of a row are left to those who read it. A row that cannot be read is a text. Raises ValueError."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError:
        return _each(content)
    return clean(value) if NUL in content else value


def _lax(content: bytes) -> Any:
    """The value by Python's own reader, which takes lone surrogates and long numbers; raises ValueError."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _each(content: bytes) -> Any:
    """The rows of a list, one by one."""
    text = content.strip()
    if not text.startswith(b"["):
        return clean(_lax(text))
    return [_row(piece) for piece in _pieces(text)]


def _row(piece: bytes) -> Any:
    try:
        return read_value(piece)
    except ValueError:
        return clean_text(piece[:2000].decode("utf-8", "replace"))


def _pieces(text: bytes) -> Iterator[bytes]:
    """The texts of a list's elements; raises ValueError where the list does not end."""
    level, start = 0, 1
    for token in TOKEN.finditer(text):
        sign = token[0]
        if sign in (b"[", b"{"):
            level += 1
        elif sign in (b"]", b"}"):
            level -= 1
        if (sign == b"," and level == 1) or level == 0:
            if piece := text[start : token.start()].strip():
                yield piece
            start = token.end()
        if level == 0:
            if text[start:].strip():
                raise ValueError("something stands behind the list")
            return
    raise ValueError("the list does not end")
