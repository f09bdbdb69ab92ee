"""The files inside an archive or a mail that may be reports: zip members and MIME parts."""

import base64
import email
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message
from functools import partial
from io import BytesIO
from typing import Protocol

from webapp.reports.refusal import Broken, CutShort, Limits, NoReport, TooMuch

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    OverflowError,  # sizes and places of zip64 beyond what a file can have
    ValueError,
    struct.error,
    IndexError,
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a bound on memory
IGNORED_FOLDERS = ("__MACOSX",)
MULTIPARTS = 100  # in one mail, those of forwarded mails too
MAIL_LINES = 250_000  # a mail of 10 MB in base64 has 137,000
LONGEST_HEAD = 256 * 1024  # bytes
HEAD_END = re.compile(rb"\r?\n\r?\n")
LONG_FIELD = re.compile(
    rb"(?im)^content-[a-z-]{1,40}[ \t]*:(?:[^\r\n]|\r?\n[ \t]){2000}"
)  # its reader is quadratic
BOUNDARY = re.compile(rb"boundary=", re.IGNORECASE)
CENTRAL_ENTRY = b"PK\x01\x02"


class Stream(Protocol):
    """What content is read from."""

    def read(self, size: int = ..., /) -> bytes:
        """Up to `size` bytes; b"" at the end."""
        ...


@dataclass(frozen=True)
class Member:
    """One file inside another; `open` gives its bytes from the beginning each time."""

    name: str
    open: Callable[[], Stream]


class _ZipStream:
    """A zip member whose damage is told in our words."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        if info.compress_type not in METHODS:
            raise NoReport("A file in the zip is compressed by a method that is not read here")
        try:
            self._file = archive.open(info)
        except (
            RuntimeError
        ) as error:  # zipfile's answer to encryption; NotImplementedError to a method it lacks
            raise NoReport("A file in the zip is encrypted") from error
        except DAMAGED as error:
            raise Broken("The zip file is damaged") from error

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; raises Broken."""
        try:
            return self._file.read(size)
        except EOFError as error:
            raise CutShort("A file in the zip ends early") from error
        except DAMAGED as error:
            raise Broken("A file in the zip is damaged") from error


def zip_members(data: bytes, limits: Limits) -> Iterator[Member]:
    """The files in a zip, in its order, without folders, empty files and what macOS adds; raises Refusal."""
    if data.count(CENTRAL_ENTRY) > limits.members:
        raise limits.over_members()
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except (*DAMAGED, NotImplementedError) as error:
        raise Broken("The zip file is damaged or cut: it has no readable list of its files") from error
    files = [info for info in archive.infolist() if info.file_size and not _is_ignored(info)]
    if sum(info.file_size for info in files) > limits.unpacked:
        raise limits.over_unpacked()
    for info in files:
        yield Member(info.filename, partial(_ZipStream, archive, info))


def _is_ignored(info: zipfile.ZipInfo) -> bool:
    """True for folders, macOS's twin files and hidden ones."""
    parts = info.filename.replace("\\", "/").split("/")
    return (
        (not parts[-1] and len(parts) > 1)
        or any(part in IGNORED_FOLDERS for part in parts)
        or parts[-1].startswith(".")
    )


def mail_of(data: bytes, limits: Limits) -> Message:
    """The mail in these bytes; raises TooMuch for one with too many parts or lines, or too long headers."""
    if sum(1 for _ in BOUNDARY.finditer(data)) > MULTIPARTS or data.count(b"\n") > MAIL_LINES:
        raise TooMuch(f"The mail has more than {MULTIPARTS} multiparts or {MAIL_LINES:,} lines")
    if (not HEAD_END.search(data, 0, LONGEST_HEAD) and len(data) > LONGEST_HEAD) or LONG_FIELD.search(data):
        raise TooMuch(
            f"The mail has headers longer than {LONGEST_HEAD // 1024} kB, or one too long to be real"
        )
    try:
        return email.message_from_binary_file(BytesIO(data))  # from bytes it takes 60 MB more
    except RecursionError as error:
        raise limits.over_nesting() from error


def mail_parts(mail: Message, limits: Limits) -> list[Message]:
    """Every part that has a body, those inside forwarded mails too; raises TooMuch."""
    parts: list[Message] = []
    waiting = [(mail, 0)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if depth > 4 * limits.nesting:
            raise limits.over_nesting()
        if seen > limits.members:
            raise limits.over_members()
        payload = part.get_payload()
        if isinstance(payload, list) and not (is_coded_mail(part) or is_feedback(part)):
            waiting.extend((inner, depth + 1) for inner in reversed(payload) if isinstance(inner, Message))
        else:
            parts.append(part)
    return parts


def is_coded_mail(part: Message) -> bool:
    """True for a forwarded mail in base64, which RFC 2046 forbids and some send; the library leaves it
    undecoded.
    """
    return (
        part.get_content_maintype() == "message"
        and str(part.get("Content-Transfer-Encoding", "")).lower() == "base64"
    )


def is_feedback(part: Message) -> bool:
    """True for ARF's own part (RFC 5965), whose lines the library reads as the headers of a mail."""
    return part.get_content_type() == "message/feedback-report"


def is_attached_mail(part: Message) -> bool:
    """True for a part that is a mail as a file."""
    return (
        is_coded_mail(part)
        or part.get_content_type() == "message/rfc822"
        or part_name(part).lower().endswith(".eml")
    )


def part_name(part: Message) -> str:
    """The file name that a part gives itself; '' without one."""
    try:
        return part.get_filename() or ""
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def part_bytes(part: Message) -> bytes:
    """A part's content, decoded; b"" where its encoding is beyond reading."""
    try:
        if is_coded_mail(part):
            inner = part.get_payload(0)
            return base64.b64decode(str(inner.get_payload()) if isinstance(inner, Message) else "")
        content = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        return b""
    return content if isinstance(content, bytes) else b""
