"""Day partitions: made ahead, dropped whole; a time far off lands in the default partition."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from sqlalchemy import Connection, text

from webapp.tables.schema import PARTITIONED

AHEAD = 3  # days
BEHIND_SLACK = 2  # days kept besides the retention
ADVISORY_KEY = 0x4D4C5650
TABLES = tuple(PARTITIONED)  # the last one has a day's partition where all have it


def midnight(day: date) -> datetime:
    """The first moment of that UTC day."""
    return datetime.combine(day, time(), UTC)


@lru_cache(maxsize=4096)
def partition_name(table: str, day: date) -> str:
    """The name of the partition of `table` that holds the UTC day."""
    return f"{table}_{day:%Y%m%d}"


def partitions_of(days: Iterable[date]) -> list[str]:
    """The names of all tables' partitions for these UTC days."""
    return [partition_name(table, day) for day in sorted(set(days)) for table in PARTITIONED]


@dataclass(frozen=True)
class Extent:
    """The UTC days for which a table has a partition, oldest first, and about how many rows it holds."""

    days: list[date]
    rows: int


def extent(connection: Connection, table: str) -> Extent:
    """What there is of a partitioned table, without reading it."""
    parts = connection.execute(
        text(
            "SELECT c.relname AS name, "
            "greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint AS rows "
            "FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
            "WHERE i.inhparent = to_regclass(:table) ORDER BY 1"
        ),
        {"table": table},
    ).all()
    stamps = (part.name.rsplit("_", 1)[-1] for part in parts)
    days = [
        datetime.strptime(stamp, "%Y%m%d").replace(tzinfo=UTC).date() for stamp in stamps if stamp.isdigit()
    ]
    return Extent(days, sum(part.rows for part in parts))


def existing_days(connection: Connection, table: str) -> list[date]:
    """The UTC days for which `table` has a partition, oldest first."""
    return extent(connection, table).days


def days_to_keep(retention_days: int, today: date) -> range:
    """Ordinals of the days that get a partition of their own; other days go to the default partition."""
    return range(today.toordinal() - retention_days - BEHIND_SLACK, today.toordinal() + AHEAD + 1)


def coming_days(today: date) -> list[date]:
    """Those that have their partitions before there is anything to put into them."""
    return [today + timedelta(days=n) for n in range(AHEAD + 1)]


def ensure_days(connection: Connection, days: Iterable[date]) -> list[date]:
    """Create the missing partitions of all tables for these UTC days; returns the days that were new.

    Rows of such a day that wait in the default partition (a clock was off) move into the new one.
    """
    missing = missing_days(connection, days)
    for table in TABLES if missing else ():
        ensure_table(connection, table, missing)
    return missing


def missing_days(connection: Connection, days: Iterable[date]) -> list[date]:
    """Those of the UTC days for which not every table has a partition."""
    wanted = set(days)
    return sorted(wanted - set(existing_days(connection, TABLES[-1]))) if wanted else []


def ensure_table(connection: Connection, table: str, days: Iterable[date]) -> None:
    """Create the missing partitions of one of TABLES, in their order. Until the transaction ends nobody reads
    the table: who makes one after the other and commits between cannot stand against a page that reads
    several, each waiting for what the other has."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_KEY})
    for day in sorted(set(days) - set(existing_days(connection, table))):
        _create(connection, table, PARTITIONED[table], day)


def _create(connection: Connection, table: str, column: str, day: date) -> None:
    span = {"start": midnight(day), "end": midnight(day + timedelta(days=1))}
    where = f"WHERE {column} >= :start AND {column} < :end"
    strays = connection.scalar(text(f"SELECT EXISTS (SELECT 1 FROM {table}_default {where})"), span)
    if strays:
        connection.execute(
            text(f"CREATE TEMP TABLE strays ON COMMIT DROP AS SELECT * FROM {table}_default {where}"), span
        )
        connection.execute(text(f"DELETE FROM {table}_default {where}"), span)
    connection.execute(
        text(
            f"CREATE TABLE {partition_name(table, day)} PARTITION OF {table} "
            f"FOR VALUES FROM ('{span['start'].isoformat()}') TO ('{span['end'].isoformat()}')"
        )
    )
    if strays:
        connection.execute(text(f"INSERT INTO {table} SELECT * FROM strays"))
        connection.execute(text("DROP TABLE strays"))
