"""Raw rows through everything below HTTP, inside a transaction that a test rolls back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from tests.fixtures import MISCOUNTED, Viewer
from tests.samples import recorded
from webapp.ingest import collect
from webapp.ingest.read import POSTFIX, RSPAMD, Reading, Source
from webapp.ingest.rows import Row, read_row
from webapp.tables.db import db
from webapp.trace.story import Scan
from webapp.trace.verdict import Surroundings

WINDOW = 600
AROUND = Surroundings(
    frozenset(recorded.load("truth")["local_domains"]), ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64")
)
LATER_THAN_ALL = 2**31

Poll = tuple[Source, Sequence[Any]]
Told = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def read(source: Source, raw: Sequence[Any]) -> list[Row]:
    """The rows as fetched."""
    return [read_row(row, source.clock, source.read) for row in raw]


def take_in(viewer: Viewer, polls: Sequence[Poll], aligned: bool = True) -> None:
    """What polls that found these rows (oldest first) do with them; nothing is committed."""
    for source, raw in polls:
        reading = Reading(source, read(source, raw), aligned=aligned)
        for _ in collect.take_in(
            collect.Run(db.session(), viewer.settings, AROUND, collect.Progress()), reading, LATER_THAN_ALL
        ):
            pass


def told() -> Told:
    """All messages and deliveries, in an order of their own; their counts by the hour are checked."""
    assert db.session.execute(text(MISCOUNTED)).all() == []
    messages = db.session.execute(text("SELECT * FROM messages ORDER BY id"))
    deliveries = db.session.execute(text("SELECT * FROM deliveries ORDER BY message_id, position"))
    return [dict(row._mapping) for row in messages], [dict(row._mapping) for row in deliveries]


def numbered(source: Source, raw: Sequence[Any]) -> list[Row]:
    """The good rows, counted as in an empty table."""
    seen: Counter[tuple[int, int]] = Counter()
    rows = [row for row in read(source, raw) if row.fields is not None]
    for row in rows:
        row.ordinal = seen[row.key]
        seen[row.key] += 1
    return rows


def scans(raw: Sequence[Any]) -> list[Scan]:
    """Rspamd rows as linking takes them."""
    return [collect._scan(row) for row in numbered(RSPAMD, raw)]


__all__ = [
    "AROUND",
    "POSTFIX",
    "RSPAMD",
    "WINDOW",
    "Poll",
    "Told",
    "numbered",
    "read",
    "scans",
    "take_in",
    "told",
]
