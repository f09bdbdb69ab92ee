"""The form of the summary: sections with sentences and tables, which page, mail and text show alike. Pure.

Foreign text stays as it is here; whoever shows it makes it harmless.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Words = Callable[[str], str]
UNKNOWN = "\N{EN DASH}"
SINCE = "Since"
TOLD_WITH_HEAD = (SINCE, "Began", "Lasted")


@dataclass(frozen=True)
class Cell:
    """One cell of a table; `url` is a path in this program, `tone` is good, bad, muted or ''. `figure` is the
    number of what the list at `url` holds, or the sum of its column `counts`."""

    text: str
    url: str = ""
    tone: str = ""
    figure: int | None = None
    counts: str = ""


@dataclass(frozen=True)
class Table:
    """Rows under their heads; the columns in `numeric` hold numbers, a narrow screen does without those in
    `minor`."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: tuple[int, ...] = ()
    minor: tuple[int, ...] = ()

    def classes(self, column: int) -> str:
        """The classes of a column's cells."""
        return " ".join(
            name for name, those in (("num", self.numeric), ("minor", self.minor)) if column in those
        )


@dataclass(frozen=True)
class Section:
    """One part of the summary: `url` is the room that tells more."""

    title: str
    url: str
    sentences: tuple[str, ...]
    table: Table | None = None


def as_text(title: str, head: str, parts: Sequence[Section], address: Words, clean: Words) -> str:
    """The text part of the mail; `address` makes the link of a path, `clean` makes foreign text harmless."""
    blocks = [f"{title}\n{head}"]
    for part in parts:
        lines = [part.title.upper(), *(clean(one) for one in part.sentences)]
        if part.table is not None:
            lines += [_row_text(part.table, row, clean) for row in part.table.rows]
        blocks.append("\n".join([*lines, address(part.url)]))
    return "\n\n".join(blocks) + "\n"


def _row_text(table: Table, row: Sequence[Cell], clean: Words) -> str:
    """One row; numbers and times are told with the heads of their columns."""
    named = {*table.numeric, *(place for place, head in enumerate(table.head) if head in TOLD_WITH_HEAD)}
    rest = [
        f"{table.head[place].lower()} {clean(cell.text)}" if place in named else clean(cell.text)
        for place, cell in enumerate(row)
        if place and cell.text and cell.text != UNKNOWN
    ]
    return f"- {clean(row[0].text)}: {', '.join(rest)}"
