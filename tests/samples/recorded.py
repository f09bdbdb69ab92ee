"""The recorded mail set, its times moved so that the newest line is half a minute old."""

import functools
import gzip
import time
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "recorded-mail"
CLOCKS = {"postfix": "time", "rspamd-history": "unix_time", "netfilter": "time", "dovecot": "time"}
NEWEST_AT = int(time.time()) - 30
_SHIFT = NEWEST_AT - 1_795_374_825


@functools.cache
def load(name: str) -> Any:
    """The content of one file as recorded."""
    return orjson.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))


@functools.cache
def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one list, oldest first, at present times; not to be changed."""
    clock = CLOCKS[name]
    return [{**row, clock: type(row[clock])(int(row[clock]) + _SHIFT)} for row in reversed(load(name))]


def lists() -> dict[str, list[Any]]:
    """All four lists, oldest first, free to be changed."""
    return {name: list(rows(name)) for name in CLOCKS}


def objects() -> dict[str, Any]:
    """The answers of the other routes."""
    return dict(load("api"))
