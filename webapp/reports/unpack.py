"""Any file -> the documents in it that may be reports, as streams, within limits. Kinds are told by bytes,
not by names.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from io import BytesIO

from webapp.reports import failure, tlsrpt
from webapp.reports.inflate import MEMBER, PIECE, Inflated, declared_size
from webapp.reports.members import (
    Stream,
    is_attached_mail,
    mail_of,
    mail_parts,
    part_bytes,
    part_name,
    zip_members,
)
from webapp.reports.refusal import MIB, CutShort, Limits, NoReport, Refusal, TooMuch, UnknownKind
from webapp.reports.sniff import HEAD, Kind, kind_of

RECORD_TAG = b"record>"  # stands in a record's begin and in its end
EMPTY_RECORD = b"record/>"
WIDE_TAG = "record>".encode("utf-16-le")[:-1]  # as UTF-16 has it, whichever byte comes first
MOST_BETWEEN = 2 * MIB  # bytes of XML in which a record must begin or end
NO_FILE = (Kind.EMPTY, Kind.UNKNOWN, Kind.MAIL)  # what a mail's ordinary text looks like


@dataclass(frozen=True)
class Document:
    """One document: XML, JSON, or a failure report's mail. `open` gives its bytes from the beginning each
    time.

    `size` is in bytes, `digest` is of the unpacked bytes; `domain` is what the mail around it says it is
    about, or ''.
    """

    kind: Kind
    name: str
    open: Callable[[], Stream]
    size: int = 0
    domain: str = ""


def documents(data: bytes, name: str, limits: Limits) -> Iterator[Document]:
    """The documents in a file, measured; raises Refusal, also where there is none. Nothing is written
    anywhere.
    """
    if len(data) > limits.upload:
        raise limits.over_upload()
    found = _Search(limits)
    seen = 0
    for document in found.look(name, partial(BytesIO, data), 0):
        seen += 1
        yield document
    if not seen:
        raise found.nothing()


class _Search:
    """Looks into files in files; keeps the sum of what was unpacked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = 0
        self._files = 0
        self._kinds: set[Kind] = set()
        self._domain = ""

    def look(self, name: str, opener: Callable[[], Stream], depth: int) -> Iterator[Document]:
        """The documents in one file, whatever it is."""
        if depth > self._limits.nesting:
            raise self._limits.over_nesting()
        self._files += 1
        if self._files > self._limits.members:
            raise self._limits.over_members()
        kind = kind_of(_head(opener()))
        self._kinds.add(kind)
        if kind in (Kind.XML, Kind.JSON):
            yield self._measured(kind, name, opener)
        elif kind in (Kind.GZIP, Kind.ZLIB):
            yield from self._inflate(name, self._whole(opener), depth)
        elif kind is Kind.ZIP:
            for member in zip_members(self._whole(opener), self._limits):
                yield from self.look(member.name, member.open, depth + 1)
        elif kind is Kind.MAIL:
            yield from self._mail(name, self._whole(opener), depth)

    def nothing(self) -> Refusal:
        """Why there is no document."""
        if Kind.MAIL in self._kinds:
            return NoReport("The mail holds no report")
        if Kind.ZIP in self._kinds:
            return NoReport("The zip file holds no report")
        if self._kinds <= {Kind.EMPTY, Kind.GZIP, Kind.ZLIB}:
            return Refusal("The file is empty")
        return UnknownKind("The file is neither XML, JSON, gzip, zip nor a mail")

    def _inflate(self, name: str, data: bytes, depth: int) -> Iterator[Document]:
        if data.count(MEMBER) > self._limits.members:
            raise self._limits.over_members()
        if declared_size(data) > self._limits.unpacked and declared_size(data) < 1032 * len(
            data
        ):  # deflate's best
            raise self._limits.over_unpacked()
        start: int | None = 0
        while start is not None:
            yield from self.look(_inner_name(name), partial(Inflated, data, start), depth + 1)
            start = self._start_after(data, start)

    def _start_after(self, data: bytes, start: int) -> int | None:
        """Where the next document of a gzip file begins, after the one at `start`."""
        if data.find(MEMBER, start + 1) < 0:
            return None
        stream, size = Inflated(data, start), 0
        try:
            while piece := stream.read(PIECE):
                size += len(piece)
                if size > self._limits.unpacked:
                    raise self._limits.over_unpacked()
        except CutShort:
            return None
        return stream.next_start

    def _mail(self, name: str, data: bytes, depth: int) -> Iterator[Document]:
        mail = mail_of(data, self._limits)
        if failure.is_failure_report(mail, self._limits):
            yield Document(Kind.MAIL, name, partial(BytesIO, data), len(data))
            return
        self._domain = failure.one_line(mail.get("TLS-Report-Domain", "")).strip().lower() or self._domain
        for part in mail_parts(mail, self._limits):
            content = part_bytes(part)
            if kind_of(content[:HEAD]) not in NO_FILE or (is_attached_mail(part) and content):
                yield from self.look(part_name(part) or name, partial(BytesIO, content), depth + 1)

    def _whole(self, opener: Callable[[], Stream]) -> bytes:
        """All bytes of a packed file inside another, which may be as large as an upload."""
        stream, pieces, size = opener(), [], 0
        if isinstance(stream, BytesIO):  # in memory already: the bytes themselves, not one more copy
            return self._bounded(stream.getvalue())
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > self._limits.upload:
                raise self._limits.over_upload()
            pieces.append(piece)
        return b"".join(pieces)

    def _bounded(self, data: bytes) -> bytes:
        if len(data) > self._limits.upload:
            raise self._limits.over_upload()
        return data

    def _measured(self, kind: Kind, name: str, opener: Callable[[], Stream]) -> Document:
        """Read a document once without understanding it, so that bombs end here, before any work is done on
        them.
        """
        stream, size, tags, since = opener(), 0, 0, 0
        try:
            while piece := stream.read(PIECE):
                size += len(piece)
                met = piece.count(RECORD_TAG) + 2 * piece.count(EMPTY_RECORD) + piece.count(WIDE_TAG)
                tags += met
                since = 0 if met else since + len(piece)
                if self._unpacked + size > self._limits.unpacked:
                    raise self._limits.over_unpacked()
                if kind is Kind.JSON and size > tlsrpt.LARGEST:
                    raise tlsrpt.too_large()
                if tags // 2 > self._limits.records:
                    raise self._limits.over_records()
                if kind is Kind.XML and since > MOST_BETWEEN:
                    raise TooMuch(f"The XML has {MOST_BETWEEN // MIB} MB without a record")
        except CutShort:
            pass  # the reader of the document tells whether what came before is whole
        self._unpacked += size
        return Document(kind, name, opener, size, self._domain)


def _head(stream: Stream) -> bytes:
    """The first bytes of a file; one that is cut within them is judged by what is there."""
    head = b""
    try:
        while len(head) < HEAD and (piece := stream.read(HEAD)):
            head += piece
    except CutShort:
        if not head:
            raise
    return head


def _inner_name(name: str) -> str:
    lower = name.lower()
    return next(
        (name[: -len(ending)] for ending in (".gz", ".gzip", ".zlib") if lower.endswith(ending)), name
    )
