"""JSON objects stored as compressed bytes: Rspamd's rows, which all tell the same names and descriptions.

PostgreSQL compresses each value by itself, to two thirds; with a dictionary of what such rows mostly hold an
eighth is left. The first byte names the dictionary, which never changes once rows were stored with it:

1: raw deflate (RFC 1951) with the known symbols as they stand in JSON. Rows were written with it at first.
2: a zstd frame (RFC 8878) with `packed_2.zdict`, which is dictionary 1 with the entropy tables (section 5) of
280 rows that were recorded on a test server. To pack a row takes half the time, and leaves a tenth less.
"""

import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from backports import zstd

from webapp.parse.symbols import known

DEFLATED, NEWEST = 1, 2  # dictionaries; the last one is written with
SYMBOLS = "symbols_1.txt", 162  # those of dictionary 1: the last ones of a file
WINDOW = -14  # raw deflate, looking 16 kB back
LEVEL = 4
OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: LEVEL,
    zstd.CompressionParameter.content_size_flag: 0,
    zstd.CompressionParameter.dict_id_flag: 0,
}
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
def symbols_in_json() -> bytes:
    """Dictionary 1: what such rows mostly hold, the commonest last."""
    file, most = SYMBOLS
    usual = (
        f'"{symbol.name}":{{{_description(symbol.description)}"metric_score":{symbol.score},'
        f'"score":{symbol.score}}},'
        for symbol in known(file)[-most:]
    )
    return ("".join(usual) + LAST).encode()


def _description(told: str) -> str:
    return f'"description":"{told}",' if told else ""


@cache
def trained() -> zstd.ZstdDict:
    """Dictionary 2."""
    return zstd.ZstdDict(Path(__file__).with_name("packed_2.zdict").read_bytes())


@cache
def _packer() -> zstd.ZstdCompressor:
    """Made once: making one takes longer than packing a row."""
    return zstd.ZstdCompressor(options=OPTIONS, zstd_dict=trained().as_digested_dict)


def packed(value: Mapping[str, Any]) -> bytes:
    """The object as it is stored."""
    frame = _packer().compress(orjson.dumps(value, option=SORTED), zstd.ZstdCompressor.FLUSH_FRAME)
    return bytes([NEWEST]) + frame


def unpacked(stored: bytes) -> dict[str, Any]:
    """The object that was packed; raises Unreadable for other bytes, and for what grows beyond LARGEST."""
    reader = _reader(stored[0] if stored else 0)
    try:
        content = reader.decompress(stored[1:], LARGEST)
        if not reader.eof:
            raise Unreadable("larger than what is stored so, or cut off")
        found = orjson.loads(content)
    except (zlib.error, zstd.ZstdError, orjson.JSONDecodeError) as error:
        raise Unreadable(str(error)) from error
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def _reader(dictionary: int) -> Any:
    if dictionary == NEWEST:
        return zstd.ZstdDecompressor(zstd_dict=trained().as_digested_dict)
    if dictionary == DEFLATED:
        return zlib.decompressobj(WINDOW, symbols_in_json())
    raise Unreadable(f"packed with dictionary {dictionary}")
