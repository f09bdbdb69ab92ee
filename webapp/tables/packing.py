"""Packing the indexes of days that are over: what grew row by row has pages that are half empty, and hardly a
row comes between any more.

Each partition is packed once, marked by a comment, without holding up those who read or write it. A run that
dies leaves an index that nobody uses; the next one removes it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, text

from webapp.tables.partitions import existing_days, partition_name
from webapp.tables.schema import PARTITIONED
from webapp.tables.stretches import LINES
from webapp.tables.stretching import write_anew

MARK = "packed"  # the comment of a partition whose indexes are
SMALLEST = 2**20  # bytes of indexes; below it is not worth the while
LONGEST = 1800  # seconds of a run after which no other partition is begun
LEFT = text(
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_inherits h "
    "ON h.inhrelid = i.indrelid WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$' "
    "AND h.inhparent = ANY(CAST(:tables AS regclass[]))"
)
IS_DUE = text(
    "SELECT pg_indexes_size(to_regclass(:name)) >= :smallest "
    "AND obj_description(to_regclass(:name), 'pg_class') IS DISTINCT FROM :mark"
)
LOOSE = text(  # B-trees leave room for rows that would come between
    "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree' WHERE i.indrelid = to_regclass(:name) "
    "AND c.reloptions IS NULL"
)
SIZE = text("SELECT pg_indexes_size(to_regclass(:name))")
CALM = text("SET max_parallel_maintenance_workers = 0")  # other work goes on beside
PATIENT = text("SET lock_timeout = '5min'")
PATIENT_ONCE = text("SET LOCAL lock_timeout = '5min'")


@dataclass
class Packed:
    """How many partitions were packed, and the bytes that this gave back."""

    partitions: int = 0
    bytes_freed: int = 0

    def as_dict(self) -> dict[str, int]:
        """The figures for the history of runs."""
        return {"partitions": self.partitions, "bytes_freed": self.bytes_freed}


def pack(engine: Engine, today: date) -> Packed:
    """Pack the partitions of the days before `today` that are not, newest first, for half an hour at most;
    on a connection of its own, because it is no transaction."""
    done, began = Packed(), time.monotonic()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in (CALM, PATIENT):
            connection.execute(statement)
        for index in connection.scalars(LEFT, {"tables": list(PARTITIONED)}).all():
            connection.execute(text(f'DROP INDEX CONCURRENTLY "{index}"'))
        for table, day in _due(connection, today):
            name = partition_name(table, day)
            if time.monotonic() - began > LONGEST:
                break
            before = _size(connection, name)
            if table in LINES:
                _write_anew(engine, LINES[table], day)
            for index in connection.scalars(LOOSE, {"name": name}).all():
                connection.execute(text(f'ALTER INDEX "{index}" SET (fillfactor = 100)'))
            connection.execute(text(f"REINDEX TABLE CONCURRENTLY {name}"))
            connection.execute(text(f"COMMENT ON TABLE {name} IS '{MARK}'"))
            done.partitions += 1
            done.bytes_freed += before - _size(connection, name)
        connection.invalidate()  # its settings are no other's
    return done


def _due(connection: Connection, today: date) -> Iterator[tuple[str, date]]:
    parts = [(day, table) for table in PARTITIONED for day in existing_days(connection, table) if day < today]
    for day, table in sorted(parts, reverse=True):
        asked: dict[str, Any] = {
            "name": partition_name(table, day),
            "smallest": SMALLEST,
            "mark": MARK,
        }
        if connection.scalar(IS_DUE, asked):
            yield table, day


def _write_anew(engine: Engine, lines: str, day: date) -> None:
    with engine.begin() as connection:
        connection.execute(PATIENT_ONCE)
        write_anew(connection, lines, day)


def _size(connection: Connection, name: str) -> int:
    return int(connection.scalar(SIZE, {"name": name}) or 0)
