"""The first import of lists: newest rows first, so that the mail of today is seen at once.

Reading goes on while rows are stored. A list's cursor is set when all of it is stored. After a run that died
before, it tells only when the list was looked at: the next run sees the list as a whole, finds what is stored
already and leaves it out, and tells of a gap where rows have gone since. So nothing is lost or doubled.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from webapp.ingest import clock, offered, store
from webapp.ingest.align import Key
from webapp.ingest.descent import DISORDER, END, Descent
from webapp.ingest.portion import Numbering, Progress, Run, store_portion
from webapp.ingest.read import Reading
from webapp.ingest.rows import Element, good_records
from webapp.mailcow.client import MailcowError
from webapp.tables.db import now

Rows = list[Element[Any]]


@dataclass
class Import:
    """A list on its way. `held` are rows that were announced, and are stored after the lines that wait for
    them; `above` is the row that was written after those of the last portion."""

    descent: Descent[Any]
    numbering: Numbering = field(default_factory=lambda: Numbering(is_new=False))
    announced: Counter[Key] = field(default_factory=Counter)
    held: deque[Rows] = field(default_factory=deque)
    above: Rows = field(default_factory=list)
    newest: int | None = None
    is_broken: bool = False


def import_lists(run: Run, descents: Iterable[Descent[Any]], leading: str) -> Iterator[Progress]:
    """Store these lists side by side, newest rows first; yields where the caller should commit. `leading` is
    the list in whose steps the others follow. Raises Disordered.

    A list that cannot be read to its end keeps what is stored of it, and is told among the failures.
    """
    imports = {descent.source.name: Import(descent) for descent in descents}
    others = [each for name, each in imports.items() if name != leading]
    first = imports.get(leading)
    while first and (rows := _next(run, first)):
        for other in others:
            yield from _follow(run, other, first.descent.reached)
        yield from _store(run, first, rows)
        for other in others:
            yield from _store_held(run, other, first.descent.reached)
    for other in others:
        yield from _store_held(run, other, END)
        yield from _follow(run, other, END)
    for each in imports.values():
        if not each.is_broken:
            yield from _finish(run, each)


def _next(run: Run, each: Import) -> Rows:
    """The next portion; [] at the end, and where mailcow gives no more."""
    try:
        return each.descent.portion()
    except MailcowError as error:
        each.is_broken, each.descent.reached = True, END
        if each.descent.source.is_optional:
            offered.note(each.descent.source.name, str(error))
        else:
            run.progress.failures.append(str(error))
        return []


def _follow(run: Run, other: Import, floor: int) -> Iterator[Progress]:
    """Read the other list as far back; rows that lines wait for are announced, others stored."""
    source = other.descent.source
    while other.descent.reached > floor and (rows := _next(run, other)):
        if source.is_awaited and floor != END:
            _announce(run, other, rows)
            other.held.append(rows)
        else:
            yield from _store(run, other, rows)


def _announce(run: Run, other: Import, rows: Rows) -> None:
    if not run.settings.blacklist_emails:  # rows that may be left out are not waited for
        connection, source, records = run.session.connection(), other.descent.source, good_records(rows)
        store.number_rows(connection, source.name, records, None, other.announced)
        source.announce(source.not_stored(connection, records), run.context)


def _store_held(run: Run, other: Import, floor: int) -> Iterator[Progress]:
    """Store what is held and not older than `floor`: the lines that waited for it are stored."""
    while other.held and all(row.time >= floor for row in good_records(other.held[0])):
        yield from _store(run, other, other.held.popleft())


def _store(run: Run, each: Import, rows: Rows) -> Iterator[Progress]:
    """One portion, a transaction, with the jumps of the server's clock that it shows."""
    source, seen, times = each.descent.source, each.numbering.seen, [row.time for row in good_records(rows)]
    source.recall(good_records(rows), run.context)
    if source.is_in_order:
        shown = Reading(source, [*rows, *each.above], aligned=False)
        store.save_jumps(run.session.connection(), source.name, clock.jumps(shown, now().timestamp()))
        each.above = rows[:1]
    if each.newest is None:
        store.note_fetch(run.session.connection(), source.name)
    yield from store_portion(run, source, rows, each.numbering)
    each.newest = max(times if each.newest is None else [*times, each.newest], default=None)
    if source.is_in_order:  # nothing below can be of these seconds
        limit = each.descent.reached + DISORDER
        each.numbering.seen = Counter({key: n for key, n in seen.items() if key[0] <= limit})


def _finish(run: Run, each: Import) -> Iterator[Progress]:
    """Set the cursor to the rows that were the newest at the beginning."""
    connection, source = run.session.connection(), each.descent.source
    store.save_cursor(connection, source.name, each.descent.head, each.newest)
    if source.is_optional:
        offered.settle(source.name, has_rows=True)
    yield run.progress
