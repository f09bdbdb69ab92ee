"""One look at mailcow's logs: read what is new, store it, and bring the messages up to date, a portion a
transaction."""

from collections import Counter
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.ingest import blacklist, clock, offered, store
from webapp.ingest.align import Key
from webapp.ingest.read import Reading, read_new
from webapp.ingest.rows import BadRecord, Element, Fields, Record, good_records
from webapp.ingest.source import Context, Source
from webapp.ingest.sources import SOURCES
from webapp.mailcow import domains as directory
from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import LOGS, note_failure, note_success
from webapp.tables.db import now, utc
from webapp.tables.gin import MANY, Empty, emptied_beside, let_grow
from webapp.tables.partitions import partitions_of
from webapp.trace.load import load_surroundings
from webapp.trace.save import forget_queue_ids
from webapp.trace.verdict import Surroundings

HASTY_COUNT = 300  # rows a request asks for between two regular looks


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


def fetch_logs(
    session: Session,
    mailcow: Mailcow,
    settings: Settings,
    progress: Progress | None = None,
    only: Collection[str] = (),
) -> Iterator[Progress]:
    """Read the lists (all, or `only` these); yields wherever the caller should commit.

    Raises MailcowError at the end if a list could not be read.
    """
    progress = progress or Progress()
    surroundings = yield from _surroundings(session, mailcow, settings, progress)
    context = Context(surroundings, settings.max_correlation_age_minutes * 60)
    yield from _read_lists(session, mailcow, settings, progress, only)
    if not settings.blacklist_emails:  # rows that may be left out are not waited for
        _announce(session.connection(), progress.readings, context)
    with emptied_beside(session.get_bind().engine) as empty:
        run = Run(session, settings, context, progress, empty)
        for source in SOURCES:
            if source.name in progress.readings:
                yield from take_in(run, progress.readings[source.name])
    if progress.failures:
        reason = "; ".join(dict.fromkeys(progress.failures))
        note_failure(reason, LOGS)
        raise MailcowError(reason)
    note_success()


def _surroundings(
    session: Session, mailcow: Mailcow, settings: Settings, progress: Progress
) -> Generator[Progress, None, Surroundings]:
    """Our domains, read anew where they are old; a failure is told but stops nothing."""
    age = directory.age(session.connection())
    yield progress
    if age is None or not 0 <= age <= directory.FRESH:  # before the clock was set back
        try:
            directory.save_domains(session.connection(), directory.read_domains(mailcow))
        except MailcowError as error:
            progress.failures.append(str(error))
        yield progress
    return load_surroundings(session.connection(), settings)


def _read_lists(
    session: Session, mailcow: Mailcow, settings: Settings, progress: Progress, only: Collection[str]
) -> Iterator[Progress]:
    """Read what is new in each list into `progress.readings`; the others are not asked once mailcow cannot be
    reached."""
    progress.readings.clear()
    for source in reversed(SOURCES):
        if (only and source.name not in only) or not source.is_read(settings):
            continue
        count = min(source.page_size(settings), HASTY_COUNT) if only else source.page_size(settings)
        cursor = store.load_cursor(session.connection(), source.name)
        yield progress
        if source.is_optional and not cursor.tail and offered.is_resting(source.name):
            continue
        try:
            reading = read_new(mailcow, source, cursor, count)
        except MailcowError as error:
            if source.is_optional:
                offered.note(source.name, str(error))
                continue
            progress.failures.append(str(error))
            if isinstance(error, MailcowDenied | MailcowUnreachable):
                return
            continue
        progress.readings[source.name] = reading
        if source.is_optional:
            offered.settle(source.name, bool(cursor.tail or reading.length))


def _announce(connection: Connection, readings: dict[str, Reading[Any]], context: Context) -> None:
    """Tell the sources of the rows that others wait for, numbered where their names have to be known."""
    for reading in readings.values():
        records = good_records(reading.rows)
        if reading.source.is_awaited:
            newest = reading.newest if reading.aligned else None
            store.number_rows(connection, reading.source.name, records, newest, Counter())
        reading.source.announce(records, context)


def take_in(run: Run, reading: Reading[Any]) -> Iterator[Progress]:
    """Store and link what was read, a portion a transaction; yields where the caller should commit."""
    source, progress = reading.source, run.progress
    is_known = not reading.aligned and bool(reading.passed)  # so far: a list can go back in time
    progress.gaps += _note_breaks(run, reading)
    seen: Counter[Key] = Counter()
    for rows, below in reading.chunks():
        connection = run.session.connection()
        empty = run.empty if len(rows) >= MANY else None
        if empty:
            let_grow(connection)
        kept = _keep(connection, source, rows, run.settings)
        new_days = store.make_partitions(connection, kept, run.settings.retention_days)
        store.number_rows(connection, source.name, kept, reading.newest if reading.aligned else None, seen)
        if not reading.aligned:
            kept = source.not_stored(connection, kept)
        progress.messages += source.store(connection, kept, run.context)
        is_known = is_known and not kept
        if not is_known:
            store.save_cursor(connection, source.name, [row.key for row in reversed(rows)] + below, kept)
        progress.rows[source.name] += len(kept)
        yield progress
        if new_days:
            cache.clear_stats_cache()
        if empty:
            empty(partitions_of(utc(row.time).date() for row in kept))
    store.note_fetch(run.session.connection(), source.name)
    yield progress


def _note_breaks(run: Run, reading: Reading[Any]) -> int:
    """Record the gap before these rows, where there is one, and the jumps of the server's clock; returns how
    many gaps."""
    connection, name = run.session.connection(), reading.source.name
    if reading.source.is_in_order:
        store.save_jumps(connection, name, clock.jumps(reading, now().timestamp()))
    if reading.had_room is not None:
        store.settle_gap(connection, name, reading.had_room)
    if reading.gap is None:
        return 0
    oldest = reading.oldest
    store.number_rows(connection, name, oldest, None, Counter())
    if len(reading.source.not_stored(connection, oldest)) * 2 <= len(oldest):
        return 0
    store.save_gap(connection, name, reading.gap, reading.doubt)
    return 1


def _keep(
    connection: Connection,
    source: Source[Fields],
    rows: list[Element[Fields]],
    settings: Settings,
) -> list[Record[Fields]]:
    """The rows to store: without those set aside, those that tell nothing, and those of blacklisted
    addresses."""
    store.set_aside(connection, source.name, [row for row in rows if isinstance(row, BadRecord)])
    told = [row for row in good_records(rows) if source.is_kept(row.fields)]
    kept, hidden = blacklist.allowed(connection, source, told, settings.blacklist_emails)
    forget_queue_ids(connection, hidden)
    return kept
