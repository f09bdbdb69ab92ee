"""What a bulk import writes into a table: the columns of its model, each filled by name."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ARRAY, Column, Connection, DateTime

from webapp.tables.db import Base, Ordinal, copy_rows, stamp

Convert = Callable[[Any], Any]
Picker = Callable[[Any], tuple[Any, ...]]


class Columns:
    """The columns of a model, each taken from the first of the dataclasses that has a field of its name.

    Times are datetimes or Unix seconds. `convert` are other columns whose value is not yet as the database
    takes it, `derived` such as are made from the field named; `without` are those that the database fills
    itself. Raises TypeError for a column that no
    dataclass has, so that none is forgotten.
    """

    def __init__(
        self,
        model: type[Base],
        *parts: type,
        convert: Mapping[str, Convert] | None = None,
        derived: Mapping[str, tuple[str, Convert]] | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.table: str = model.__tablename__
        left = [column.name for column in model.__table__.columns if column.name not in without]
        names: list[str] = []
        pickers: list[Picker] = []
        sources = {name: source for name, (source, _) in (derived or {}).items()}
        for part in parts:
            told = names_of(part)
            own = [name for name in told if name in left and name not in names]
            made = [name for name, source in sources.items() if source in told and name not in names]
            names += [*own, *made]
            pickers.append(picker([*own, *(sources[name] for name in made)]))
        if missing := set(left) - set(names):
            raise TypeError(f"nothing fills {', '.join(sorted(missing))} of {self.table}")
        self.names = tuple(names)
        self._pick = _row_of(*pickers)
        usual = {
            column.name: _conversion(column)
            for column in model.__table__.columns
            if isinstance(column, Column) and column.name in names
        }
        makers = {name: change for name, (_, change) in (derived or {}).items()}
        changes = {**usual, **(convert or {}), **makers}
        self._conversions = [(names.index(name), change) for name, change in changes.items() if change]

    def values(self, parts: Sequence[Any]) -> list[Any]:
        """The values of one row in the order of `names`, from one instance of each of the dataclasses."""
        row = self._pick(parts)
        for place, change in self._conversions:
            row[place] = change(row[place])
        return row

    def copy(self, connection: Connection, rows: Iterable[Sequence[Any]], table: str = "") -> None:
        """COPY rows, each given by its parts, into the model's table, or into another of the same shape."""
        copy_rows(connection, table or self.table, self.names, map(self.values, rows))


def _conversion(column: Column[Any]) -> Convert | None:
    """How the values of a column are changed for a COPY."""
    if isinstance(column.type, ARRAY):
        return as_array
    if isinstance(column.type, DateTime):
        return _stamp_or_none if column.nullable else stamp
    return _none_for_zero if isinstance(column.type, Ordinal) else None


def _stamp_or_none(moment: float | datetime | None) -> str | None:
    return None if moment is None else stamp(moment)


def _none_for_zero(number: int) -> int | None:
    return number or None


def _row_of(*pickers: Picker) -> Callable[[Any], list[Any]]:
    """A function that joins what each takes from its part; rows come by the thousand, so the usual numbers of
    parts have a form without a loop."""
    if len(pickers) == 1:
        (one,) = pickers
        return lambda parts: [*one(parts[0])]
    if len(pickers) == 2:
        one, two = pickers
        return lambda parts: [*one(parts[0]), *two(parts[1])]
    if len(pickers) == 3:
        one, two, three = pickers
        return lambda parts: [*one(parts[0]), *two(parts[1]), *three(parts[2])]
    return lambda parts: [value for pick, part in zip(pickers, parts, strict=True) for value in pick(part)]


def names_of(part: type) -> list[str]:
    """The names of a dataclass's fields, in their order."""
    return [field.name for field in fields(part)]


def picker(names: Collection[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that gives the attributes of these names as a tuple."""
    pick = attrgetter(*names)
    return pick if len(names) > 1 else lambda part: (pick(part),)


def as_array(values: Iterable[object] | None) -> str | None:
    """A list for an ARRAY column, as PostgreSQL writes it; psycopg's own way takes four times as long."""
    return None if values is None else "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    text = str(value)
    if '"' in text or "\\" in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
