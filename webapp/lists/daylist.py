"""Newest-first lists over day partitions: one statement a page, whatever the size of the table.

Days are asked backwards by UNION ALL, which PostgreSQL runs lazily, until the page is full. A sample of the
newest rows (webapp/lists/sample.py) tells how common a term is: a common one fills its page from the newest
rows; any other is looked up in the trigram index, of the rows or (webapp/tables/stretches.py) of stretches of
them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine

from webapp import cache
from webapp.lists import stretched
from webapp.lists.beside import Beside, Query
from webapp.lists.conditions import Conditions
from webapp.lists.params import cursor_of
from webapp.lists.remembered import FRESH, extent_of, total_key
from webapp.lists.sample import CHARACTERS, ROWS, Sample, sample_of, searched
from webapp.lists.stretched import Part
from webapp.tables.db import PLAN_ONCE, plan_anew, plan_once, statement
from webapp.tables.partitions import Extent, midnight
from webapp.tables.schema import PARTITIONED
from webapp.tables.stretches import STRETCHES

EXACT = 10_000  # rows that are counted exactly
SURELY = 2  # times as many rows as are counted exactly: so far off is no estimate of a whole table
PROBE = 2_000  # newest rows on which a common term is tried first
SHORT_PROBE = 250  # of them, for one that most rows have
COMMON = 0.02  # the part of the rows that a term matches, from which on it is compared beside an address
MOSTLY = 0.5  # from here on all rows are compared: fewer are left out than an index would have to name
HOPE = 2  # times as many matches as the sample lets expect may be among them
NEWS_COUNTED = 1_000  # arrivals above a place that are counted
DEEP = 10_000  # rows to leave out from which whole days are skipped by their counts
STREAMED = 1_000  # rows fetched at a time for an export

Row = TypeVar("Row")


@dataclass(frozen=True)
class Found(Generic[Row]):
    """One page of rows, newest first, with the total and whether it is an estimate.

    `newest` is the place of the first row, `following` that of the last one where there may be more, `beside`
    what a list has read besides (see RowList.beside).
    """

    rows: Sequence[Row]
    total: int
    total_is_estimate: bool
    page: int
    limit: int
    newest: str | None = None
    following: str | None = None
    beside: Any = None

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return math.ceil(self.total / self.limit)


class DayList:
    """A partitioned table read newest first."""

    def __init__(self, connection: Connection, table: str, columns: str) -> None:
        self.connection, self.table, self.columns, self.clock = connection, table, columns, PARTITIONED[table]
        self._is_planned_once = self._plans_ahead = False

    def found(
        self,
        conditions: Conditions,
        page: int,
        limit: int,
        after: tuple[datetime, int] | None,
        exact: int,
        beside: Beside | None = None,
    ) -> Found[Any]:
        """One page with the total, which is exact up to `exact` and may be left uncounted where the page
        shows it all. What is `beside` comes with the count, where one is needed, in the same statement.

        A larger total is kept for a minute, for the other pages of the list and those who look again.
        """
        kept = total_key(self.table, conditions, exact)
        is_simple = self.table in STRETCHES or (beside and conditions.is_whole and self._is_large(exact))
        self._plans_ahead = bool(is_simple) and not conditions.is_skewed
        rows, conditions = self._page(conditions, limit, 0 if after else (page - 1) * limit, after)
        query = beside.query(rows, conditions) if beside and rows else None
        if after is None and page == 1 and len(rows) < limit:
            total, estimated = len(rows), False
            more = self._more(query, conditions)
        elif not conditions.is_whole and (about := cache.fetch(kept, int)):
            total, estimated, more = about, True, self._more(query, conditions)
        else:
            total, estimated, more = self._counted(conditions, exact, query)
            if estimated and not conditions.is_whole:
                cache.put(kept, total, FRESH)
        newest = self._place(rows[0]) if rows else None
        following = self._place(rows[-1]) if len(rows) == limit else None
        told = beside.read(rows, more) if beside else None
        return Found(rows, total, estimated, page, limit, newest, following, told)

    def _place(self, row: Any) -> str:
        return cursor_of(getattr(row, self.clock), row.id)

    def stream(self, engine: Engine, conditions: Conditions, limit: int) -> Iterator[Any]:
        """Up to `limit` rows, a thousand at a time, on a connection of its own: a stream outlives the
        request."""
        conditions = self._looked_up(conditions)
        union = self._union(conditions, self.columns, limit, by_index=bool(conditions.texts))
        return _streamed(engine, f"SELECT * FROM ({union}) AS days LIMIT {limit}", self._values(conditions))

    def _page(
        self, whole: Conditions, limit: int, offset: int, after: tuple[datetime, int] | None
    ) -> tuple[list[Any], Conditions]:
        """The rows of one page, and the conditions as all their rows are best looked up. `after` names the
        last row of the page before."""
        conditions, wanted = _after(whole, self.clock, after) if after else whole, offset + limit
        share = self._sample.share(*whole.terms) if whole.terms and wanted <= PROBE else 0.0
        is_dense = self.table in STRETCHES and share >= stretched.DENSE
        known = self._looked_up(whole)
        if share >= MOSTLY and self.table not in STRETCHES:
            known = replace(whole, is_compared=True)
        if is_dense and not stretched.is_told(known):
            known = whole
        if share * PROBE * HOPE >= min(wanted, PROBE * stretched.DENSE):
            is_short = share * SHORT_PROBE >= wanted * HOPE
            rows = self._probe(conditions, wanted, SHORT_PROBE if is_short else PROBE)
            if len(rows) == wanted:
                return rows[offset:], known
        if not is_dense:
            conditions = self._looked_up(conditions)
        self._plan(conditions)
        return self._run(conditions, limit, offset, bool(conditions.texts) and not is_dense), known

    @cached_property
    def extent(self) -> Extent:
        """What there is of the table."""
        return extent_of(self.connection, self.table)

    @cached_property
    def _sample(self) -> Sample:
        return sample_of(self.table, self._newest_texts)

    def _newest_texts(self) -> list[str]:
        shown = f"left(lower({searched(self.table)}), {CHARACTERS}) AS sampled"
        newest = f"SELECT * FROM ({self._union(Conditions(), shown, ROWS)}) AS days LIMIT {ROWS}"
        return list(self.connection.scalars(statement(newest)))

    def _looked_up(self, conditions: Conditions) -> Conditions:
        """The conditions with those pieces of the terms by which an index is asked."""
        if not conditions.terms:
            return conditions
        if conditions.names_few and self._sample.share(*conditions.terms) >= COMMON:
            return replace(conditions, is_compared=True)
        if self.table in STRETCHES:
            return stretched.by_words(conditions, self._sample, self.extent.rows)
        return conditions.narrowed(self._sample.rare(conditions.pieces))

    def count_newer(self, conditions: Conditions, place: tuple[datetime, int]) -> int:
        """How many matching rows stand above a place; counting stops soon after 1,000."""
        newer = replace(
            conditions,
            plain=[*conditions.plain, f"({self.clock}, id) > (:newer_time, :newer_id)"],
            values={**conditions.values, "newer_time": place[0], "newer_id": place[1]},
            start=max(conditions.start, place[0]) if conditions.start else place[0],
        )
        return self.count(newer, NEWS_COUNTED)[0]

    def count(self, conditions: Conditions, most: int = EXACT) -> tuple[int, bool]:
        """(how many rows match, whether that is an estimate): exact up to `most`."""
        return self._counted(self._looked_up(conditions), most, None)[:2]

    def total_sql(self) -> str:
        """SQL that counts all rows, for `total`; NULL where they are surely too many to be counted."""
        if self._is_large(EXACT):
            return "NULL::bigint"
        return self._count_sql(Conditions(), EXACT)

    def total(self, counted: int | None) -> tuple[int, bool]:
        """(how many rows there are in all, whether that is an estimate), by what `total_sql` counted."""
        if counted is not None and counted <= EXACT:
            return counted, False
        return max(self.extent.rows, EXACT + 1), True

    def _is_large(self, most: int) -> bool:
        return self.extent.rows > SURELY * most

    def _counted(
        self, conditions: Conditions, most: int, query: Query | None
    ) -> tuple[int, bool, Sequence[Any]]:
        """The same, and the rows of another query."""
        if conditions.is_whole and self._is_large(most):
            return self.extent.rows, True, self._more(query, conditions)
        self._plan(conditions)
        counting = f"SELECT {self._count_sql(conditions, most)} AS counted_rows"
        values = self._values(conditions)
        if query is not None:
            counting = f"SELECT * FROM ({counting}) AS counts LEFT JOIN ({query.sql}) AS more ON true"
            values = {**values, **query.values}
        rows = self.connection.execute(statement(counting), values).all()
        more = [row for row in rows if row.id is not None] if query is not None else []
        found = rows[0].counted_rows
        if found <= most:
            return found, False, more
        about = self.extent.rows if conditions.is_whole else self._expected(conditions)
        return max(about, most + 1), True, more

    def _more(self, query: Query | None, conditions: Conditions) -> Sequence[Any]:
        """The rows of a query by itself."""
        if query is None:
            return []
        if not conditions.is_skewed:
            self._plan_once()
        return self.connection.execute(statement(query.sql), query.values).all()

    def _plan(self, conditions: Conditions) -> None:
        """Let statements be planned as their values ask for, or once where these only name words, addresses
        or outcomes: planning takes longer than most answers then."""
        if conditions.is_skewed:
            plan_anew(self.connection)
        elif conditions.word is not None or len(conditions.by_way) > 1:
            self._plan_once()

    def _plan_once(self) -> None:
        if not self._is_planned_once:
            plan_once(self.connection)
            self._is_planned_once = True

    def _count_sql(self, conditions: Conditions, most: int) -> str:
        parts, ways = self._parts(conditions), conditions.by_way
        if stretched.is_told(conditions):
            return stretched.count_sql(self.table, parts, conditions, most)
        union = " UNION ALL ".join(
            f"(SELECT 1 FROM ({self._rows(way, part, way.is_compared)}) AS day "
            f"WHERE {way.beyond_index if way.is_compared else 'true'})"
            for part in parts
            for way in ways
        )
        return f"(SELECT count(*) FROM (SELECT 1 FROM ({union}) AS matching LIMIT {most + 1}) AS counted)"

    def _expected(self, conditions: Conditions) -> int:
        """PostgreSQL's own estimate of how many rows match."""
        asked = f"SELECT 1 FROM {self.table} WHERE {conditions.where}{self._span(conditions)}"
        plan = self.connection.scalar(statement(f"EXPLAIN (FORMAT JSON) {asked}"), self._values(conditions))
        return int(plan[0]["Plan"]["Plan Rows"]) if plan else 0

    def _probe(self, conditions: Conditions, wanted: int, size: int) -> list[Any]:
        """The matches among so many newest rows, newest first."""
        self._plan(conditions)
        newest = self._union(replace(conditions, texts=[], excluded=[]), "*", size)
        is_counted_by_words = self.table in STRETCHES and not conditions.is_skewed
        planned = f", (SELECT {PLAN_ONCE}) AS planned" if is_counted_by_words else ""
        matches = (
            f"SELECT {self.columns}{planned} FROM (SELECT * FROM ({newest}) AS days LIMIT {size}) AS newest "
            f"WHERE {' AND '.join([*conditions.texts, *conditions.excluded])} "
            f"ORDER BY {self.clock} DESC, id DESC LIMIT {wanted}"
        )
        rows = list(self.connection.execute(statement(matches), self._values(conditions)))
        self._is_planned_once |= bool(planned and rows)
        return rows

    def _run(self, conditions: Conditions, limit: int, offset: int, by_index: bool) -> list[Any]:
        parts = self._parts(conditions)
        if offset > DEEP:
            parts, offset = self._skip_days(conditions, parts, offset)
        union = self._union(conditions, self.columns, limit + offset, by_index, parts)
        planned = f", (SELECT {PLAN_ONCE}) AS planned" if self._plans_ahead else ""  # once, not for each row
        asked = statement(f"SELECT days.*{planned} FROM ({union}) AS days LIMIT {limit} OFFSET {offset}")
        rows = list(self.connection.execute(asked, self._values(conditions)))
        self._is_planned_once |= bool(planned and rows)
        return rows

    def _skip_days(self, conditions: Conditions, parts: list[Part], offset: int) -> tuple[list[Part], int]:
        """Leave out the days before a deep page, by their counts; returns the parts from its day on and the
        rows to skip there."""
        values = self._values(conditions)
        name = cache.digest(parts, conditions.where, sorted(values.items(), key=repr))
        counts = cache.cached(
            f"days:{self.table}:{name}",
            FRESH,
            lambda: [
                sum(
                    self.connection.scalar(
                        statement(f"SELECT count(*) FROM ({self._rows(way, part)}) AS day"), values
                    )
                    for way in conditions.by_way
                )
                for part in parts
            ],
            list[int],
        )
        for number, count in enumerate(counts):
            if count > offset:
                return parts[number:], offset
            offset -= count
        return parts[-1:], offset

    def _union(
        self,
        conditions: Conditions,
        columns: str,
        limit: int,
        by_index: bool = False,
        parts: list[Part] | None = None,
    ) -> str:
        order, ways = f"ORDER BY {self.clock} DESC, id DESC LIMIT {limit}", conditions.by_way
        return " UNION ALL ".join(
            f"({self._newest(ways, columns, part, by_index, order)})"
            for part in parts or self._parts(conditions)
        )

    def _newest(
        self, ways: Sequence[Conditions], columns: str, part: Part, by_index: bool, order: str
    ) -> str:
        """The newest rows of a partition; each way gives its own newest ones, in the order of its index."""
        each = [
            f"SELECT {columns} FROM ({self._rows(way, part, by_index)}) AS day "
            f"WHERE {way.beyond_index} {order}"
            for way in ways
        ]
        if len(each) == 1:
            return each[0]
        return f"SELECT * FROM ({' UNION ALL '.join(f'({rows})' for rows in each)}) AS ways {order}"

    def _rows(self, conditions: Conditions, part: Part, by_index: bool = False) -> str:
        """The rows of a partition that match; what is left to look at where an index is asked for pieces."""
        if conditions.word is not None:
            return stretched.lines_sql(self.table, part, conditions)
        where = conditions.by_index if by_index else conditions.where
        fence = " OFFSET 0" if by_index else ""
        return f"SELECT * FROM {part.table} WHERE {where}{part.span}{part.days}{fence}"

    def _parts(self, conditions: Conditions) -> list[Part]:
        """The partitions that can hold rows of the period, newest first, each with its condition on the
        time."""
        span, days = self._span(conditions), self.extent.days[::-1]
        first = midnight(days[-1]) if days else datetime(1970, 1, 1, tzinfo=UTC)
        past = midnight(days[0] + timedelta(days=1)) if days else first
        inner = [
            Part(self.table, _on(day, self.clock), span)
            for day in days
            if (conditions.end is None or midnight(day) <= conditions.end)
            and (conditions.start is None or midnight(day + timedelta(days=1)) > conditions.start)
        ]
        strays = f"{self.table}_default"
        ahead = [Part(strays, f" AND {self.clock} >= '{past.isoformat()}'", span)]
        behind = [Part(strays, f" AND {self.clock} < '{first.isoformat()}'", span)]
        return [*ahead, *inner, *behind]

    def _span(self, conditions: Conditions) -> str:
        """SQL of the period."""
        bounds = ("start", ">=", conditions.start), ("end", "<=", conditions.end)
        return "".join(
            f" AND {self.clock} {sign} :{name}" for name, sign, bound in bounds if bound is not None
        )

    @staticmethod
    def _values(conditions: Conditions) -> dict[str, Any]:
        bounds = {"start": conditions.start, "end": conditions.end}
        return {**conditions.values, **{name: value for name, value in bounds.items() if value is not None}}


def _streamed(engine: Engine, sql: str, values: dict[str, Any]) -> Iterator[Any]:
    with engine.connect() as connection:
        plan_anew(connection)
        yield from connection.execution_options(stream_results=True, yield_per=STREAMED).execute(
            statement(sql), values
        )


@lru_cache(maxsize=1024)
def _on(day: date, clock: str) -> str:
    """The condition that a time is of this UTC day."""
    past = midnight(day + timedelta(days=1))
    return f" AND {clock} >= '{midnight(day).isoformat()}' AND {clock} < '{past.isoformat()}'"


def _after(conditions: Conditions, clock: str, place: tuple[datetime, int]) -> Conditions:
    just_past = place[0] + timedelta(microseconds=1)
    return replace(
        conditions,
        plain=[*conditions.plain, f"({clock}, id) < (:after_time, :after_id)"],
        values={**conditions.values, "after_time": place[0], "after_id": place[1]},
        end=min(conditions.end, just_past) if conditions.end else just_past,
    )
