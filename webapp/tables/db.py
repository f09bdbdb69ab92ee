"""The flask-sqlalchemy object and bulk copy; PostgreSQL is the only dialect, times are UTC."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Text,
    TextClause,
    literal_column,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase

Moment = DateTime(timezone=True)
NAMES = {  # PostgreSQL's own, which the migrations leave to it
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
}


@dataclass(frozen=True)
class Keeping:
    """How the rows of a table are kept.

    `day` is the column by whose UTC day the table is partitioned, `clock` the one by which rows grow too old
    for the retention (None: they stay). `of_mailcow`: the rows tell of one mail server, and are emptied when
    demo data gives way to real mail.
    """

    day: str | None = None
    clock: str | None = None
    of_mailcow: bool = False


class Arrival(BigInteger):
    """A number that the database gives each row as it comes, in a column that is no part of the key."""


@compiles(Arrival, "postgresql")
def _declared(_type: Arrival, _compiler: object, **told: object) -> str:
    return "BIGSERIAL" if "type_expression" in told else "BIGINT"


class Ordinal(Integer):
    """A number that is nearly always 0; a bulk import writes NULL for that, which takes no room."""


class Base(DeclarativeBase):
    """Declarative base; every model says how its rows are kept."""

    metadata = MetaData(naming_convention=NAMES)
    keeping: ClassVar[Keeping]


db = SQLAlchemy(model_class=Base)
PLAN_ONCE = "set_config('plan_cache_mode', 'force_generic_plan', true)"  # see plan_once


@lru_cache(maxsize=4096)
def utc(seconds: float) -> datetime:
    """The UTC datetime of that many Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(maxsize=4096)
def stamp(moment: float | datetime) -> str:
    """A time, or that of so many Unix seconds, as PostgreSQL reads it in a COPY or an array of texts.

    psycopg's own way takes 0.8 us for each, as long as a dozen texts; rows of one second share theirs.
    """
    return str(moment if isinstance(moment, datetime) else utc(moment))


def now() -> datetime:
    """The current time, UTC."""
    return datetime.now(UTC)


def iso(moment: datetime | None) -> str | None:
    """`2026-01-08T01:34:08Z`: UTC, no microseconds; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@lru_cache(maxsize=32)
def statement(sql: str) -> TextClause:
    """The statement of a text that is put together anew for each request, mostly with the same words:
    SQLAlchemy looks through each for :names, 14 us a kB."""
    return text(sql)


def plan_anew(connection: Connection) -> None:
    """For the rest of the transaction, plan each statement for its values.

    A statement that is asked often is planned once for any values; where these decide whether few rows or
    most are read, such a plan can take a hundred times as long.
    """
    connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def plan_once(connection: Connection) -> None:
    """For the rest of the transaction, plan each statement once, for any values, and not each time it is
    asked.

    Of a table with day partitions PostgreSQL plans anew each time, which for a few rows by an index takes
    longer than to read them; and over the thousands of names that an import asks for.
    """
    connection.execute(text(f"SELECT {PLAN_ONCE}"))


def planned_once() -> ColumnElement[str]:
    """The same as a column beside those of a row, without a statement of its own."""
    return literal_column(PLAN_ONCE, Text).label("planned")


@contextmanager
def _failing_as_statements(connection: Connection, statement: str = "") -> Iterator[None]:
    """What PostgreSQL refuses here is raised as SQLAlchemy raises it of a statement, without any values: who
    tells a full disk from a fault of the program need not know how it was written."""
    driver: Any = connection.connection.driver_connection
    try:
        yield
    except psycopg.Error as error:
        raise DBAPIError.instance(
            statement,
            None,
            error,
            psycopg.Error,
            hide_parameters=True,
            connection_invalidated=driver.closed,
            dialect=connection.dialect,
        ) from error


@contextmanager
def pipelined(connection: Connection) -> Iterator[None]:
    """Send the statements inside without waiting for one another: PostgreSQL works at them while the program
    goes on, and leaving waits for all and raises what went wrong. None may be a COPY or have rows that are
    read (libpq's pipeline mode)."""
    driver: Any = connection.connection.driver_connection
    with _failing_as_statements(connection), driver.pipeline():
        yield


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Stream `rows` into `table` by COPY, inside the connection's transaction."""
    cursor, statement = connection.connection.cursor(), f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with _failing_as_statements(connection, statement), cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        for row in rows:
            copy.write_row(row)
