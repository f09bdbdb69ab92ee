"""Several small questions asked in one statement: each statement of its own costs as much again as a small
answer, on its way and in SQLAlchemy.

The rows come as JSON; what JSON has no type for is read into that of its column.
"""

from collections import namedtuple
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Dialect,
    Double,
    LargeBinary,
    SelectBase,
    Text,
    cast,
    func,
    literal_column,
    select,
)

Rows = dict[str, list[Any]]


def _octets(told: str) -> bytes:
    return bytes.fromhex(told.removeprefix("\\x"))


READ: Mapping[type, Callable[[Any], Any]] = {
    DateTime: datetime.fromisoformat,
    Date: date.fromisoformat,
    Double: float,  # 3.0 comes as 3
    LargeBinary: _octets,
}


class Together:
    """`parts` by name: each a SELECT with named values, whose limits are literal. A value that several of
    them have is given once."""

    def __init__(self, **parts: SelectBase) -> None:
        self._parts = {name: _Part(name, part) for name, part in parts.items()}
        self._sql, self._own_values = "", dict[str, Any]()

    def ask(self, connection: Connection, values: dict[str, Any]) -> Rows:
        """The rows of every part; each has its columns as attributes."""
        if not self._sql:
            self._compile(connection.dialect)
        given = {name: _as_text(value) for name, value in (self._own_values | values).items()}
        told = orjson.loads(connection.exec_driver_sql(self._sql, given).scalar_one())
        return {
            name: part.read(rows or []) for (name, part), rows in zip(self._parts.items(), told, strict=True)
        }

    def _compile(self, dialect: Dialect) -> None:
        """Once, and not each time from the SQLAlchemy's objects: of so large a statement that takes longer
        than its answer."""
        listed = (part.listed for part in self._parts.values())
        compiled = select(cast(func.json_build_array(*listed), Text)).compile(dialect=dialect)
        self._own_values, self._sql = compiled.params, str(compiled)


def _as_text(value: Any) -> Any:
    """The value without a type, which the statement knows: for each mixture of types, and NULL has none,
    psycopg prepares a statement of its own."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return value if value is None else str(value)


class _Part:
    def __init__(self, name: str, part: SelectBase) -> None:
        self.name, self.part = name, part

    @cached_property
    def listed(self) -> Any:
        """Its rows as JSON."""
        rows = select(func.json_agg(literal_column(self.name)))
        return rows.select_from(self.part.subquery(self.name)).scalar_subquery()

    @cached_property
    def _shape(self) -> Any:
        return namedtuple(self.name, self.part.selected_columns.keys())

    @cached_property
    def _read(self) -> list[tuple[str, Callable[[Any], Any]]]:
        columns = self.part.selected_columns
        return [
            (name, read)
            for name, column in columns.items()
            for kind, read in READ.items()
            if isinstance(column.type, kind)
        ]

    def read(self, rows: list[dict[str, Any]]) -> list[Any]:
        for row in rows:
            for name, read in self._read:
                if row[name] is not None:
                    row[name] = read(row[name])
        return [self._shape(**row) for row in rows]
