"""A list over day partitions, declared once: its table, its filter, what it shows, its CSV file, its page."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from webapp import cache
from webapp.lists.answer import CsvColumn, columns_of
from webapp.lists.beside import Beside
from webapp.lists.daylist import DayList, Found
from webapp.lists.params import ListFilter, place
from webapp.lists.remembered import keys_of
from webapp.tables.db import Base
from webapp.tables.schema import PARTITIONED

Shape = TypeVar("Shape")
Complete = Callable[[Session, Sequence[Any], Sequence[Shape]], None]


def nothing_beside(_chosen: Any) -> None:
    """The rows tell all that is shown."""


def as_it_is(_session: Session, _rows: Sequence[Any], _shown: Sequence[Any]) -> None:
    """Nothing is to be worked out beside the columns."""


@dataclass(frozen=True)
class RowList(Generic[Shape]):
    """A list: `export` is its name in /api/export/, `path` that of its page, where `template` is shown.

    `complete` fills in what stands beside the columns for the rows of a page, `beside` says by the filter
    what is read of other rows; `needed` are the columns that only these ask for.
    """

    export: str
    noun: str
    path: str
    template: str
    model: type[Base]
    filter: type[ListFilter]
    shape: type[Shape]
    csv: tuple[CsvColumn, ...]
    needed: tuple[str, ...] = ()
    complete: Complete[Any] = as_it_is
    beside: Callable[[Any], Beside | None] = nothing_beside
    news_every: int = 5  # seconds between two looks for new rows

    @property
    def clock(self) -> str:
        """The column by whose time the rows are ordered."""
        return PARTITIONED[self.model.__tablename__]

    @property
    def export_path(self) -> str:
        """Where its CSV file is to be had."""
        return f"/api/export/{self.export}/csv"

    def opened(self, session: Session, *more: str) -> DayList:
        """The table, ready to be read: what is shown, and more columns."""
        columns = dict.fromkeys((*columns_of(cast(Hashable, self.shape)), *more, "id"))
        return DayList(session.connection(), self.model.__tablename__, ", ".join(columns))

    def search(self, session: Session, chosen: ListFilter, exact: int) -> Found[Shape]:
        """The page of rows that the filter names, newest first; totals are counted exactly up to `exact`."""
        after = place(chosen.cursor) if chosen.cursor else None
        conditions = chosen.conditions()
        with cache.together(keys_of(self.model.__tablename__, conditions, exact)):
            found = self.opened(session, *self.needed).found(
                conditions, chosen.page, chosen.limit, after, exact, self.beside(chosen)
            )
        shown = self.shaped(found.rows)
        self.complete(session, found.rows, shown)
        return replace(found, rows=shown)

    def shaped(self, rows: Sequence[Any]) -> list[Shape]:
        """The rows in the list's shape."""
        width = len(columns_of(cast(Hashable, self.shape)))
        return [self.shape(*row[:width]) for row in rows]

    def count_newer(self, session: Session, chosen: ListFilter, cursor: str) -> int:
        """How many matching rows stand above the one that a cursor names; counting stops soon after 1,000."""
        return self.opened(session).count_newer(chosen.conditions(), place(cursor))

    def stream(self, session: Session, engine: Engine, chosen: ListFilter, limit: int) -> Iterator[Shape]:
        """Up to `limit` rows, without what stands beside the columns; read when they are asked for."""
        width = len(columns_of(cast(Hashable, self.shape)))
        rows = self.opened(session).stream(engine, chosen.conditions(), limit)
        return (self.shape(*row[:width]) for row in rows)
