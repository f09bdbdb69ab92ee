"""Raw rows through everything below HTTP, inside a transaction that a test rolls back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from tests.fixtures import MISCOUNTED, Viewer
from tests.samples import recorded
from tests.trace.daycounts import miscounted_days
from webapp.ingest import collect
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.read import Reading
from webapp.ingest.rows import Element, Record, good_records
from webapp.ingest.rspamd import RSPAMD, scan_of
from webapp.ingest.source import Context, Source
from webapp.tables.db import db
from webapp.trace.story import Scan
from webapp.trace.verdict import Surroundings

WINDOW = 600
SURROUNDINGS = Surroundings(
    frozenset(recorded.load("truth")["local_domains"]),
    ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64"),
    {"nordlicht.example": "nordlicht-kontor.example"},
)
LATER_THAN_ALL = 2**31

Poll = tuple[Source[Any], Sequence[Any]]
Stored = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def read(source: Source[Any], raw: Sequence[Any]) -> list[Element[Any]]:
    """The rows as fetched."""
    return [source.record(row) for row in raw]


def take_in(viewer: Viewer, polls: Sequence[Poll], aligned: bool = True) -> None:
    """What polls that found these rows (oldest first) do with them; nothing is committed."""
    for source, raw in polls:
        reading = Reading(source, read(source, raw), aligned=aligned, newest=LATER_THAN_ALL)
        context = Context(SURROUNDINGS, viewer.settings.max_correlation_age_minutes * 60)
        for _ in collect.take_in(
            collect.Run(db.session(), viewer.settings, context, collect.Progress()), reading
        ):
            pass


def stored() -> Stored:
    """All messages and deliveries, in an order of their own; their counts by the hour are checked."""
    assert db.session.execute(text(MISCOUNTED)).all() == []
    assert miscounted_days(db.session.connection()) == {}
    messages = db.session.execute(text("SELECT * FROM messages ORDER BY id"))
    deliveries = db.session.execute(text("SELECT * FROM deliveries ORDER BY message_id, position"))
    return [dict(row._mapping) for row in messages], [dict(row._mapping) for row in deliveries]


def numbered(source: Source[Any], raw: Sequence[Any]) -> list[Record[Any]]:
    """The good rows, counted as in an empty table."""
    seen: Counter[tuple[int, int]] = Counter()
    rows = good_records(read(source, raw))
    for row in rows:
        row.ordinal = seen[row.key]
        seen[row.key] += 1
    return rows


def scans(raw: Sequence[Any]) -> list[Scan]:
    """Rspamd rows as linking takes them."""
    return [scan_of(row) for row in numbered(RSPAMD, raw)]


__all__ = [
    "POSTFIX",
    "RSPAMD",
    "SURROUNDINGS",
    "WINDOW",
    "Poll",
    "Stored",
    "numbered",
    "read",
    "scans",
    "stored",
    "take_in",
]
