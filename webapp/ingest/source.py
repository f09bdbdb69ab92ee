"""What a log source is: how a row of one of mailcow's lists is read, searched, stored and linked."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, ClassVar, Generic, NamedTuple

from sqlalchemy import Connection, text

from webapp.config import Settings
from webapp.ingest.rows import Element, Fields, Record, bad_record, raw_digest, unix_second
from webapp.tables import stretching
from webapp.tables.columns import Columns, as_array
from webapp.tables.db import stamp, utc
from webapp.tables.logs import ORDINAL
from webapp.tables.stretches import STRETCHES, TEXT
from webapp.trace.story import Scan
from webapp.trace.verdict import Surroundings

_text_of = attrgetter(f"fields.{TEXT}")  # of a row whose words are told


class MailNames(NamedTuple):
    """What names the mail that a row belongs to, as far as the row tells."""

    queue_id: str | None = None
    message_id: str | None = None
    mid_key: int | None = None


@dataclass
class Context:
    """What linking needs besides the rows. `window` in seconds: an Rspamd row and a mail may belong together
    within it.

    `awaited_scans` are Rspamd rows that were read but are not stored yet, by join key, and
    `claimed_scans` those of them that a message has; `awaited_sessions` are those of Dovecot that lines of
    Postfix name which were read but are not stored yet. `ahead` is what can be worked out while PostgreSQL is
    busy with something else.
    """

    surroundings: Surroundings
    window: int
    awaited_scans: dict[int, list[Scan]] = field(default_factory=lambda: defaultdict(list))
    claimed_scans: set[tuple[int, int, int]] = field(default_factory=set)
    awaited_sessions: set[str] = field(default_factory=set)
    ahead: list[Callable[[], object]] = field(default_factory=list)

    def work_ahead(self) -> None:
        """Do what lies `ahead`, once."""
        while self.ahead:
            self.ahead.pop()()


class Source(ABC, Generic[Fields]):
    """One of mailcow's lists; its rows are kept in the table `<name>_logs`.

    A new one gets a module of its own and a place in `sources.SOURCES`.
    """

    name: ClassVar[str]
    route: ClassVar[str]
    clock: ClassVar[str] = "time"
    first: ClassVar[int] = 1  # the number of the newest row in a range
    is_watched: ClassVar[bool] = False  # looked at again before its ring could overflow
    is_in_order: ClassVar[bool] = True  # a row's time is that of its writing
    is_awaited: ClassVar[bool] = False  # its new rows have their names before sources before it are stored
    is_optional: ClassVar[bool] = False  # a mailcow without it is no failure
    columns: ClassVar[Columns]

    @abstractmethod
    def page_size(self, settings: Settings) -> int:
        """How many rows to ask for at once."""

    @abstractmethod
    def read(self, raw: dict[str, Any]) -> Fields:
        """The fields of one row; raises ValueError with the reason where it has none."""

    def forget(self, fields: Fields) -> None:
        """Let go of what was worked out of a row that is stored: many others wait behind it."""

    @abstractmethod
    def texts(self, fields: Fields) -> Iterable[str]:
        """Where an address has to be looked for that must not be stored."""

    @abstractmethod
    def parts(self, record: Record[Fields]) -> Sequence[Any]:
        """What fills the columns: an instance of each of the dataclasses that `columns` was made of."""

    def is_read(self, settings: Settings) -> bool:  # noqa: ARG002
        """True where the administrator wants it read."""
        return True

    def is_kept(self, fields: Fields) -> bool:  # noqa: ARG002
        """True for a row that is to be stored or counted; others count for the alignment only."""
        return True

    def digest(self, raw: dict[str, Any], fields: Fields) -> int:  # noqa: ARG002
        """With the second, the name of a row."""
        return raw_digest(raw)

    def mail_names(self, fields: Fields) -> MailNames:  # noqa: ARG002
        """What names the mail, where a blacklisted address is to be hidden in all its rows."""
        return MailNames()

    def announce(self, records: Sequence[Record[Fields]], context: Context) -> None:
        """Tell the sources that are stored before it of its new rows."""

    def recall(self, records: Sequence[Record[Fields]], context: Context) -> None:
        """Take back what was announced: these rows are stored now."""

    def store(self, connection: Connection, records: Sequence[Record[Fields]], context: Context) -> int:  # noqa: ARG002
        """Write new rows and link them; returns how many messages changed."""
        self.insert(connection, records)
        return 0

    def not_stored(self, connection: Connection, records: Sequence[Record[Fields]]) -> list[Record[Fields]]:
        """Those of the numbered rows that are not there yet."""
        found = (
            connection.execute(
                text(
                    f"SELECT time, digest, {ORDINAL} FROM {self.name}_logs "
                    "WHERE time = ANY(CAST(:times AS timestamptz[])) "
                    "AND digest IN (SELECT unnest(CAST(:digests AS bigint[])))"
                ),
                {
                    "times": as_array(sorted({stamp(row.time) for row in records})),
                    "digests": as_array(row.digest for row in records),
                },
            )
            if records
            else ()
        )
        there = {(int(time.timestamp()), digest, ordinal) for time, digest, ordinal in found}
        return [row for row in records if row.name not in there]

    def words(self, records: Sequence[Record[Fields]]) -> list[stretching.Row]:
        """What tells of the words of new rows; none where the table has no table of these."""
        if self.columns.table not in STRETCHES:
            return []
        return stretching.words_of([utc(row.time) for row in records], list(map(_text_of, records)))

    def insert(
        self,
        connection: Connection,
        records: Sequence[Record[Fields]],
        words: Callable[[], list[stretching.Row]] | None = None,
    ) -> None:
        """COPY new rows into the table, and their words, where these are worked out already. All indexes
        live."""
        table = self.columns.table
        if table in STRETCHES:
            stretching.alone(connection, table)
        self.columns.copy(connection, map(self.parts, records))
        stretching.add(connection, table, words() if words else self.words(records))

    def record(self, raw: Any) -> Element[Fields]:
        """The record of one element of the list; a bad one is set aside, never raised."""
        if not isinstance(raw, dict):
            return bad_record(raw, "not an object")
        seconds = unix_second(raw.get(self.clock))
        if seconds is None:
            return bad_record(raw, f"no usable {self.clock}")
        try:
            fields = self.read(raw)
            return Record(seconds, self.digest(raw, fields), fields)
        except ValueError as error:
            return bad_record(raw, str(error))
        except (TypeError, RecursionError):  # orjson's words for what JSON cannot hold
            return bad_record(raw, "nested too deep, or a number too large")
