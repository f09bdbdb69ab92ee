"""A file as it came -> every report in it, each one read as a stream: the one door of this package for those
who store.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b

from webapp.reports import aggregate, failure, tlsrpt
from webapp.reports.inflate import PIECE
from webapp.reports.members import mail_of
from webapp.reports.records import AggregateReport, Record
from webapp.reports.refusal import MIB, CutShort, Damaged, Limits, NoReport
from webapp.reports.sniff import Kind
from webapp.reports.unpack import Document, documents

MENDED_UP_TO = 2 * MIB  # bytes; mending reads every tag in Python
Report = AggregateReport | tlsrpt.TlsReport | failure.FailureReport


@dataclass(frozen=True)
class Found:
    """One report and the document that it was in."""

    report: Report
    document: Document


def reports(
    data: bytes, name: str, limits: Limits, open_sink: Callable[[], Callable[[Record], None]]
) -> Iterator[Found]:
    """Every report in a file. `open_sink` is called before each reading and gives what takes the records from
    then on.

    Records taken since the last call of `open_sink` belong to the next report that comes out; a further call
    before it
    comes out means that they are to be forgotten. Raises Refusal; then nothing of the file may be kept. What
    is in an
    archive or a mail beside reports is passed over; where there is nothing else, that is the refusal.
    """
    other: NoReport | None = None
    seen = False
    for document in documents(data, name, limits):
        try:
            report = _read(document, limits, open_sink)
        except NoReport as refusal:
            other = other or refusal
            continue
        seen = True
        yield Found(report, document)
    if other and not seen:
        raise other


def _read(document: Document, limits: Limits, open_sink: Callable[[], Callable[[Record], None]]) -> Report:
    if document.kind is Kind.MAIL:
        mail = mail_of(document.open().read(limits.upload), limits)
        facts = failure.read(mail, limits)
        if facts.is_complaint:
            raise NoReport(failure.why_not_stored(facts))
        return facts
    if document.kind is Kind.JSON:
        return _named(tlsrpt.read(document.open(), name=document.name, domain=document.domain), document)
    try:
        found = aggregate.read(document.open(), open_sink(), limits, name=document.name)
    except Damaged:
        if document.size > MENDED_UP_TO:
            raise
        found = aggregate.read(document.open(), open_sink(), limits, name=document.name, mend=True)
    return _named(found, document)


def _named(report: AggregateReport | tlsrpt.TlsReport, document: Document) -> Report:
    """A report without an id is known by its content: the same file twice is still the same report."""
    return report if report.report_id else replace(report, report_id=f"content-{_digest(document)}")


def _digest(document: Document) -> str:
    digest, stream = blake2b(digest_size=16), document.open()
    with suppress(CutShort):  # what could be read is what the report was made of
        while piece := stream.read(PIECE):
            digest.update(piece)
    return digest.hexdigest()
