"""Dovecot's log: lines of deliveries and refused sign-ins are stored, sign-ins are counted, others let go.

A mail is handed to Dovecot and stored there before Postfix logs the delivery. This list is read after
Postfix's and its rows are stored first, so that a message is written once, with its folder.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from webapp.config import Settings
from webapp.ingest import signins
from webapp.ingest.rows import Record, text_of
from webapp.ingest.source import Context, MailNames, Source
from webapp.parse.dovecot import DovecotLine, parse_dovecot
from webapp.parse.identity import digest64
from webapp.parse.message_id import join_key
from webapp.parse.words import DovecotEvent, LogSource
from webapp.tables.columns import Columns
from webapp.tables.logs import DovecotLog
from webapp.trace.link import retrace
from webapp.trace.load import put_late
from webapp.trace.story import Put


@dataclass(slots=True)
class DovecotFields:
    """One line as logged, what it tells of a delivery or a sign-in, and the join key of its mail."""

    message: str
    line: DovecotLine | None
    mid_key: int | None


class DovecotSource(Source[DovecotFields]):
    """The list of Dovecot's log; a mailcow without it is read as before."""

    name = LogSource.DOVECOT.value
    route = "dovecot"
    is_watched = True
    is_optional = True
    columns = Columns(DovecotLog, Record, DovecotFields, DovecotLine, without=["id"])

    def page_size(self, settings: Settings) -> int:
        """FETCH_COUNT_DOVECOT."""
        return settings.fetch_count_dovecot

    def is_read(self, settings: Settings) -> bool:
        """DOVECOT_LOGS."""
        return settings.dovecot_logs

    def read(self, raw: dict[str, Any]) -> DovecotFields:
        """Text and meaning; raises ValueError without a text."""
        message = text_of(raw)
        line = parse_dovecot(message)
        named = line.message_id if line is not None else None
        return DovecotFields(message, line, join_key(named, None, None) if named else None)

    def digest(self, raw: dict[str, Any], fields: DovecotFields) -> int:  # noqa: ARG002
        """Of the text alone."""
        return digest64(fields.message.encode())

    def is_kept(self, fields: DovecotFields) -> bool:
        """True for a line that tells of a delivery or a sign-in."""
        return fields.line is not None

    def texts(self, fields: DovecotFields) -> tuple[str]:
        """The whole line."""
        return (fields.message,)

    def mail_names(self, fields: DovecotFields) -> MailNames:
        """The join key of the Message-ID."""
        return MailNames(mid_key=fields.mid_key)

    def parts(self, record: Record[DovecotFields]) -> Sequence[Any]:
        """Its name, what was logged, and what that says."""
        return record, record.fields, record.fields.line

    def not_stored(
        self, connection: Connection, records: Sequence[Record[DovecotFields]]
    ) -> list[Record[DovecotFields]]:
        """Those that are neither stored nor counted yet."""
        signed_in, kept = _parted(records)
        known = signins.are_counted(connection, list(map(_signed_in, signed_in)))
        fresh = [record for record, is_known in zip(signed_in, known, strict=True) if not is_known]
        return [*super().not_stored(connection, kept), *fresh]

    def store(
        self, connection: Connection, records: Sequence[Record[DovecotFields]], context: Context
    ) -> int:
        """Store or count the lines, and tell messages that were stored before them; returns how many
        changed."""
        signed_in, kept = _parted(records)
        signins.count(connection, list(map(_signed_in, signed_in)))
        self.insert(connection, kept)
        puts = [put for put in map(put_of, kept) if put and put.session not in context.awaited_sessions]
        late = put_late(connection, puts)
        if not late:
            return 0
        since = min(late.values())
        return retrace(connection, sorted(late), [], since, context.surroundings, context.window)


def _parted(
    records: Iterable[Record[DovecotFields]],
) -> tuple[list[Record[DovecotFields]], list[Record[DovecotFields]]]:
    """(sign-ins, the others)."""
    signed_in: list[Record[DovecotFields]] = []
    kept: list[Record[DovecotFields]] = []
    for record in records:
        line = record.fields.line
        (signed_in if line and line.event == DovecotEvent.SIGNED_IN else kept).append(record)
    return signed_in, kept


def _signed_in(record: Record[DovecotFields]) -> signins.SignedIn:
    line = record.fields.line
    if line is None:
        raise ValueError("a line that tells nothing is no sign-in")
    return signins.SignedIn(line.username, record.time, line.ip or "", line.protocol or "")


def put_of(record: Record[DovecotFields]) -> Put | None:
    """The row as linking takes it; None for a sign-in."""
    line = record.fields.line
    if line is None or line.event in (DovecotEvent.SIGNED_IN, DovecotEvent.REFUSED):
        return None
    return Put(
        time=record.time,
        username=line.username,
        session=line.session,
        mid_key=record.fields.mid_key,
        event=line.event,
        folder=line.folder,
        target=line.target,
        by_rule=line.by_rule,
        reason=line.reason,
    )


DOVECOT = DovecotSource()
