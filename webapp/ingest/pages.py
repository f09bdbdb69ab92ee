"""Pages of mailcow's lists, read only as far as somebody looks."""

from dataclasses import dataclass, field
from typing import Any, Generic

from webapp.ingest.align import Key, continuation
from webapp.ingest.rows import Element, Fields
from webapp.ingest.source import Source
from webapp.mailcow.client import Mailcow

PIECE = 200  # rows of a page that are read before the place where reading stopped is looked for among them
FORWARD_STEPS = 10


@dataclass
class Page(Generic[Fields]):
    """A page of a list, newest row first. Its rows are read piece by piece: most looks find nothing new, and
    one row in five of a page is older than what is looked for where there is much."""

    source: Source[Fields]
    raw: list[Any]
    rows: list[Element[Fields]] = field(default_factory=list)
    given: int = 0

    def first(self, size: int) -> list[Element[Fields]]:
        """The first `size` rows."""
        self.rows.extend(map(self.source.record, self.raw[len(self.rows) : size]))
        return self.rows[:size]

    def next_piece(self) -> list[Element[Fields]]:
        """The next rows that were not given out; [] at the end."""
        piece = self.first(self.given + PIECE)[self.given :]
        self.given += len(piece)
        return piece

    def rest(self) -> list[Element[Fields]]:
        """All rows that were not given out."""
        return self.first(len(self.raw))[self.given :]


def page_at(mailcow: Mailcow, source: Source[Fields], extra: str) -> list[Element[Fields]]:
    """The rows that a count or a range of numbers names, newest first; raises MailcowError."""
    return [source.record(raw) for raw in mailcow.log_rows(source.route, extra)]


def page_below(
    mailcow: Mailcow, source: Source[Fields], keys: list[Key], read: int, count: int
) -> tuple[list[Element[Fields]], int] | None:
    """The rows below those already read, [] at the list's end, and how many rows the list holds at the least;
    None where the pages do not touch. `read` is how many were read, `keys` are those of the last `count` of
    them at the least."""
    below = page_reaching_below(mailcow, source, keys, read, count)
    return None if below is None else (below[0].rest(), below[1])


def page_reaching_below(
    mailcow: Mailcow, source: Source[Fields], keys: list[Key], read: int, count: int
) -> tuple[Page[Fields], int] | None:
    """As `page_below`, with the page as far as it was read: what it has to give out are the rows below.

    Rows that arrive meanwhile push everything down, so the request moves on until it meets what was read.
    """
    overlap = max(25, count // 20)
    start = max(2, read - overlap + 1)
    for _ in range(FORWARD_STEPS):
        extra = f"{start - 1 + source.first}-{start + count - 2 + source.first}"
        page = Page(source, mailcow.log_rows(source.route, extra))
        size = len(page.raw)
        index = _continuation(keys, page, overlap)
        length = max(read, start - 1 + size if size else 0)
        if index is not None and index < size:
            page.given = index
            return page, length
        if size < count:
            return Page(source, []), length
        start += count - overlap
    return None


def _continuation(keys: list[Key], page: Page[Fields], overlap: int) -> int | None:
    """The index of the first row of the page that is older than all of `keys`; None where the two do not
    touch."""
    for size in range(PIECE, len(page.raw) + PIECE, PIECE):
        index = continuation(keys, [row.key for row in page.first(size)], overlap)
        if index is not None:
            return index
    return None
