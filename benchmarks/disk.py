"""What the filled database takes: on the disk by table and index, and in PostgreSQL's shared buffers.

All per stored Postfix line, with everything that belongs to it: mails, scans, Dovecot's lines, counts.
"""

import re
from typing import Any

from benchmarks.place import FILLED, Place

PAGE = 8192  # bytes of PostgreSQL's
# every table and index, day partitions together under their parent's name; n: pages of it in the buffers
PARTS = r"""
    WITH tables AS (
        SELECT c.oid, regexp_replace(c.relname, '_(\d{8}|default)$', '') AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    ), parts AS (
        SELECT name, '' AS index, pg_table_size(oid) AS bytes, oid FROM tables
        UNION ALL
        SELECT tables.name, pg_get_indexdef(i.indexrelid), pg_relation_size(i.indexrelid), i.indexrelid
        FROM tables JOIN pg_index i ON i.indrelid = tables.oid
    ), pages AS (
        SELECT relfilenode, count(*) AS n FROM pg_buffercache WHERE reldatabase = (
            SELECT oid FROM pg_database WHERE datname = current_database()) GROUP BY relfilenode
    )
    SELECT name, regexp_replace(index, '^.* USING | WITH \(fillfactor=[^)]*\)', '', 'g') AS index,
        sum(bytes)::bigint, coalesce(sum(n), 0)::bigint
    FROM parts LEFT JOIN pages ON relfilenode = pg_relation_filenode(oid) GROUP BY 1, 2
"""
LEAST = 1.0  # bytes a line; what is smaller stands together in one row


def disk(place: Place) -> dict[str, Any]:
    """Bytes by table and index, largest tables first, and those of the write-ahead log."""
    with place.connect(FILLED) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_buffercache")
        found = [[name, _short(index), size, pages * PAGE] for name, index, size, pages in _parts(place)]
        connection.execute("DROP EXTENSION pg_buffercache")
    log = place.cluster.folder / "pg_wal"
    return {
        "lines": place.lines,
        "parts": found,
        "whole": place.query(FILLED, f"SELECT pg_database_size('{FILLED}')")[0][0],
        "wal": sum(file.stat().st_size for file in log.iterdir() if file.is_file()),
    }


def _parts(place: Place) -> list[Any]:
    rows = place.query(FILLED, PARTS)
    sums: dict[str, int] = {}
    for name, _, size, _ in rows:
        sums[name] = sums.get(name, 0) + size
    return sorted(rows, key=lambda row: (-sums[row[0]], row[0], bool(row[1]), -row[2]))


def _short(definition: str) -> str:
    """How an index is told: its kind, what it is over, and whether of all rows."""
    told, _, where = definition.partition(" WHERE ")
    told = re.sub(r"\"left\"\((.*), 320\)", r"\1", told.replace("::text", "")).replace(
        " gin_trgm_ops", ", trigrams"
    )
    told = told.replace("((digest # (COALESCE(ordinal, 0))::bigint))", "digest and ordinal")
    return told + (" of some" if where else "")


def shown(found: dict[str, Any]) -> list[list[str | float]]:
    """Rows of a table: what, bytes a line, megabytes in the shared buffers."""
    lines = found["lines"]
    rows: list[list[str | float]] = []
    rest = [0.0, 0.0]
    for name, index, size, buffers in found["parts"]:
        each = size / lines
        if each < LEAST:
            rest = [rest[0] + each, rest[1] + buffers / 1e6]
        else:
            rows.append([f"{name}: {index}" if index else f"**{name}**, rows", each, buffers / 1e6])
    rows.append(["what is smaller, together", *rest])
    rows.append(["**everything**", found["whole"] / lines, sum(part[3] for part in found["parts"]) / 1e6])
    return rows
