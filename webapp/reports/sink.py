"""Where the records of a report go while it is read: into memory up to 5,000, beyond that into the table."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

import orjson
from sqlalchemy import Connection, text

from webapp.reports.records import Record
from webapp.tables.db import copy_rows

BATCH = 5000  # records
NEXT_ID = text("SELECT nextval(pg_get_serial_sequence('dmarc_reports', 'id'))")
COLUMNS = (
    "report",
    "number",
    "source",
    "messages",
    "disposition",
    "dkim",
    "spf",
    "dkim_aligned",
    "spf_aligned",
    "header_from",
    "envelope_from",
    "envelope_to",
    "reasons",
    "dkim_results",
    "spf_results",
)


@dataclass(slots=True)
class Sums:
    """Messages of a report, and how many passed; the names are those of the columns."""

    messages: int = 0
    said_spf: int = 0
    said_dkim: int = 0
    said_both: int = 0
    said_either: int = 0
    spf_aligned: int = 0
    dkim_aligned: int = 0
    passed: int = 0

    def add(self, record: Record) -> None:
        """Count one record."""
        count, spf, dkim = record.messages, record.spf == "pass", record.dkim == "pass"
        self.messages += count
        self.said_spf += count * spf
        self.said_dkim += count * dkim
        self.said_both += count * (spf and dkim)
        self.said_either += count * (spf or dkim)
        self.spf_aligned += count * record.spf_aligned
        self.dkim_aligned += count * record.dkim_aligned
        self.passed += count * (record.spf_aligned or record.dkim_aligned)

    def columns(self) -> dict[str, int]:
        """The sums by column."""
        return {part.name: getattr(self, part.name) for part in fields(self)}


class Sink:
    """Takes the records of one report after the other.

    `report` is the number under which records were written before the report itself was known to be new; None
    where all of them are still in memory.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._held: list[Record] = []
        self._written = 0
        self.report: int | None = None
        self.sums = Sums()

    def begin(self) -> Callable[[Record], None]:
        """Forget what was taken, and take the records of another reading."""
        self.forget()
        self._held, self._written, self.sums = [], 0, Sums()
        return self._take

    def forget(self) -> None:
        """Undo what was written of a report that is not kept."""
        if self.report is not None:
            self._connection.execute(text("ROLLBACK TO SAVEPOINT records"))
            self._leave()
        self._held.clear()

    def keep(self, report: int) -> None:
        """Write what is still held, for the report that is stored now."""
        self._write(report)
        if self.report is not None:
            self._leave()

    def _leave(self) -> None:
        self._connection.execute(text("RELEASE SAVEPOINT records"))
        self.report = None

    def _take(self, record: Record) -> None:
        self._held.append(record)
        self.sums.add(record)
        if len(self._held) >= BATCH:
            if self.report is None:
                self._connection.execute(text("SAVEPOINT records"))
                self.report = int(self._connection.execute(NEXT_ID).scalar_one())
            self._write(self.report)

    def _write(self, report: int) -> None:
        first = self._written + 1
        rows = (_row(report, number, record) for number, record in enumerate(self._held, first))
        if self._held:
            copy_rows(self._connection, "dmarc_records", COLUMNS, rows)
        self._written += len(self._held)
        self._held.clear()


def _row(report: int, number: int, record: Record) -> tuple[object, ...]:
    """A record in the order of COLUMNS."""
    return (
        report,
        number,
        record.source,
        record.messages,
        record.disposition,
        record.dkim,
        record.spf,
        record.dkim_aligned,
        record.spf_aligned,
        record.header_from,
        record.envelope_from,
        record.envelope_to,
        _json(record.reasons),
        _json(record.dkim_results),
        _json(record.spf_results),
    )


@lru_cache(maxsize=4096)  # most records of a report have the same results
def _json(results: tuple[object, ...]) -> str | None:
    """Named tuples as a JSON list of objects, without what is empty; None for none."""
    if not results:
        return None
    parts = [{key: said for key, said in one._asdict().items() if said} for one in results]  # type: ignore[attr-defined]
    return orjson.dumps(parts).decode()
