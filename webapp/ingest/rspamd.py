"""Rspamd's history: each scan is stored and belongs to a message, or is one where no line is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from webapp.config import Settings
from webapp.ingest.rows import Record, canonical
from webapp.ingest.source import Context, MailNames, Source
from webapp.parse.bounds import LONGEST_ROW, cut_json
from webapp.parse.identity import digest64
from webapp.parse.rspamd import RspamdFields, parse_scan
from webapp.parse.symbols import coded
from webapp.parse.words import LogSource
from webapp.tables.columns import Columns, names_of, picker
from webapp.tables.logs import RspamdLog
from webapp.tables.packed import packed
from webapp.trace.link import Batch, link, scan_story
from webapp.trace.load import claimed_scans
from webapp.trace.story import Scan
from webapp.trace.verdict import direction

_of_scan = picker([name for name in names_of(Scan) if name not in names_of(Record)])


@dataclass(frozen=True, slots=True)
class Packed:
    """The columns that take longest to make."""

    symbols: str
    raw: bytes


class RspamdSource(Source[RspamdFields]):
    """The list of Rspamd's history. Its newest row has the number 0, its time is the start of the scan."""

    name = LogSource.RSPAMD.value
    route = "rspamd-history"
    clock = "unix_time"
    first = 0
    is_watched = True
    is_in_order = False
    is_awaited = True
    columns = Columns(RspamdLog, Record, Packed, RspamdFields, without=["id"])

    def page_size(self, settings: Settings) -> int:
        """FETCH_COUNT_RSPAMD."""
        return settings.fetch_count_rspamd

    def read(self, raw: dict[str, Any]) -> RspamdFields:
        """All columns but the direction; raises ValueError without an action, and TypeError for what JSON
        cannot hold."""
        told = canonical(raw)
        fields = parse_scan(cut_json(raw, 5) if len(told) > LONGEST_ROW else raw)
        fields.row_digest = digest64(told)
        return fields

    def digest(self, raw: dict[str, Any], fields: RspamdFields) -> int:  # noqa: ARG002
        """Of the whole row, which was written out already."""
        return fields.row_digest

    def texts(self, fields: RspamdFields) -> Iterable[str]:
        """Envelope, subject and user, and the recipients of the header."""
        header = fields.raw.get("rcpt_mime")
        addresses = header if isinstance(header, list) else ()
        return fields.search_text, *(address for address in addresses if isinstance(address, str))

    def mail_names(self, fields: RspamdFields) -> MailNames:
        """The join key: Rspamd logs no queue id that could be relied on."""
        return MailNames(mid_key=fields.mid_key)

    def parts(self, record: Record[RspamdFields]) -> Sequence[Any]:
        """Its name and its fields."""
        return record, _packed(record.fields), record.fields

    def announce(self, records: Sequence[Record[RspamdFields]], context: Context) -> None:
        """Let lines find their scan, so that a message is written once with it."""
        context.ahead.append(partial(_pack, records))
        for scan in map(scan_of, records):
            if scan.mid_key is not None:
                context.awaited_scans[scan.mid_key].append(scan)

    def recall(self, records: Sequence[Record[RspamdFields]], context: Context) -> None:
        """These rows are found where they are stored."""
        names = {record.name for record in records}
        keys = {record.fields.mid_key for record in records if record.fields.mid_key is not None}
        for key in keys & context.awaited_scans.keys():
            left = [scan for scan in context.awaited_scans.pop(key) if scan.identity not in names]
            if left:
                context.awaited_scans[key] = left

    def store(self, connection: Connection, records: Sequence[Record[RspamdFields]], context: Context) -> int:
        """Write the scans, and link those that no message has yet; returns how many messages changed."""
        scans = [scan_of(record) for record in records]
        for record, scan in zip(records, scans, strict=True):
            record.fields.direction = direction(scan_story(scan), [], context.surroundings)
        self.insert(connection, records)
        open_scans = [scan for scan in scans if scan.identity not in context.claimed_scans]
        claimed = claimed_scans(connection, open_scans)
        batch = Batch(scans=[scan for scan in open_scans if scan.identity not in claimed])
        return link(connection, batch, context.surroundings, context.window)


def _packed(fields: RspamdFields) -> Packed:
    if not isinstance(fields.packed, Packed):
        fields.packed = Packed(coded(fields.symbols), packed(fields.raw))
    return fields.packed


def _pack(records: Iterable[Record[RspamdFields]]) -> None:
    for record in records:
        _packed(record.fields)


def scan_of(record: Record[RspamdFields]) -> Scan:
    """The row as linking takes it."""
    return Scan(*record.name, *_of_scan(record.fields))


RSPAMD = RspamdSource()
