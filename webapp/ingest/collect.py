"""One look at mailcow's logs: read what is new, store it, and bring the messages up to date, a portion a
transaction."""

from collections import Counter
from collections.abc import Collection, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.garbage import left_alone
from webapp.ingest import clock, offered, store
from webapp.ingest.align import Cursor, Key
from webapp.ingest.descent import Descent, Disordered
from webapp.ingest.first import import_lists
from webapp.ingest.pages import page_at
from webapp.ingest.portion import Numbering, Progress, Run, store_portion
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.read import Reading, read_new, whole_list
from webapp.ingest.rows import Element, Record, good_records
from webapp.ingest.source import Context, Source
from webapp.ingest.sources import SOURCES
from webapp.mailcow import domains as directory
from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import LOGS, note_failure, note_success
from webapp.tables.db import now
from webapp.tables.gin import emptied_beside
from webapp.trace.load import load_surroundings
from webapp.trace.verdict import Surroundings

__all__ = ["Progress", "Run", "announce", "fetch_logs", "take_in"]

HASTY_COUNT = 300  # rows a request asks for between two regular looks


@dataclass(frozen=True)
class Head:
    """The first page (newest first) of a list that was never read before, and is longer."""

    source: Source[Any]
    rows: list[Element[Any]]
    count: int


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
    with left_alone(), emptied_beside(session.get_bind().engine) as empty:
        heads = yield from _read_lists(session, mailcow, settings, progress, only)

        def run() -> Run:
            context = Context(surroundings, settings.max_correlation_age_minutes * 60)
            return Run(session, settings, context, progress, empty)

        yield from _import(run(), mailcow, heads)
        yield from _take_in_all(run())
    for head in heads:
        progress.readings[head.source.name] = whole_list(head.source, head.rows, Cursor(), head.count)
    if progress.failures:
        reason = "; ".join(dict.fromkeys(progress.failures))
        note_failure(reason, LOGS)
        raise MailcowError(reason)
    note_success()


def _import(run: Run, mailcow: Mailcow, heads: Sequence[Head]) -> Iterator[Progress]:
    """Take in the lists that were never read before; those that have to be seen as a whole are read into
    `progress.readings`."""
    if not heads:
        return
    try:
        with ThreadPoolExecutor(1, "pages") as pages:
            descents = [Descent(mailcow, head.source, head.count, pages, [*head.rows]) for head in heads]
            yield from import_lists(run, descents, POSTFIX.name)
    except Disordered:
        for head in heads:
            reading = read_new(mailcow, head.source, Cursor(), head.count)
            run.progress.readings[head.source.name] = reading


def _take_in_all(run: Run) -> Iterator[Progress]:
    readings = run.progress.readings
    if not run.settings.blacklist_emails:  # rows that may be left out are not waited for
        announce(run.session.connection(), readings, run.context)
    for source in SOURCES:
        if source.name in readings:
            yield from take_in(run, readings[source.name])


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
) -> Generator[Progress, None, list[Head]]:
    """Read what is new in each list into `progress.readings`, and return the heads of those that are read for
    the first time; the others are not asked once mailcow cannot be reached."""
    progress.readings.clear()
    heads: list[Head] = []
    cursors = store.load_cursors(session.connection())
    yield progress
    for source in reversed(SOURCES):
        if (only and source.name not in only) or not source.is_read(settings):
            continue
        count = min(source.page_size(settings), HASTY_COUNT) if only else source.page_size(settings)
        cursor = cursors[source.name]
        if source.is_optional and not cursor.tail and offered.is_resting(source.name):
            continue
        try:
            reading = _look(mailcow, source, cursor, count)
        except MailcowError as error:
            if source.is_optional:
                offered.note(source.name, str(error))
                continue
            progress.failures.append(str(error))
            if isinstance(error, MailcowDenied | MailcowUnreachable):
                break
            continue
        if isinstance(reading, Head):
            heads.append(reading)
            continue
        progress.readings[source.name] = reading
        if source.is_optional:
            offered.settle(source.name, bool(cursor.tail or reading.length))
    return heads


def _look(mailcow: Mailcow, source: Source[Any], cursor: Cursor, count: int) -> Reading[Any] | Head:
    """What is new in a list; the head only of a longer one that was never looked at. Raises MailcowError."""
    if cursor != Cursor():
        return read_new(mailcow, source, cursor, count)
    rows = page_at(mailcow, source, str(count))
    return whole_list(source, rows, cursor, len(rows)) if len(rows) < count else Head(source, rows, count)


def announce(connection: Connection, readings: dict[str, Reading[Any]], context: Context) -> None:
    """Tell the sources of the rows that others wait for, numbered where their names have to be known; rows
    that are stored already come no more."""
    for reading in readings.values():
        records = good_records(reading.rows)
        if reading.source.is_awaited or not reading.aligned:
            newest = reading.newest if reading.aligned else None
            store.number_rows(connection, reading.source.name, records, newest, Counter())
        if not reading.aligned:
            records = reading.source.not_stored(connection, records)
        reading.source.announce(records, context)


def take_in(run: Run, reading: Reading[Any]) -> Iterator[Progress]:
    """Store and link what was read, a portion a transaction; yields where the caller should commit."""
    run.progress.gaps += _note_breaks(run, reading)
    numbering = Numbering(reading.aligned, reading.newest if reading.aligned else None)
    cursor = _Cursor(run, reading)
    for rows, keys in reading.chunks():
        cursor.next = keys
        cursor.left -= len(rows)
        yield from store_portion(run, reading.source, rows, numbering, cursor.follow)
    if not cursor.is_saved:
        store.note_fetch(run.session.connection(), reading.source.name)
        yield run.progress


class _Cursor:
    """Follows the portions of a reading. Where there was none before it is set when all is stored: until then
    nothing tells which rows an earlier run has stored."""

    def __init__(self, run: Run, reading: Reading[Any]) -> None:
        self.run, self.reading, self.left = run, reading, len(reading.rows)
        self.next: list[Key] = []
        self.is_saved = False
        self.is_first = not reading.aligned and not reading.passed
        self.is_known = not reading.aligned and not self.is_first  # so far: a list can go back in time

    def follow(self, kept: list[Record[Any]]) -> None:
        """Move it above the portion of which these rows were not there before."""
        self.is_known = self.is_known and not kept
        self.is_saved = not (self.is_known or (self.is_first and self.left))
        if not self.is_saved:
            return
        stored = good_records(self.reading.rows) if self.is_first else kept
        newest = max((row.time for row in stored), default=None)
        store.save_cursor(self.run.session.connection(), self.reading.source.name, self.next, newest)


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
