"""One look at mailcow's logs: read what is new, store it, and bring the messages up to date, a portion a
transaction."""

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.ingest import blacklist, store
from webapp.ingest.align import Key
from webapp.ingest.pace import AMPLE, Pace, keep_pace, kept_pace
from webapp.ingest.read import NETFILTER, POSTFIX, RSPAMD, Reading, Source, known_length, read_new
from webapp.ingest.rows import Row
from webapp.mailcow import domains as directory
from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import LOGS, note_failure, note_success
from webapp.parse.postfix import Line
from webapp.tables.db import now, utc
from webapp.tables.gin import MANY, Empty, emptied_beside, let_grow
from webapp.tables.partitions import partitions_of
from webapp.trace.link import Batch, link, scan_story
from webapp.trace.load import claimed_scans, surroundings
from webapp.trace.save import forget_queue_ids
from webapp.trace.story import Event, Scan
from webapp.trace.verdict import Surroundings, direction

WATCHED = (POSTFIX, RSPAMD)
HASTY_COUNT = 300  # rows a request asks for between two regular looks
WHOLE_LOOK = 5  # seconds between looks at all lists while some are watched
LONGEST_WATCH = 300  # seconds a run goes on looking; then the next one takes over


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
    readings: dict[str, Reading] = field(default_factory=dict)

    def as_dict(self) -> dict[str, int]:
        """The figures for the history of runs."""
        return {**self.rows, "messages": self.messages, "gaps": self.gaps}


@dataclass
class Run:
    """What the portions of one run share. `coming` are Rspamd rows that were read but are not stored yet, by
    join key."""

    session: Session
    settings: Settings
    around: Surroundings
    progress: Progress
    coming: dict[int, list[Scan]] = field(default_factory=dict)
    empty: Empty | None = None

    @property
    def window(self) -> int:
        """Seconds within which an Rspamd row and a mail may belong together."""
        return self.settings.max_correlation_age_minutes * 60


def fetch_logs(
    session: Session,
    mailcow: Mailcow,
    settings: Settings,
    progress: Progress | None = None,
    only: Collection[str] = (),
) -> Iterator[Progress]:
    """Read the lists (all, or `only` these); yields wherever the caller should commit.

    Raises MailcowError at the end if a list could not be read. Rspamd's list is read before Postfix's, so
    that a row's lines are there when it is stored.
    """
    progress = progress or Progress()
    progress.readings.clear()
    around = yield from _surroundings(session, mailcow, settings, progress)
    newest_of: dict[str, int | None] = {}
    for source, count in _wanted(settings, only):
        tail, newest_of[source.name] = store.load_cursor(session.connection(), source.name)
        yield progress
        try:
            progress.readings[source.name] = read_new(mailcow, source, tail, newest_of[source.name], count)
        except (MailcowDenied, MailcowUnreachable) as error:
            progress.failures.append(str(error))
            break
        except MailcowError as error:
            progress.failures.append(str(error))
    coming = _coming(
        session.connection(), progress.readings.get(RSPAMD.name), newest_of.get(RSPAMD.name), settings
    )
    with emptied_beside(session.get_bind().engine) as empty:
        run = Run(session, settings, around, progress, coming, empty)
        for name in (POSTFIX.name, RSPAMD.name, NETFILTER.name):
            if name in progress.readings:
                yield from take_in(run, progress.readings[name], newest_of[name])
    if progress.failures:
        reason = "; ".join(dict.fromkeys(progress.failures))
        note_failure(reason, LOGS)
        raise MailcowError(reason)
    note_success()


def _wanted(settings: Settings, only: Collection[str]) -> list[tuple[Source, int]]:
    """The lists to read, each with the rows to ask for at once; fewer where it is looked at in haste."""
    every = (
        (RSPAMD, settings.fetch_count_rspamd),
        (NETFILTER, settings.fetch_count_netfilter),
        (POSTFIX, settings.fetch_count_postfix),
    )
    return [
        (source, min(count, HASTY_COUNT) if only else count)
        for source, count in every
        if not only or source.name in only
    ]


def watch_logs(session: Session, mailcow: Mailcow, settings: Settings) -> Iterator[Progress]:
    """Read all lists, and again before a small ring could overflow, for as long as lines come that fast.

    Yields and raises as `fetch_logs` does.
    """
    paces = {source.name: kept_pace(source.name) for source in WATCHED}
    started, total = time.monotonic(), Progress()
    only: set[str] = set()
    last_whole = 0.0
    while True:
        looked = time.monotonic()
        if looked - last_whole >= min(WHOLE_LOOK, settings.fetch_interval):
            only, last_whole = set(), looked
        yield from fetch_logs(session, mailcow, settings, total, only)
        for source in WATCHED:
            if source.name in total.readings:
                _note_pace(mailcow, source, paces[source.name], total.readings[source.name], probe=not only)
        pauses = {name: pace.pause(settings.fetch_interval) for name, pace in paces.items()}
        only = {name for name, pause in pauses.items() if pause is not None}
        total.in_haste = bool(only)
        if not only or time.monotonic() - started > LONGEST_WATCH:
            return
        pause = min(pause for pause in pauses.values() if pause is not None)
        time.sleep(max(0.0, looked + pause - time.monotonic()))


def _note_pace(mailcow: Mailcow, source: Source, pace: Pace, reading: Reading, probe: bool) -> None:
    pace.note((row.time for row in reading.rows), reading.length, now().timestamp())
    if probe and pace.capacity < AMPLE and pace.peak:
        pace.capacity = known_length(mailcow, source, pace.capacity, AMPLE)
    keep_pace(source.name, pace)


def _surroundings(
    session: Session, mailcow: Mailcow, settings: Settings, progress: Progress
) -> Generator[Progress, None, Surroundings]:
    """Our domains, read anew where they are old; a failure is told but stops nothing."""
    age = directory.age(session.connection())
    yield progress
    if age is None or age > directory.FRESH:
        try:
            directory.save_domains(session.connection(), directory.read_domains(mailcow))
        except MailcowError as error:
            progress.failures.append(str(error))
        yield progress
    return surroundings(session.connection(), settings)


def take_in(run: Run, reading: Reading, newest: int | None) -> Iterator[Progress]:
    """Store and link what was read, a portion a transaction; yields where the caller should commit. `newest`
    as in `store.load_cursor`."""
    name, progress = reading.source.name, run.progress
    store.record_gap(run.session.connection(), reading)
    progress.gaps += reading.gap is not None
    seen: Counter[Key] = Counter()
    for rows, below in reading.chunks():
        connection = run.session.connection()
        empty = run.empty if len(rows) >= MANY else None
        if empty:
            let_grow(connection)
        kept = _keep(connection, reading.source, rows, run.settings)
        new_days = store.make_partitions(connection, kept, run.settings.retention_days)
        store.number_rows(connection, name, kept, newest if reading.aligned else None, seen)
        if not reading.aligned:
            kept = store.not_stored(connection, name, kept)
        progress.messages += _store(connection, reading.source, kept, run)
        store.save_cursor(connection, name, [row.key for row in reversed(rows)] + below, kept)
        progress.rows[name] += len(kept)
        yield progress
        if new_days:
            cache.clear_stats_cache()
        if empty:
            empty(partitions_of(utc(row.time).date() for row in kept))
    store.note_fetch(run.session.connection(), name)
    yield progress


def _keep(connection: Connection, source: Source, rows: Sequence[Row], settings: Settings) -> list[Row]:
    """The rows to store: without those set aside and those of blacklisted addresses."""
    store.set_aside(connection, source.name, rows)
    kept, hidden = blacklist.allowed(
        connection, source, [row for row in rows if row.fields is not None], settings.blacklist_emails
    )
    forget_queue_ids(connection, hidden)
    return kept


def _store(connection: Connection, source: Source, rows: Sequence[Row], run: Run) -> int:
    """Write the rows and link them; returns how many messages changed."""
    if source is POSTFIX:
        lines = store.postfix_lines(rows)
        changed = link(connection, _postfix_batch(rows, lines, run.coming), run.around, run.window)
        store.insert_rows(connection, source.name, rows, store.postfix_values(rows, lines))
        return changed
    if source is RSPAMD:
        scans = [_scan(row) for row in rows]
        for row, scan in zip(rows, scans, strict=True):
            (row.fields or {})["direction"] = direction(scan_story(scan), [], run.around)
        store.insert_rows(connection, source.name, rows, store.rspamd_values(rows))
        claimed = claimed_scans(connection, scans)
        return link(
            connection,
            Batch(scans=[scan for scan in scans if scan.identity not in claimed]),
            run.around,
            run.window,
        )
    store.insert_rows(connection, source.name, rows, store.netfilter_values(rows))
    return 0


def _coming(
    connection: Connection, reading: Reading | None, newest: int | None, settings: Settings
) -> dict[int, list[Scan]]:
    """The Rspamd rows just read, by join key, so that a message is written once with its row; none where some
    may be left out."""
    found: dict[int, list[Scan]] = defaultdict(list)
    if reading is None or settings.blacklist_emails:
        return found
    rows = [row for row in reading.rows if row.fields is not None]
    store.number_rows(connection, RSPAMD.name, rows, newest if reading.aligned else None, Counter())
    for scan in map(_scan, rows):
        if scan.mid_key is not None:
            found[scan.mid_key].append(scan)
    return found


def _postfix_batch(rows: Sequence[Row], lines: Sequence[Line], coming: dict[int, list[Scan]]) -> Batch:
    batch = Batch(coming=coming)
    for row, line in zip(rows, lines, strict=True):
        fields = row.fields or {}
        batch.add_line(
            (row.time, row.digest, row.ordinal), Event(row.time, fields["program"], fields["message"], line)
        )
    return batch


def _scan(row: Row) -> Scan:
    fields = row.fields or {}
    return Scan(
        row.time,
        row.digest,
        row.ordinal,
        fields["mid_key"],
        fields["message_id"],
        fields["sender"],
        fields["recipients"],
        fields["ip"],
        fields["username"],
        fields["subject"],
        fields["score"],
        fields["action"],
        fields["size"],
        fields["is_spam"],
        fields["has_auth"],
    )
