"""zip: bombs, members that overlap, names that climb, lists that lie."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from tests.reports.hostile.file import BIG, HEAD, Hostile, ordinary
from tests.reports.hostile.gzips import MIB, bomb
from tests.reports.samples import gz, zipped

CLIMBING = (
    "../../../../etc/passwd",
    "/etc/cron.d/root",
    "C:\\Windows\\System32\\a.xml",
    "..\\..\\a.xml",
    "a\0.xml",
    "con",
    "<img src=x onerror=alert(1)>.xml",
    '=HYPERLINK("http://evil.example")',
    "\u202egnp.xml",
    "a/" * 2000 + "b.xml",
    "n" * 60_000,
    "a\r\nSet-Cookie: x=1.xml",
)


def deflated(data: bytes) -> bytes:
    """Raw deflate, as a zip holds it."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def entry(
    name: bytes,
    packed: bytes,
    size: int,
    crc: int,
    at: int,
    *,
    method: int = 8,
    flags: int = 0,
    extra: bytes = b"",
    packed_size: int | None = None,
) -> tuple[bytes, bytes]:
    """A local header with its data, and the list's entry for it."""
    stated = len(packed) if packed_size is None else packed_size
    common = struct.pack("<HHHHHIIIHH", 20, flags, method, 0, 0x21, crc, stated, size, len(name), len(extra))
    local = b"PK\x03\x04" + common + name + extra + packed
    listed = (
        b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, at) + name + extra
    )
    return local, listed


def end(count: int, size: int, at: int, comment: bytes = b"") -> bytes:
    """The record at a zip's end."""
    return b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, size, at, len(comment)) + comment


def archive(content: bytes, **changes: object) -> bytes:
    """A zip of one member, with what is told of it changed."""
    size, crc = changes.pop("size", len(content)), changes.pop("crc", zlib.crc32(content))
    local, listed = entry(b"a.xml", deflated(content), size, crc, 0, **changes)  # type: ignore[arg-type]
    return local + listed + end(1, len(listed), len(local))


def overlapping(members: int, mebibytes: int) -> bytes:
    """Many entries of the list that all name the same packed bytes."""
    content = b" " * (mebibytes * MIB)
    packed = deflated(content)
    local, _ = entry(b"a", packed, len(content), zlib.crc32(content), 0)
    _, listed = entry(b"a", packed, len(content), zlib.crc32(content), 0)
    return local + listed * members + end(members, len(listed) * members, len(local))


def many(count: int, content: bytes = b"") -> bytes:
    """A zip of so many members."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as made:
        for number in range(count):
            made.writestr(f"{number}", content)
    return out.getvalue()


def nested(times: int) -> bytes:
    """A report in a zip in a zip …"""
    data = ordinary("zipped")
    for _ in range(times):
        data = zipped(("in.zip", data))
    return data


def other_method(method: int) -> bytes:
    """A zip packed by bzip2 or LZMA, 100 MB of blanks in it."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as made:
        made.writestr("a.xml", HEAD + " " * 100_000_000)
    return out.getvalue()


def zip64(size: int, at: int) -> bytes:
    """A zip whose sizes stand in the extra field of large archives."""
    extra = struct.pack("<HHQQQ", 1, 24, size, size, at)
    local, listed = entry(b"a.xml", b"x", 0xFFFFFFFF, 0, 0xFFFFFFFF, extra=extra, packed_size=0xFFFFFFFF)
    return local + listed + end(1, len(listed), len(local))


def zip64_end(count: int, size: int, at: int) -> bytes:
    """A zip whose list is said to be elsewhere, by the records of large archives."""
    record = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count, size, at)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 0, 1)
    return record + locator + end(0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF)


def files() -> Iterator[Hostile]:
    """Every file of this kind."""
    report = ordinary("in-zip")
    good = zipped(("a.xml", report))
    yield Hostile("zip of a gigabyte of blanks", lambda: archive(b" " * 1024 * MIB), is_large=True)
    yield Hostile(
        "zip of 190 MB of blanks in a report",
        lambda: archive(HEAD.encode() + b" " * 190 * MIB),
        is_large=True,
    )
    yield Hostile("a thousand entries over the same 100 MB", lambda: overlapping(999, 100), is_large=True)
    yield Hostile("60,000 entries over the same 2 MB", lambda: overlapping(60_000, 2), is_large=True)
    yield Hostile("two entries over the same 90 MB", lambda: overlapping(2, 90), is_large=True)
    yield Hostile(
        "a member larger than its entry says", lambda: archive(b" " * 300 * MIB, size=1000), is_large=True
    )
    yield Hostile(
        "a member smaller than its entry says", lambda: archive(report, size=150_000_000), may_be_stored=True
    )
    yield Hostile("a member that claims 4 GB", lambda: archive(report, size=0xFFFFFFFE))
    yield Hostile("a member with a false sum", lambda: archive(report, crc=1))
    yield Hostile("a member whose packed size is a lie", lambda: archive(report, packed_size=5))
    yield Hostile(
        "a member whose packed size goes beyond the file",
        lambda: archive(report, packed_size=10**9),
        may_be_stored=True,
    )
    yield Hostile("zip eight times over", lambda: nested(8))
    yield Hostile(
        "zip of gzip bombs", lambda: zipped(*((f"{n}.gz", bomb(b" ", 20)) for n in range(100))), is_large=True
    )
    yield Hostile(
        "zip of zip bombs",
        lambda: zipped(*((f"{n}.zip", archive(b" " * 30 * MIB)) for n in range(30))),
        is_large=True,
    )
    yield Hostile("zip of 65,000 empty files", lambda: many(65_000), is_large=True)
    yield Hostile("zip of 70,000 files", lambda: many(70_000, b"<"), is_large=True)
    yield Hostile("zip of 1,001 reports", lambda: many(1001, report))
    yield Hostile("zip of a thousand files of nothing", lambda: many(1000, b"x"))
    yield Hostile("zip by bzip2", lambda: other_method(zipfile.ZIP_BZIP2), is_large=True)
    yield Hostile("zip by LZMA", lambda: other_method(zipfile.ZIP_LZMA), is_large=True)
    for method in (1, 6, 9, 12, 14, 93, 95, 97, 98, 99):
        yield Hostile(f"zip by method {method}", lambda method=method: archive(report, method=method))  # type: ignore[misc]
    yield Hostile("an encrypted member", lambda: archive(report, flags=1))
    yield Hostile("strong encryption", lambda: archive(report, flags=0x41))
    yield Hostile("patched data", lambda: archive(report, flags=0x20))
    yield Hostile("a masked list", lambda: archive(report, flags=0x2000), may_be_stored=True)
    for size, at in ((2**63, 0), (2**64 - 1, 0), (10, 2**63), (10, 2**64 - 1), (0, 0)):
        yield Hostile(f"zip64 with size {size} at {at}", lambda size=size, at=at: zip64(size, at))  # type: ignore[misc]
    for count, size, at in ((2**63, 2**63, 0), (1, 2**64 - 1, 2**64 - 1), (2**32, 46, 0), (0, 0, 2**40)):
        yield Hostile(
            f"zip64 end of {count} entries, {size} bytes at {at}",
            lambda count=count, size=size, at=at: zip64_end(count, size, at),  # type: ignore[misc]
        )
    yield Hostile("zip64 extra of no length", lambda: archive(report, extra=struct.pack("<HH", 1, 60_000)))
    yield Hostile("a list that begins before the file", lambda: good[:-6] + struct.pack("<IH", 2**32 - 1, 0))
    yield Hostile("a list of 4 GB", lambda: good[:-10] + struct.pack("<IIH", 2**32 - 1, 0, 0))
    yield Hostile(
        "an end that counts 60,000 files",
        lambda: good[:-12] + struct.pack("<H", 60_000) + good[-10:],
        may_be_stored=True,
    )
    yield Hostile("zip cut before its list", lambda: good[: len(good) // 2])
    yield Hostile("zip of nothing but its end", lambda: end(0, 0, 0))
    yield Hostile("10 MB of ends", lambda: b"PK\x05\x06" * (BIG // 4), is_large=True)
    yield Hostile("10 MB of local headers", lambda: b"PK\x03\x04" * (BIG // 4), is_large=True)
    yield Hostile(
        "10 MB of list entries",
        lambda: b"PK\x03\x04" + b"PK\x01\x02" * (BIG // 4) + end(1, 46, 4),
        is_large=True,
    )
    yield Hostile("a comment full of ends", lambda: good[:-22] + end(1, 46, 0, b"PK\x05\x06" * 16_000))
    yield Hostile("a zip that is a gzip file too", lambda: gz(good)[:40] + good, may_be_stored=True)
    for number, name in enumerate(CLIMBING):
        packed = ordinary(f"name-{number}")
        yield Hostile(
            f"zip member named {name[:30]!r}",
            lambda packed=packed, name=name: _named(packed, name),  # type: ignore[misc]
            may_be_stored=True,
            filename=name[:500],
        )


def _named(content: bytes, name: str) -> bytes:
    raw = name.encode("utf-8")
    local, listed = entry(raw, deflated(content), len(content), zlib.crc32(content), 0, flags=0x800)
    return local + listed + end(1, len(listed), len(local))
