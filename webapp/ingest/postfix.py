"""Postfix's log: each line is stored with its fields and traced into messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern
from typing import Any

from sqlalchemy import Connection

from webapp.config import Settings
from webapp.ingest.rows import Record, text_of
from webapp.ingest.source import Context, MailNames, Source
from webapp.parse.address import key_of
from webapp.parse.bounds import cut
from webapp.parse.identity import digest64
from webapp.parse.postfix import Line, parse_line
from webapp.parse.programs import stored_priority, stored_program
from webapp.parse.words import LogSource
from webapp.tables.columns import Columns
from webapp.tables.logs import PostfixLog
from webapp.trace.link import Batch, link
from webapp.trace.story import Event

SAVED = " Saved)"  # the end of a line that names a session of Dovecot before it


@dataclass(slots=True)
class PostfixFields:
    """One line as logged, parsed once and only when asked for: most rows of a list are known already."""

    program: str
    priority: str
    message: str
    _line: Line | None = None

    @property
    def line(self) -> Line:
        """What it says."""
        if self._line is None:
            self._line = parse_line(self.program, self.message)
        return self._line

    def forget(self) -> None:
        """Keep the text only."""
        self._line = None


class PostfixSource(Source[PostfixFields]):
    """The list of Postfix's log."""

    name = LogSource.POSTFIX.value
    route = "postfix"
    is_watched = True
    columns = Columns(
        PostfixLog,
        Record,
        PostfixFields,
        Line,
        convert={"program": stored_program, "priority": stored_priority},
        derived={"sender_key": ("sender", key_of), "recipient_key": ("recipient", key_of)},
        without=["id"],
    )

    def page_size(self, settings: Settings) -> int:
        """FETCH_COUNT_POSTFIX."""
        return settings.fetch_count_postfix

    def read(self, raw: dict[str, Any]) -> PostfixFields:
        """Program, priority and text; raises ValueError without a text."""
        program, priority = str(raw.get("program") or ""), str(raw.get("priority") or "info")
        return PostfixFields(_word(program), _word(priority), text_of(raw))

    def forget(self, fields: PostfixFields) -> None:
        """What the line says."""
        fields.forget()

    def digest(self, raw: dict[str, Any], fields: PostfixFields) -> int:  # noqa: ARG002
        """Of these three: mailcow may add others to a row that was read already."""
        return digest64(f"{fields.program}\0{fields.priority}\0{fields.message}".encode())

    def texts(self, fields: PostfixFields) -> tuple[str]:
        """The whole line."""
        return (fields.message,)

    def mail_names(self, fields: PostfixFields) -> MailNames:
        """Queue id and Message-ID."""
        return MailNames(fields.line.queue_id, fields.line.message_id)

    def parts(self, record: Record[PostfixFields]) -> Sequence[Any]:
        """Its name, what was logged, and what that says."""
        return record, record.fields, record.fields.line

    def announce(self, records: Sequence[Record[PostfixFields]], context: Context) -> None:
        """Let Dovecot's rows know which of them are looked for when these lines are stored."""
        for record in records:
            if record.fields.message.endswith(SAVED):
                context.awaited_sessions.add(record.fields.message[: -len(SAVED)].rpartition(" ")[2])

    def store(
        self, connection: Connection, records: Sequence[Record[PostfixFields]], context: Context
    ) -> int:
        """Trace the messages of these lines anew, with what is stored of them; returns how many changed."""
        words, batch = cache(lambda: self.words(records)), batch_of(records, context)
        context.ahead.append(words)
        changed = link(connection, batch, context.surroundings, context.window, context.work_ahead)
        context.work_ahead()
        self.insert(connection, records, words)
        return changed


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    """One of those that nearly every line has."""
    return intern(cut(text))


def batch_of(records: Sequence[Record[PostfixFields]], context: Context) -> Batch:
    """The lines as linking takes them; a third of all tell nothing of any mail."""
    batch = Batch(awaited_scans=context.awaited_scans, claimed=context.claimed_scans)
    for record in records:
        fields, line = record.fields, record.fields.line
        if line.queue_id or line.kind != "other":
            batch.add_line(record.name, Event(record.time, fields.program, fields.message, line))
    return batch


POSTFIX = PostfixSource()
