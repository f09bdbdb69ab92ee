"""Writing the words of lines: of new ones in the transaction that stores them, or of a day's lines anew."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from math import ceil
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from webapp.tables.db import copy_rows
from webapp.tables.partitions import midnight, partition_name
from webapp.tables.stretches import STRETCHES, TEXT, WITHIN
from webapp.tables.words import fold, joined

BLOCK = 8  # lines
CHAPTER = 512  # lines
MANY = 8  # blocks to one that has to have a word, and two more, before it is common to a chapter
COLUMNS = ("time", "first", "seconds", "ids", "lines", "above", "words")
FETCHED = 64 * CHAPTER  # stored lines in memory at a time
# one writer at a time: the ids of a stretch are no other's
LOCK = text("SELECT pg_advisory_xact_lock('pg_class'::regclass::int, CAST(:table AS regclass)::int)")
LAST_ID = text("SELECT currval(pg_get_serial_sequence(:table, 'id'))")

UNSURE = "lines = 0, words = chr(10) || replace(words, chr(10), '')"
DOUBTED = (
    f"UPDATE {{stretches}} AS stretch SET {UNSURE} "
    "FROM unnest(CAST(:times AS timestamptz[]), CAST(:ids AS bigint[])) AS line (time, id) "
    "WHERE {within} AND stretch.time BETWEEN :oldest AND :newest"
)


@dataclass(frozen=True, slots=True)
class Lines:
    """What is told of lines of one UTC day, in the order of their ids."""

    ids: Sequence[int]
    times: Sequence[datetime]
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.ids)

    def parts(self, size: int) -> "list[Lines]":
        """So many at a time."""
        ends = [slice(start, start + size) for start in range(0, len(self), size)]
        return [Lines(self.ids[end], self.times[end], self.texts[end]) for end in ends]


class Row(NamedTuple):
    """A row as it is written: see Stretch."""

    time: datetime
    first: int
    seconds: int
    ids: int
    lines: int
    above: int | None
    words: str


def alone(connection: Connection, table: str) -> None:
    """Wait until nobody else writes lines of this table; until the end of the transaction nobody will."""
    connection.execute(LOCK, {"table": table})


def words_of(times: Sequence[datetime], texts: Sequence[str]) -> list[Row]:
    """What `add` writes of lines, given by their times and texts."""
    return list(_rows(_by_day(range(len(texts)), times, texts))) if texts else []


def add(connection: Connection, table: str, rows: Sequence[Row]) -> None:
    """Write the words (`rows`) of lines that were just inserted, in this order, after `alone`."""
    if not rows:
        return
    last = int(connection.scalar(LAST_ID, {"table": table}) or 0)
    first = last - max(row.first + row.ids for row in rows)
    copy_rows(connection, STRETCHES[table], COLUMNS, (row._replace(first=first + row.first) for row in rows))


def _by_day(ids: Sequence[int], times: Sequence[datetime], texts: Sequence[str]) -> list[Lines]:
    """The lines of each UTC day, nearly always of one."""
    if _day(min(times)) == _day(max(times)):
        return [Lines(ids, times, texts)]
    days: dict[date, list[tuple[int, datetime, str]]] = defaultdict(list)
    for line in zip(ids, times, texts, strict=True):
        days[_day(line[1])].append(line)
    return [Lines(*map(list, zip(*lines, strict=True))) for lines in days.values()]


def _day(time: datetime) -> date:
    return time.astimezone(UTC).date()


def fill(connection: Connection, table: str) -> None:
    """Write the words of all stored lines."""
    _fill(connection, table, STRETCHES[table], "true", {})


def write_anew(connection: Connection, table: str, day: date) -> None:
    """Write the words of a day's lines anew, in whole chapters: those of lines that came by the handful are a
    block or two. Searches go on meanwhile; lines have to wait."""
    stretches = STRETCHES[table]
    name, span = partition_name(stretches, day), (midnight(day), midnight(day + timedelta(days=1)))
    alone(connection, table)
    connection.execute(text(f"CREATE TABLE {name}_anew (LIKE {stretches})"))
    within = "time >= :start AND time < :end"
    _fill(connection, table, f"{name}_anew", within, {"start": span[0], "end": span[1]})
    connection.execute(text(f"CREATE INDEX ON {name}_anew USING gin (words gin_trgm_ops)"))
    connection.execute(text(f"DROP TABLE {name}"))
    connection.execute(text(f"ALTER TABLE {name}_anew RENAME TO {name}"))
    bounds = f"FROM ('{span[0].isoformat()}') TO ('{span[1].isoformat()}')"
    connection.execute(text(f"ALTER TABLE {stretches} ATTACH PARTITION {name} FOR VALUES {bounds}"))


def _fill(connection: Connection, table: str, into: str, within: str, values: dict[str, datetime]) -> None:
    asked = text(
        f"SELECT id, time, {TEXT} AS text FROM {table} "
        f"WHERE {within} ORDER BY (time AT TIME ZONE 'UTC')::date, id"
    )
    options = {"stream_results": True, "yield_per": FETCHED}
    for part in connection.execute(asked, values, execution_options=options).partitions():
        copy_rows(connection, into, COLUMNS, _rows(_by_day(*map(list, zip(*part, strict=True)))))


def _rows(days: Iterable[Lines]) -> Iterator[Row]:
    return (row for lines in days for row in rows_of(lines))


def doubt(connection: Connection, table: str, removed: Sequence[Any]) -> None:
    """Take back how many lines have a word, where lines (rows with time and id) were removed."""
    if removed:
        times = [row.time for row in removed]
        connection.execute(
            text(
                DOUBTED.format(
                    stretches=STRETCHES[table], within=WITHIN.format(line="line", stretch="stretch")
                )
            ),
            {
                "times": times,
                "ids": [row.id for row in removed],
                "oldest": min(times),
                "newest": max(times) + timedelta(days=1),
            },
        )


def doubt_all(connection: Connection, partition: str) -> None:
    """The same for a partition of stretches most of whose lines were removed."""
    connection.execute(text(f"UPDATE {partition} SET {UNSURE}"))


def rows_of(lines: Lines) -> Iterator[Row]:
    """The chapters and blocks of lines."""
    for chapter in lines.parts(CHAPTER):
        yield from _chapter(chapter)


def _chapter(lines: Lines) -> Iterator[Row]:
    blocks = lines.parts(BLOCK)
    texts = ["\n".join(block.texts) for block in blocks]
    told = [Counter(fold(each).split()) for each in texts]  # a word that one line has twice counts as shared
    common: set[str] = set()
    if len(blocks) > 1:
        many = 2 + len(blocks) // MANY
        common = {word for word, n in Counter(chain.from_iterable(told)).items() if n >= many}
    if common:
        yield _row(lines, None, many * all(map(str.isascii, texts)), joined(sorted(common)))
    for block, joint, counts in zip(blocks, texts, told, strict=True):
        own = [(word, n) for word, n in counts.items() if word not in common]
        once = [word for word, n in own if n == 1] if joint.isascii() else []
        more = [word for word, n in own if n > 1] if joint.isascii() else [word for word, _ in own]
        words = f"{joined(once)}\n{joined(more)}"
        yield _row(block, block.ids[0] - lines.ids[0], int(joint.isascii()), words)


def _row(lines: Lines, above: int | None, least: int, words: str) -> Row:
    newest, first = max(lines.times), lines.ids[0]
    seconds = ceil((newest - min(lines.times)).total_seconds())
    return Row(newest, first, seconds, lines.ids[-1] - first, least, above, words)
