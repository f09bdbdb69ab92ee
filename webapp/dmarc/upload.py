"""Uploaded files -> their reports stored, and the answer about them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dmarc.shapes import UploadAnswer
from webapp.dmarc.shapes import Uploaded as OneUploaded
from webapp.errors import ExpectedError
from webapp.reports.failure import FailureReport
from webapp.reports.reading import Report
from webapp.reports.records import AggregateReport
from webapp.reports.refusal import Refusal, limits
from webapp.reports.save import Stored, save_file

UNSAFE = re.compile(r"[^\w.!@+-]")


class NotAllowed(ExpectedError):
    """What the settings do not allow."""

    status = 403


@dataclass(frozen=True)
class Uploaded:
    """What became of one file: its reports, or why it was refused."""

    name: str
    stored: list[Stored]
    refused: str = ""

    @property
    def status(self) -> int:
        """201 where something is new, 200 where all of it was there."""
        return 201 if any(item.id is not None for item in self.stored) else 200

    @property
    def new(self) -> int:
        """How many reports are new."""
        return sum(item.id is not None for item in self.stored)

    def answer(self) -> UploadAnswer:
        """The documented answer about the first new report, and all of them in `reports`."""
        listed = [_one(item) for item in self.stored]
        first = next((one for one in listed if one["status"] == "success"), listed[0])
        return {**first, "reports": listed}


def allow_delete(settings: Settings) -> None:
    """Raises NotAllowed where reports may not be deleted."""
    if not settings.dmarc_allow_report_delete:
        raise NotAllowed("Reports cannot be deleted here (DMARC_ALLOW_REPORT_DELETE)")


def store(session: Session, data: bytes, name: str, settings: Settings) -> Uploaded:
    """Store every report of a file; raises Refusal, and then nothing of the file may be committed."""
    if not settings.dmarc_manual_upload_enabled:
        raise NotAllowed("Uploads are switched off (DMARC_MANUAL_UPLOAD_ENABLED)")
    kept = settings.dmarc_ruf_enabled
    return Uploaded(name, save_file(session.connection(), data, name, limits(settings), failures=kept))


def store_each(session: Session, files: Iterable[tuple[str, bytes]], settings: Settings) -> list[Uploaded]:
    """Store files one by one; what is refused leaves nothing behind and does not keep the others away."""
    results = []
    for name, data in files:
        try:
            with session.begin_nested():
                results.append(store(session, data, name, settings))
        except Refusal as refusal:
            results.append(Uploaded(name, [], str(refusal)))
    return results


def safe_name(name: str) -> str:
    """A stored file's name for saving it: no folders, nothing that a shell or a header minds."""
    bare = UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip("._ ")
    return bare[:150] or "report"


def _one(item: Stored) -> OneUploaded:
    """One report in the answer."""
    report, told = item.report, _told(item.report)
    if item.id is None:
        return {
            "status": "duplicate",
            "message": f"Report {report.report_id} already exists",
            "report_type": told.kind,
            "domain": told.domain,
        }
    return {
        "status": "success",
        "message": f"Uploaded {told.words} for {told.domain} from {told.reporter}",
        "report_id": item.id,
        "records_count": told.parts,
        "messages_count": told.messages,
        "slips": list(told.slips),
        "report_type": told.kind,
        "domain": told.domain,
    }


class _Told(NamedTuple):
    """What the answer says of a report of any kind."""

    kind: str
    words: str
    domain: str
    reporter: str
    parts: int
    messages: int
    slips: tuple[str, ...] = ()


def _told(report: Report) -> _Told:
    """DMARC counts records and messages, TLS policies and sessions, a failure report messages."""
    if isinstance(report, AggregateReport):
        domain, count = report.policy.domain, report.messages
        return _Told("dmarc", "report", domain, report.organisation, report.records, count, report.slips)
    if isinstance(report, FailureReport):
        reporter = report.reporter.removeprefix("…@") or "an unnamed server"
        return _Told("failure", "failure report", report.domain, reporter, 1, report.incidents)
    parts, count = len(report.policies), report.successful + report.failed
    return _Told("tls", "TLS report", report.domain, report.organisation, parts, count, report.slips)
