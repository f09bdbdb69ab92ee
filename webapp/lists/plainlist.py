"""A list over an ordinary table, declared once: what is selected, its filter, its orders, what it shows.

For tables of some thousand rows, without day partitions: one statement a page, which counts up to 10,000.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Generic, TypeVar, cast

from pydantic import Field
from sqlalchemy import ColumnElement, Engine, FromClause, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.lists.answer import CsvColumn, columns_of
from webapp.lists.daylist import EXACT, Found
from webapp.lists.params import Paging, one_of
from webapp.lists.rules import NEVER

Shape = TypeVar("Shape")
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
STREAMED = 1_000  # rows fetched at a time for an export


def orders(*names: str) -> Any:
    """The type of a `sort` parameter: one of these names, or one with a minus sign before it (descending)."""
    return Annotated[str | None, one_of(*names, *(f"-{name}" for name in names))]


class PlainFilter(Paging):
    """What such a list can be filtered by; a subclass gives its fields, each with a title as its label.

    A subclass that can be sorted declares `sort: orders(...)` and the order that holds without it.
    """

    usual_order: ClassVar[str] = ""
    is_short: ClassVar[bool] = False  # no search of such a list is too short
    sort: str | None = Field(None, description="Order of the rows")
    cursor: Annotated[str | None, NEVER] = Field(
        None, description="No such list gives one: its pages have numbers"
    )

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions that the rows must fit, all of them."""
        return []


@dataclass(frozen=True)
class PlainList(Generic[Shape]):
    """`source` is a table or a subquery; `columns` names those of the shape that are not the source's own.

    `order` are the columns that a name of `sort` stands for; `key` makes every order a total one.
    """

    noun: str
    path: str
    template: str
    source: FromClause
    filter: type[PlainFilter]
    shape: type[Shape]
    order: Mapping[str, Column]
    key: Column
    columns: Mapping[str, Column] = field(default_factory=dict)
    export: str = ""  # its name in /api/export/; '' where it has no CSV file
    csv: tuple[CsvColumn, ...] = ()
    clock: ClassVar[str] = ""  # no row is newer than another
    news_every: ClassVar[int] = 0

    @property
    def export_path(self) -> str:
        """Where its CSV file is to be had."""
        return f"/api/export/{self.export}/csv"

    def search(self, session: Session, chosen: PlainFilter, exact: int = EXACT) -> Found[Shape]:
        """The page of rows that the filter names; totals are counted exactly up to `exact`."""
        matching = self._selected(chosen)
        counted = select(func.count()).select_from(
            select(self.key).select_from(self.source).where(*chosen.where()).limit(exact + 1).subquery()
        )
        page = matching.add_columns(counted.scalar_subquery()).limit(chosen.limit).offset(chosen.offset)
        rows = session.execute(page).all()
        total = rows[0][-1] if rows else self._total(session, counted, chosen)
        shown = [self.shape(*row[:-1]) for row in rows]
        return Found(shown, min(total, exact), total > exact, chosen.page, chosen.limit)

    def _total(self, session: Session, counted: Select[Any], chosen: PlainFilter) -> int:
        """How many rows match where the page has none: 0 on the first one."""
        return int(session.scalar(counted) or 0) if chosen.page > 1 else 0

    def stream(self, engine: Engine, chosen: PlainFilter, limit: int) -> Iterator[Shape]:
        """Up to `limit` rows in the filter's order, on a connection of its own."""
        with engine.connect() as connection:
            streaming = connection.execution_options(stream_results=True, yield_per=STREAMED)
            for row in streaming.execute(self._selected(chosen).limit(limit)):
                yield self.shape(*row)

    def _selected(self, chosen: PlainFilter) -> Select[Any]:
        names = columns_of(cast(Hashable, self.shape))
        columns = [self.columns[name] if name in self.columns else self.source.c[name] for name in names]
        return (
            select(*columns).select_from(self.source).where(*chosen.where()).order_by(*self._ordered(chosen))
        )

    def _ordered(self, chosen: PlainFilter) -> list[Column]:
        name = chosen.sort or chosen.usual_order
        column = self.order[name.removeprefix("-")]
        if name.startswith("-"):
            return [column.desc().nulls_last(), self.key.desc()]
        return [column.asc().nulls_last(), self.key]
