"""A portion of a list's rows -> stored rows and messages, in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Text, literal_column, select
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.ingest import blacklist, store
from webapp.ingest.align import Key
from webapp.ingest.read import Reading
from webapp.ingest.rows import BadRecord, Element, Fields, Record, good_records
from webapp.ingest.source import Context, Source
from webapp.tables.db import planned_once
from webapp.tables.gin import LET_GROW, MANY, Empty
from webapp.tables.partitions import TABLES, ensure_table, partitions_of
from webapp.trace.save import forget_queue_ids

# A day that has just begun is empty when the statements are planned: it would be read as a whole, however
# much it grows, until PostgreSQL counts it.
BY_INDEX = literal_column("set_config('enable_seqscan', 'off', true)", Text).label("by_index")
SMALL = select(planned_once(), BY_INDEX)  # the first statement of a portion
LARGE = select(planned_once(), BY_INDEX, LET_GROW)


@dataclass
class Progress:
    """What a run has done so far; `failures` has a sentence for each list that could not be read.

    `in_haste` asks for another run at once, because a small ring fills fast.
    """

    rows: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    gaps: int = 0
    failures: list[str] = field(default_factory=list)
    in_haste: bool = False
    readings: dict[str, Reading[Any]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, int]:
        """The figures for the history of runs."""
        return {**self.rows, "messages": self.messages, "gaps": self.gaps}


@dataclass
class Run:
    """What the portions of one run share."""

    session: Session
    settings: Settings
    context: Context
    progress: Progress
    empty: Empty | None = None
    days: set[date] = field(default_factory=set)  # that have their partitions


@dataclass
class Numbering:
    """How byte-identical rows of a second are told apart: `seen` counts them; `newest` is the latest Unix
    second up to which some may be stored that are not among these rows, where these follow the stored ones.

    `is_new`: these rows were never read before. Else those that are stored are found and left out.
    """

    is_new: bool
    newest: int | None = None
    seen: Counter[Key] = field(default_factory=Counter)


def store_portion(
    run: Run,
    source: Source[Fields],
    rows: list[Element[Fields]],
    numbering: Numbering,
    finish: Callable[[list[Record[Fields]]], None] = lambda _: None,
) -> Iterator[Progress]:
    """Store and link the rows (oldest first); `finish` gets those that were not there before the caller
    commits, which it should where this yields."""
    told = [row for row in good_records(rows) if source.is_kept(row.fields)]
    new_days = store.new_days(run.session.connection(), told, run.settings.retention_days, run.days)
    for table in TABLES if new_days else ():
        ensure_table(run.session.connection(), table, new_days)
        yield run.progress
    connection = run.session.connection()
    empty = run.empty if len(rows) >= MANY else None
    connection.execute(LARGE if empty else SMALL)
    store.set_aside(connection, source.name, [row for row in rows if isinstance(row, BadRecord)])
    kept = _keep(connection, source, told, run.settings)
    store.number_rows(connection, source.name, kept, numbering.newest, numbering.seen)
    if not numbering.is_new:
        kept = source.not_stored(connection, kept)
    run.progress.messages += source.store(connection, kept, run.context)
    finish(kept)
    run.progress.rows[source.name] += len(kept)
    yield run.progress
    if new_days:
        cache.clear_stats_cache()
    if empty:
        empty(partitions_of(store.days_of(kept)))


def _keep(
    connection: Connection,
    source: Source[Fields],
    told: list[Record[Fields]],
    settings: Settings,
) -> list[Record[Fields]]:
    """The rows to store of those that tell something: without those of blacklisted addresses."""
    kept, hidden = blacklist.allowed(connection, source, told, settings.blacklist_emails)
    forget_queue_ids(connection, hidden)
    return kept
