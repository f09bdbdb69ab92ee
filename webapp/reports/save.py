"""Reports -> rows. A file's reports are stored all or none; the same report again is a duplicate, whoever is
first."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.reports.days import span
from webapp.reports.failure import FailureReport, why_not_stored
from webapp.reports.reading import Found, Report, reports
from webapp.reports.records import AggregateReport
from webapp.reports.refusal import Broken, Limits, NoReport
from webapp.reports.sink import Sink, Sums
from webapp.reports.tlsrpt import TlsReport
from webapp.tables.db import now
from webapp.tables.reports import DmarcReport, FailureReportRow, ReportFile, TlsReportRow

REASONS = ("trusted_forwarder", "mailing_list", "forwarded")
ARC = '$[*] ? (@.type == "local_policy" && @.comment like_regex "arc=pass" flag "i")'
# what a report adds to its sources' days: summed by the database, and in the order of the key, so that two
# uploads at once wait for each other and never lock each other out
SUMMED = {
    "messages": "true",
    "said_spf": "spf = 'pass'",
    "said_dkim": "dkim = 'pass'",
    "said_both": "spf = 'pass' AND dkim = 'pass'",
    "said_either": "(spf = 'pass' OR dkim = 'pass')",
    "spf_aligned": "spf_aligned",
    "dkim_aligned": "dkim_aligned",
    "passed": "(spf_aligned OR dkim_aligned)",
    "arc": "reasons @? CAST(:arc AS jsonpath)",
    **{reason: f"reasons @> CAST(:{reason} AS jsonb)" for reason in REASONS},
}
SUMS = ", ".join(f"coalesce(sum(messages) FILTER (WHERE {rule}), 0)" for rule in SUMMED.values())
SOURCES = "FROM dmarc_records WHERE report = :report AND source IS NOT NULL AND messages > 0 GROUP BY source"
ADD_DAYS = text(
    f"INSERT INTO dmarc_source_days AS kept (domain, day, source, {', '.join(SUMMED)}) "
    f"SELECT :domain, :day, source, {SUMS} {SOURCES} ORDER BY source ON CONFLICT (domain, day, source) "
    f"DO UPDATE SET {', '.join(f'{name} = kept.{name} + excluded.{name}' for name in SUMMED)}"
)
ADD_SOURCES = text(
    "INSERT INTO dmarc_sources AS kept (domain, source, first_day, last_day) "
    f"SELECT :domain, source, :day, :day {SOURCES} ORDER BY source "
    "ON CONFLICT (domain, source) DO UPDATE SET first_day = least(kept.first_day, excluded.first_day), "
    "last_day = greatest(kept.last_day, excluded.last_day) "
    "WHERE kept.first_day > excluded.first_day OR kept.last_day < excluded.last_day"
)
PATTERNS = {"arc": ARC, **{reason: f'[{{"type": "{reason}"}}]' for reason in REASONS}}


@dataclass(frozen=True)
class Stored:
    """What became of one report: its number, or None where it was stored before."""

    id: int | None
    report: Report


def save_file(
    connection: Connection, data: bytes, name: str, limits: Limits, *, failures: bool = False
) -> list[Stored]:
    """Store every report of a file, and the file where one of them is new; with `failures` the facts of
    failure reports too (DMARC_RUF_ENABLED). A file in which one came is not kept: it holds somebody's mail.

    Raises Refusal; what was written until then is the caller's to undo, by a rollback.
    """
    saving, stored = _Saving(connection, data, name), []
    passed_over: list[FailureReport] = []
    for found in reports(data, name, limits, saving.sink.begin):
        if isinstance(found.report, FailureReport):
            saving.keeps_file = False
            if not failures:
                passed_over.append(found.report)
                continue
        stored.append(saving.store(found))
    if passed_over and not stored:
        raise NoReport(why_not_stored(passed_over[0]))
    saving.end()
    return stored


class _Saving:
    """One file on its way into the tables."""

    def __init__(self, connection: Connection, data: bytes, name: str) -> None:
        self._connection, self._data, self._name = connection, data, name
        self._file: int | None = None
        self.keeps_file = True
        self.sink = Sink(connection)

    def end(self) -> None:
        """Remove the file again where it turned out to hold the mail of people."""
        if self._file is not None and not self.keeps_file:
            self._connection.execute(delete(ReportFile).where(ReportFile.id == self._file))
            for model in (DmarcReport, TlsReportRow):
                rows = update(model).where(model.file_id == self._file)
                self._connection.execute(rows.values(file_id=None))

    def store(self, found: Found) -> Stored:
        """Store one report, unless it is there."""
        report = found.report
        if isinstance(report, FailureReport):
            adding = upsert(FailureReportRow).values(_failure_row(report)).on_conflict_do_nothing()
            return Stored(self._connection.scalar(adding.returning(FailureReportRow.id)), report)
        if isinstance(report, TlsReport):
            return Stored(self._insert(TlsReportRow, _tls_row(report)), report)
        values = _row(report, self.sink.sums)
        number = self._insert(DmarcReport, values | ({"id": self.sink.report} if self.sink.report else {}))
        if number is None:
            self.sink.forget()
            return Stored(None, report)
        self.sink.keep(number)
        place = {"domain": report.policy.domain, "day": values["day"], "report": number}
        self._connection.execute(ADD_DAYS, place | PATTERNS)
        self._connection.execute(ADD_SOURCES, place)
        return Stored(number, report)

    def _insert(self, model: type[DmarcReport] | type[TlsReportRow], values: dict[str, Any]) -> int | None:
        """The new row's number; None where the same report is stored, also by an upload at the same time."""
        adding = upsert(model).values(**values, received_at=now()).on_conflict_do_nothing()
        number = self._connection.execute(adding.returning(model.id)).scalar()
        if number is None:
            return None
        kept = update(model).where(model.id == number).values(file_id=self._keep_file())
        self._connection.execute(kept)
        return int(number)

    def _keep_file(self) -> int:
        """The number of the stored file; it is stored with its first new report."""
        if self._file is None:
            file = {"name": self._name.replace("\0", "")[:300], "content": self._data, "received_at": now()}
            adding = insert(ReportFile).values(file).returning(ReportFile.id)
            self._file = int(self._connection.execute(adding).scalar_one())
        return self._file


def _failure_row(report: FailureReport) -> dict[str, Any]:
    if not report.domain:
        raise Broken("The failure report does not say which domain it is about")
    told = {name: said for name, said in asdict(report).items() if name != "kind"}
    at = now()
    return {**told, "day": (report.arrived_at or at).date(), "received_at": at}


def _row(report: AggregateReport, sums: Sums) -> dict[str, Any]:
    when = span(report.begin, report.end)
    return {
        "domain": report.policy.domain,
        "organisation": report.organisation,
        "report_id": report.report_id,
        "begin_at": report.begin,
        "end_at": report.end,
        "day": when.day,
        "spans": when.spans,
        "email": report.email,
        "contact": report.contact,
        "schema": report.schema,
        "namespace": report.namespace,
        "generator": report.generator,
        "policy": asdict(report.policy),
        "errors": list(report.errors),
        "slips": list(report.slips),
        "records": report.records,
        **sums.columns(),
    }


def _tls_row(report: TlsReport) -> dict[str, Any]:
    return {
        "domain": report.domain,
        "organisation": report.organisation,
        "report_id": report.report_id,
        "begin_at": report.begin,
        "end_at": report.end,
        "day": span(report.begin, report.end).day,
        "contact": report.contact,
        "successful": report.successful,
        "failed": report.failed,
        "policies": [asdict(policy) for policy in report.policies],
        "slips": list(report.slips),
    }
