"""What a bulk import writes into a table: the columns of its model, each filled by name."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import fields
from operator import attrgetter
from typing import Any

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Connection, DateTime, Table
from sqlalchemy.dialects.postgresql import JSONB

from webapp.tables.db import Base, copy_rows, utc


class Columns:
    """The columns of a model, each taken from the first of the dataclasses that has a field of its name.

    Times are Unix seconds in the dataclasses. Raises TypeError for a column that none of them has, so that
    none is forgotten; `without` are those that the database fills itself.
    """

    def __init__(self, model: type[Base], *parts: type, without: Collection[str] = ()) -> None:
        table = model.__table__
        assert isinstance(table, Table)
        self.table = table.name
        left = {column.name: column for column in table.columns if column.name not in without}
        columns: list[Column[Any]] = []
        self._pickers: list[Callable[[Any], tuple[Any, ...]]] = []
        for part in parts:
            own = [field.name for field in fields(part) if field.name in left]
            columns += [left.pop(name) for name in own]
            self._pickers.append(picker(own))
        if left:
            raise TypeError(f"nothing fills {', '.join(left)} of {self.table}")
        self.names = tuple(column.name for column in columns)
        self._conversions = [(place, _conversion(column)) for place, column in enumerate(columns)]
        self._conversions = [(place, convert) for place, convert in self._conversions if convert]

    def values(self, *parts: Any) -> list[Any]:
        """The values of one row in the order of `names`, from one instance of each of the dataclasses."""
        found = [value for pick, part in zip(self._pickers, parts, strict=True) for value in pick(part)]
        for place, convert in self._conversions:
            if convert and found[place] is not None:
                found[place] = convert(found[place])
        return found

    def copy(self, connection: Connection, rows: Iterable[Iterable[Any]], table: str = "") -> None:
        """COPY rows, each given by its parts, into the model's table, or into another of the same shape."""
        copy_rows(connection, table or self.table, self.names, (self.values(*parts) for parts in rows))


def picker(names: Collection[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives the attributes of these names as a tuple."""
    pick = attrgetter(*names)
    return pick if len(names) > 1 else lambda part: (pick(part),)


def _conversion(column: Column[Any]) -> Callable[[Any], Any] | None:
    if isinstance(column.type, DateTime):
        return utc
    return _json if isinstance(column.type, JSONB) else None


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=orjson.dumps)
