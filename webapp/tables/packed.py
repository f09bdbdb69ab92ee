"""JSON objects stored as compressed bytes: Rspamd's rows, which all tell the same names and descriptions.

PostgreSQL compresses each value by itself, to two thirds; with a dictionary of what such rows mostly hold an
eighth is left. The first byte names the dictionary, which never changes once rows were stored with it.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import orjson

from webapp.parse.symbols import known

NEWEST = 1  # the dictionary that is written with
SYMBOLS = {1: ("symbols_1.txt", 162)}  # dictionary -> the symbols that it holds: the last ones of a file
WINDOW = -14  # raw deflate, looking 16 kB back
MEMORY = 6
LEVEL = 5
LARGEST = 64 * 2**20  # bytes, unpacked: as much as an answer of mailcow may have
SORTED = orjson.OPT_SORT_KEYS  # the dictionary has them so
LAST = (  # of the dictionary: what each row has, most like what is to come where it begins
    '"fuzzy_hashes":["passthrough_module":"message-id":"undef"'
    '"options":[""],"score":0}},"thresholds":{"add header":8,"greylist":7,"reject":15},"time_real":0.'
    '"user":"unknown"{"is_skipped":false,"rcpt_mime":["@"],"sender_mime":"","symbols":{'
)


class Unreadable(ValueError):
    """Bytes that were not packed here."""


@cache
def dictionary(number: int) -> bytes:
    """What such rows mostly hold, the commonest last; raises Unreadable for a number that was never used."""
    if number not in SYMBOLS:
        raise Unreadable(f"packed with dictionary {number}")
    file, most = SYMBOLS[number]
    usual = (
        f'"{symbol.name}":{{{_description(symbol.description)}"metric_score":{symbol.score},'
        f'"score":{symbol.score}}},'
        for symbol in known(file)[-most:]
    )
    return ("".join(usual) + LAST).encode()


def _description(told: str) -> str:
    return f'"description":"{told}",' if told else ""


@cache
def _ready() -> Any:
    """A compressor that has read the dictionary, to be copied: reading it takes longer than a row."""
    return zlib.compressobj(LEVEL, zlib.DEFLATED, WINDOW, MEMORY, zlib.Z_DEFAULT_STRATEGY, dictionary(NEWEST))


def packed(value: Mapping[str, Any]) -> bytes:
    """The object as it is stored."""
    compressor = _ready().copy()
    content = orjson.dumps(value, option=SORTED)
    return bytes([NEWEST]) + compressor.compress(content) + compressor.flush()


def unpacked(stored: bytes) -> dict[str, Any]:
    """The object that was packed; raises Unreadable for other bytes, and for what grows beyond LARGEST."""
    reader = zlib.decompressobj(WINDOW, dictionary(stored[0] if stored else 0))
    try:
        content = reader.decompress(stored[1:], LARGEST)
        if not reader.eof:
            raise Unreadable("larger than what is stored so, or cut off")
        found = orjson.loads(content)
    except (zlib.error, orjson.JSONDecodeError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found
