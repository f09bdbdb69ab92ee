"""gzip and zlib: bombs, members without end, lies in headers, streams that break off."""

import gzip
import struct
import zlib
from collections.abc import Iterator

from tests.reports.hostile.file import BIG, HEAD, Hostile, ordinary, whole
from tests.reports.samples import gz, record

MIB = 1024 * 1024
EMPTY_MEMBER = gzip.compress(b"", mtime=0)


def bomb(piece: bytes, mebibytes: int, wbits: int = 31, head: bytes = b"") -> bytes:
    """So many mebibytes of one piece, packed; `wbits` 31 is gzip, 15 zlib."""
    engine = zlib.compressobj(9, zlib.DEFLATED, wbits)
    block = (piece * (MIB // len(piece) + 1))[:MIB]
    packed = [engine.compress(head), *(engine.compress(block) for _ in range(mebibytes)), engine.flush()]
    return b"".join(packed)


def header(flags: int, rest: bytes = b"") -> bytes:
    """The first bytes of a gzip file with these flags (RFC 1952)."""
    return b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff" + rest


def nested(times: int) -> bytes:
    """A report packed so many times over."""
    data = ordinary("packed")
    for _ in range(times):
        data = gz(data)
    return data


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    good = gz(ordinary("cut"))
    body = good[10:]
    yield Hostile("gzip of a gigabyte of zeros", lambda: bomb(b"\0", 1024), is_large=True)
    yield Hostile("gzip of a gigabyte of blanks", lambda: bomb(b" ", 1024), is_large=True)
    yield Hostile("gzip of 9 gigabytes of zeros", lambda: bomb(b"\0", 9200), is_large=True)
    yield Hostile(
        "gzip of a report with a gigabyte behind its head",
        lambda: bomb(b" ", 1024, head=HEAD.encode()),
        is_large=True,
    )
    yield Hostile(
        "gzip of 199 MB without a record", lambda: bomb(b"<x/>", 199, head=HEAD.encode()), is_large=True
    )
    yield Hostile("gzip of 199 MB of one text", lambda: bomb(b"x", 199, head=b"<feedback>"), is_large=True)
    yield Hostile(
        "gzip of 199 MB of one attribute", lambda: bomb(b"y", 199, head=b'<feedback a="'), is_large=True
    )
    yield Hostile("gzip of 199 MB of tags", lambda: bomb(b"<a>", 199), is_large=True)
    yield Hostile(
        "gzip of 199 MB of records",
        lambda: bomb(b"<record></record>", 199, head=HEAD.encode()),
        is_large=True,
    )
    yield Hostile(
        "gzip of 199 MB of empty records", lambda: bomb(b"<record/>", 199, head=HEAD.encode()), is_large=True
    )
    yield Hostile("gzip of 199 MB of JSON blanks", lambda: bomb(b" ", 199, head=b"{"), is_large=True)
    yield Hostile(
        "gzip of a gigabyte of a mail",
        lambda: bomb(b"a\n", 1024, head=b"From: a@b.example\n\n"),
        is_large=True,
    )
    yield Hostile(
        "gzip in gzip of a gigabyte", lambda: gz(bomb(b" ", 1024, head=HEAD.encode())), is_large=True
    )
    yield Hostile("gzip in gzip in gzip of zeros", lambda: gz(gz(bomb(b"\0", 1024))), is_large=True)
    yield Hostile("gzip six times over", lambda: nested(7))
    yield Hostile("gzip a hundred times over", lambda: nested(100))
    yield Hostile("half a million empty gzip members", lambda: EMPTY_MEMBER * 490_000, is_large=True)
    yield Hostile(
        "ten thousand reports in gzip members", lambda: gz(ordinary("member")) * 10_000, is_large=True
    )
    yield Hostile("2,000 members of one byte", lambda: gz("<") * 2000)
    yield Hostile(
        "a thousand members of a growing report", lambda: gz(HEAD) + gz(record()) * 998, may_be_stored=True
    )
    yield Hostile(
        "gzip that states a false size", lambda: good[:-4] + b"\xff\xff\xff\x7f", may_be_stored=True
    )
    yield Hostile("gzip with a false sum", lambda: good[:-8] + b"\0\0\0\0" + good[-4:])
    yield Hostile("gzip cut in the middle", lambda: good[: len(good) // 2])
    yield Hostile("gzip of which only the header came", lambda: good[:10])
    yield Hostile("three bytes of gzip", lambda: good[:3])
    yield Hostile("gzip of an unknown method", lambda: b"\x1f\x8b\x07" + good[3:])
    yield Hostile("gzip with reserved flags", lambda: header(0xE0, body))
    yield Hostile("gzip whose extra field goes on for ever", lambda: header(4, b"\xff\xff" + b"x" * 60_000))
    yield Hostile("gzip whose name never ends", lambda: header(8, b"n" * BIG), is_large=True)
    yield Hostile("gzip whose comment never ends", lambda: header(16, b"c" * BIG), is_large=True)
    yield Hostile("gzip with a huge name", lambda: header(8, b"n" * MIB + b"\0" + body), may_be_stored=True)
    yield Hostile("gzip with a false sum of its header", lambda: header(2, b"\0\0" + body))
    yield Hostile("gzip of noise", lambda: header(0, bytes(range(256)) * 400))
    yield Hostile("gzip with a block of a reserved type", lambda: header(0, b"\x07" * 100))
    yield Hostile("zlib of a gigabyte of blanks", lambda: bomb(b" ", 1024, 15), is_large=True)
    yield Hostile("zlib with a preset dictionary", lambda: b"\x78\xbb" + struct.pack(">I", 7) + body)
    yield Hostile("zlib cut in the middle", lambda: zlib.compress(ordinary("cut"))[:60])
    yield Hostile("zlib of nothing but its header", lambda: b"\x78\x9c")
    yield Hostile("10 MB of the magic number", lambda: b"\x1f\x8b\x08" * (BIG // 3), is_large=True)
    yield Hostile(
        "a report, then a bomb", lambda: gz(ordinary("first")) + bomb(b"<feedback> ", 400), is_large=True
    )
    yield Hostile(
        "a gzip file of an empty report", lambda: gz(whole("").replace(b"<feedback>", b"<feedback/>"))
    )
