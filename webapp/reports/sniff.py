"""What the first bytes of a file are: its kind is told by them, never by its name."""

import re
from enum import StrEnum

HEAD = 2048  # bytes that are looked at
GZIP = b"\x1f\x8b"
BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
HEADER_LINE = re.compile(rb"[!-9;-~]{1,76}:(?:[ \t]|\r?\n[ \t])")
MBOX_LINE = re.compile(rb">?From [^\r\n]{1,500}\r?\n")


class Kind(StrEnum):
    """The kinds that can hold a report."""

    XML = "xml"
    JSON = "json"
    GZIP = "gzip"
    ZLIB = "zlib"
    ZIP = "zip"
    MAIL = "mail"
    EMPTY = "empty"
    UNKNOWN = "unknown"


def kind_of(head: bytes) -> Kind:
    """The kind of a file that begins with these bytes."""
    if head.startswith(GZIP):
        return Kind.GZIP
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Kind.ZIP
    if len(head) > 2 and head[0] == 0x78 and (head[0] * 256 + head[1]) % 31 == 0:  # RFC 1950, section 2.2
        return Kind.ZLIB
    text = plain(head)
    if not text:
        return Kind.EMPTY
    if text.startswith(b"<"):
        return Kind.XML
    if text.startswith((b"{", b"[")):
        return Kind.JSON
    lines = text[found.end() :] if (found := MBOX_LINE.match(text)) else text
    return Kind.MAIL if HEADER_LINE.match(lines) else Kind.UNKNOWN


def plain(head: bytes) -> bytes:
    """The beginning without byte order mark, blanks, and the zero bytes of UTF-16."""
    for mark in BOMS:
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip()


def begins_report(head: bytes) -> bool:
    """True where a new document begins with these bytes, and not the middle of one."""
    text = plain(head)
    return text.startswith((b"<?xml", b"<feedback")) or text[:1] == b"{"
