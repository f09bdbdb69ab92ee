"""Reading mailcow's lists without loss: align with the cursor, go back page by page, notice what is gone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import attrgetter
from typing import Generic

from webapp.ingest.align import TAIL_LIMIT, Cursor, Key, find_run, new_rows
from webapp.ingest.pages import Page, page_at, page_reaching_below
from webapp.ingest.rows import Element, Fields, Record, good_records
from webapp.ingest.source import Source
from webapp.mailcow.client import Mailcow, MailcowGarbage

MOST_ROWS = 100_000  # read back at the most; mailcow keeps 10,000
CHUNK = 8000  # rows a transaction
RESTARTS = 3
OLDEST_LEFT = 10  # rows at the end of the list by which a gap is told
LEAST_RING = 100  # rows; no mailcow is set to keep fewer
CLOCKS_DIFFER = 60  # seconds at the most between the server's clock and ours

key_of = attrgetter("key")


@dataclass
class Reading(Generic[Fields]):
    """What one look at a list found: new rows oldest first; whether they follow the cursor without a break.

    `gap` are the Unix seconds between which rows may have been lost: they were, unless the oldest rows of the
    list (`oldest`) are stored already.
    """

    source: Source[Fields]
    rows: list[Element[Fields]] = field(default_factory=list)
    aligned: bool = True
    gap: tuple[int, int] | None = None
    length: int = 0  # rows that the list is known to hold
    older: list[Key] = field(default_factory=list)  # keys just below the new rows, newest first
    newest: int | None = None  # the latest Unix second that was stored before
    doubt: int | None = None  # the gap is none where the list turns out to hold more rows than that
    had_room: bool | None = None  # whether it did, of the list that an earlier look had doubts of
    passed: list[int] = field(default_factory=list)  # Unix seconds of the rows read last before, oldest first

    @property
    def oldest(self) -> list[Record[Fields]]:
        """The rows at the list's end by which a gap is told."""
        kept = (row for row in good_records(self.rows) if self.source.is_kept(row.fields))
        return list(islice(kept, OLDEST_LEFT))

    def chunks(self) -> Iterator[tuple[list[Element[Fields]], list[Key]]]:
        """The new rows in portions, oldest first, each with the keys of its newest row and those below it,
        newest first, as far as a cursor may reach."""
        keys = self.older
        for start in range(0, len(self.rows), CHUNK):
            part = self.rows[start : start + CHUNK]
            keys = [*(row.key for row in reversed(part[-TAIL_LIMIT:])), *keys][:TAIL_LIMIT]
            yield part, keys
            if start + CHUNK < len(self.rows):
                for row in good_records(part):
                    self.source.forget(row.fields)


def read_new(mailcow: Mailcow, source: Source[Fields], cursor: Cursor, count: int) -> Reading[Fields]:
    """Everything above the cursor, `count` rows a request.

    Raises MailcowError; MailcowGarbage where a list that had rows is empty, or moves faster than it can be
    read.
    """
    for _ in range(RESTARTS):
        reading = _read_back(mailcow, source, cursor, count)
        if reading is not None:
            reading.newest = cursor.newest
            reading.passed = [second for second, _ in reversed(cursor.tail) if second]
            return reading
    raise MailcowGarbage(f"the {source.name} log grows faster than it can be read, {count} rows at a time")


def _read_back(
    mailcow: Mailcow, source: Source[Fields], cursor: Cursor, count: int
) -> Reading[Fields] | None:
    tail = cursor.tail
    page = Page(source, mailcow.log_rows(source.route, str(count)))
    if not page.raw and tail:
        raise MailcowGarbage(
            f"mailcow's {source.name} log is empty, though it had rows before: a service of mailcow may be "
            f"down"
        )
    exhausted, length = len(page.raw) < count, len(page.raw)
    rows: list[Element[Fields]] = []
    keys: list[Key] = []
    while True:
        fresh = _read_to(page, rows, keys, tail)
        if fresh is None and tail and exhausted:
            fresh = new_rows(keys, tail, exhausted)
        if fresh is not None:
            older = keys[fresh : fresh + len(tail)]
            reading = Reading(source, rows[:fresh][::-1], older=older, length=length)
            return _settle(mailcow, reading, cursor.doubt if fresh else None)
        if exhausted or len(rows) >= MOST_ROWS:
            reading = whole_list(source, rows, cursor, length)
            return _settle(mailcow, reading, None if tail else length)
        below = page_reaching_below(mailcow, source, keys, len(keys), count)
        if below is None:
            return None
        page, length = below
        exhausted = page.given == len(page.raw)


def _read_to(
    page: Page[Fields], rows: list[Element[Fields]], keys: list[Key], tail: Sequence[Key]
) -> int | None:
    """Read on to the place where `tail` stands, or to the page's end, adding to the rows and keys of the
    pages above; returns the index of the place among all."""
    while piece := page.next_piece():
        start = max(0, len(keys) - len(tail) + 1)
        rows.extend(piece)
        keys.extend(map(key_of, piece))
        index = find_run(keys[start:], tail)
        if index is not None:
            return start + index
    return None


def whole_list(
    source: Source[Fields], rows: list[Element[Fields]], cursor: Cursor, length: int
) -> Reading[Fields]:
    """The whole list, of which some rows may be stored already; between the cursor and it rows may be
    lost."""
    times = [row.time for row in good_records(rows)]
    gap = None
    if times and cursor.tail and cursor.newest is not None:
        gap = _gap(times, cursor.newest, cursor.tail)
    elif times and not cursor.tail and cursor.looked_at is not None and length >= LEAST_RING:
        gap = _gap_since_empty(times, cursor.looked_at)
    return Reading(source, rows[::-1], aligned=False, gap=gap, length=length)


def _settle(mailcow: Mailcow, reading: Reading[Fields], doubt: int | None) -> Reading[Fields]:
    """Find out whether a list that held so many rows (`doubt`) after it was empty was full then."""
    if doubt is None or (not reading.aligned and reading.gap is None):
        return reading
    has_room = _is_longer(mailcow, reading.source, doubt)
    if reading.aligned:
        reading.had_room = has_room
    elif has_room:
        reading.gap = None
    else:
        reading.doubt = doubt
    return reading


def _gap_since_empty(times: Sequence[int], looked_at: int) -> tuple[int, int] | None:
    """The span from the look at which the list was empty to the oldest row, unless that was there before."""
    oldest = min(times[-OLDEST_LEFT:])
    if oldest < looked_at - CLOCKS_DIFFER:
        return None
    return min(looked_at, oldest), max(looked_at, oldest)


def _is_longer(mailcow: Mailcow, source: Source[Fields], length: int) -> bool:
    """True where the list holds more rows than that."""
    beyond = length + source.first
    return bool(page_at(mailcow, source, f"{beyond}-{beyond}"))


def _gap(times: Sequence[int], newest: int, tail: Sequence[Key]) -> tuple[int, int]:
    """The span between the newest row read and the oldest rows left; these may be slow scans, whose time is
    their start. Where the clock was set back it is the span between the last row read and the oldest left."""
    oldest = times[-OLDEST_LEFT:]
    later = [time for time in oldest if time >= newest]
    if len(later) * 2 > len(oldest):
        return newest, min(later)
    ends = tail[0][0] or newest, oldest[-1]
    return min(ends), max(ends)


def known_length(mailcow: Mailcow, source: Source[Fields], at_least: int, enough: int) -> int:
    """How many rows the list holds, as far as a few requests of one row each can tell: between `at_least` and
    `enough`."""
    length = at_least
    for probe in (enough, 2 * at_least, at_least + at_least // 4):
        if length < probe <= enough and page_at(
            mailcow, source, f"{probe - 1 + source.first}-{probe - 1 + source.first}"
        ):
            return probe
    return length
