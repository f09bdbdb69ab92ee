"""A list that was never read before: from its newest rows downwards, in constant memory.

While a portion is stored, the pages below it, which make the next one, are fetched and read by a thread.
"""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from typing import Generic

from webapp.ingest import read
from webapp.ingest.align import TAIL_LIMIT, Key
from webapp.ingest.pages import page_below
from webapp.ingest.rows import Element, Fields, good_records
from webapp.ingest.source import Source
from webapp.mailcow.client import Mailcow, MailcowError

DISORDER = 30  # seconds by which rows of several programs may be out of order
PORTION = 4000  # rows stored at once: little memory, and the newest soon
AHEAD = 3  # pages of 2,000 rows that overlap make a portion
START, END = 2**62, -1  # what a list has reached of which nothing or everything was given out


class Disordered(Exception):
    """The clock jumped within the list, or the list moves faster than it is read: it has to be seen whole."""


@dataclass
class Descent(Generic[Fields]):
    """A list from its first page (`rows`, newest first) downwards, `count` rows a page.

    `reached` is the Unix second of the oldest row that was given out, `head` the keys of the newest rows.
    """

    mailcow: Mailcow
    source: Source[Fields]
    count: int
    pages: Executor
    rows: list[Element[Fields]]
    reached: int = START
    length: int = 0
    head: list[Key] = field(default_factory=list)
    _last: list[Key] = field(default_factory=list)
    _coming: Future[tuple[list[Element[Fields]], int] | None] | None = None

    def __post_init__(self) -> None:
        self._note(self.rows)

    def portion(self) -> list[Element[Fields]]:
        """The next rows, oldest first; [] at the end. The first portion is a page, the others are larger.

        No second is cut, so that rows keep their order in it. Raises MailcowError and Disordered.
        """
        least = 1 if self.reached == START else PORTION
        while self._coming and (len(self.rows) < least or not self._above_the_last_second()):
            self._take_pages(self._coming)
        size = self._above_the_last_second() if self._coming else len(self.rows)
        part, self.rows = self.rows[:size], self.rows[size:]
        for row in good_records(part):
            if self.source.is_in_order and row.time > self.reached + DISORDER:
                raise Disordered
            self.reached = min(self.reached, row.time)
        if not part:
            self.reached = END
        return part[::-1]

    def _above_the_last_second(self) -> int:
        """How many of the waiting rows are newer than the second of the last one."""
        times = [row.time for row in good_records(self.rows)]
        last = takewhile(lambda row: not times or row.time in (0, times[-1]), reversed(self.rows))
        return len(self.rows) - sum(1 for _ in last)

    def _take_pages(self, coming: Future[tuple[list[Element[Fields]], int] | None]) -> None:
        self._coming = None
        below = coming.result()
        if below is None:
            raise Disordered
        self.rows.extend(below[0])
        self._note(below[0])

    def _note(self, rows: Sequence[Element[Fields]]) -> None:
        """Remember where these pages end, and have those below them fetched."""
        keys = [row.key for row in rows]
        self.length += len(rows)
        self.head += keys[: max(0, TAIL_LIMIT - len(self.head))]
        self._last = [*self._last, *keys][-self.count :]
        if rows and self.length < read.MOST_ROWS:
            below = partial(_pages_below, self.mailcow, self.source, self._last, self.length, self.count)
            self._coming = self.pages.submit(copy_context().run, below)


def _pages_below(
    mailcow: Mailcow, source: Source[Fields], keys: list[Key], length: int, count: int
) -> tuple[list[Element[Fields]], int] | None:
    """As `pages.page_below`, for AHEAD pages; fewer where a later one fails, which is asked for again."""
    rows: list[Element[Fields]] = []
    for _ in range(AHEAD):
        try:
            below = page_below(mailcow, source, keys, length + len(rows), count)
        except MailcowError:
            if not rows:
                raise
            break
        if below is None:
            return None
        rows += below[0]
        keys = [*keys, *(row.key for row in below[0])][-count:]
        if not below[0]:
            break
    return rows, length + len(rows)
