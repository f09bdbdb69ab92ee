"""Writing rows in bulk: one transaction holds the rows, the cursor, and what the caller makes of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

from webapp.ingest.align import Cursor, Key, cursor_tail
from webapp.ingest.clock import Jump
from webapp.ingest.rows import BadRecord, Fields, Record
from webapp.tables.columns import as_array
from webapp.tables.db import now, stamp, utc
from webapp.tables.logs import ORDINAL
from webapp.tables.partitions import coming_days, days_to_keep, missing_days

LONGEST_ASIDE = 64_000  # characters kept of a row that was set aside


def load_cursors(connection: Connection) -> defaultdict[str, Cursor]:
    """The cursor of each list; an empty one before its first import."""
    found = connection.execute(
        text(
            "SELECT source, tail, newest, fetched_at, "
            "(SELECT max(length) FROM log_gaps WHERE source = log_cursors.source) AS doubt FROM log_cursors"
        )
    )
    return defaultdict(Cursor, {row.source: _cursor(row) for row in found})


def _cursor(row: Any) -> Cursor:
    newest, looked_at = (time and int(time.timestamp()) for time in (row.newest, row.fetched_at))
    return Cursor([(seconds, digest) for seconds, digest in row.tail], newest, looked_at, row.doubt)


def save_cursor(connection: Connection, source: str, keys: Sequence[Key], newest: int | None) -> None:
    """Move the cursor to the head of `keys` (newest first), in the transaction that stores the rows, and
    record what `note_fetch` does; `newest` is the latest Unix second of these."""
    connection.execute(
        text(
            "INSERT INTO log_cursors (source, tail, newest, imported_at, fetched_at) VALUES (:source, :tail, "
            ":newest, :now, :now) "
            "ON CONFLICT (source) DO UPDATE SET tail = excluded.tail, imported_at = excluded.imported_at, "
            "fetched_at = excluded.fetched_at, newest = greatest(log_cursors.newest, excluded.newest)"
        ),
        {
            "source": source,
            "tail": Jsonb(cursor_tail(keys)),
            "newest": utc(newest) if newest else None,
            "now": now(),
        },
    )


def note_fetch(connection: Connection, source: str) -> None:
    """Record that the list was read to its head, whether or not it held anything new."""
    connection.execute(
        text(
            "INSERT INTO log_cursors (source, tail, fetched_at) VALUES (:source, '[]', :now) "
            "ON CONFLICT (source) DO UPDATE SET fetched_at = excluded.fetched_at"
        ),
        {"source": source, "now": now()},
    )


def save_gap(connection: Connection, source: str, gap: tuple[int, int], doubt: int | None) -> None:
    """Keep the span in which rows were lost, or may have been: `doubt` as a reading has it."""
    connection.execute(
        text(
            'INSERT INTO log_gaps (source, start, "end", detected_at, length) '
            "VALUES (:source, :start, :end, :now, :length) ON CONFLICT (source, start) "
            'DO UPDATE SET "end" = greatest(log_gaps."end", excluded."end"), length = excluded.length'
        ),
        {"source": source, "start": utc(gap[0]), "end": utc(gap[1]), "now": now(), "length": doubt},
    )


def settle_gap(connection: Connection, source: str, had_room: bool) -> None:
    """Take back the gap of a list that was in doubt where it had room for more, else take it for certain."""
    act = "DELETE FROM log_gaps" if had_room else "UPDATE log_gaps SET length = NULL"
    connection.execute(text(f"{act} WHERE source = :source AND length IS NOT NULL"), {"source": source})


def save_jumps(connection: Connection, source: str, jumps: Sequence[Jump]) -> None:
    """Keep the jumps of the server's clock."""
    if jumps:
        connection.execute(
            text(
                "INSERT INTO clock_jumps (source, before, after, detected_at) "
                "VALUES (:source, :before, :after, :now) ON CONFLICT DO NOTHING"
            ),
            [
                {"source": source, "before": utc(jump.before), "after": utc(jump.after), "now": now()}
                for jump in jumps
            ],
        )


def number_rows(
    connection: Connection,
    source: str,
    rows: Sequence[Record[Fields]],
    newest: int | None,
    seen: Counter[Key],
) -> None:
    """Give byte-identical rows of one second their ordinals.

    Aligned rows (`newest` given) count on from what is stored. For others the window itself is the count, so
    that a row that is stored already gets its old number.
    """
    old = sorted(
        {row.key for row in rows if newest is not None and row.time <= newest and row.key not in seen}
    )
    if old:
        found = connection.execute(
            text(
                f"SELECT time, digest, max({ORDINAL}) + 1 AS used FROM {source}_logs WHERE "
                "time = ANY(CAST(:times AS timestamptz[])) "
                "AND digest IN (SELECT unnest(CAST(:digests AS bigint[]))) GROUP BY time, digest"
            ),
            {
                "times": as_array(sorted({stamp(time) for time, _ in old})),
                "digests": as_array(digest for _, digest in old),
            },
        )
        wanted = set(old)
        for time, digest, used in found:
            if (key := (int(time.timestamp()), digest)) in wanted:
                seen[key] = used
    for row in rows:
        row.ordinal = used = seen.get(row.key, 0)
        seen[row.key] = used + 1


def set_aside(connection: Connection, source: str, rows: Iterable[BadRecord]) -> None:
    """Keep the rows that could not be understood, each with its reason."""
    bad = [
        {
            "source": source,
            "digest": row.digest,
            "now": now(),
            "reason": row.reason,
            "row": orjson.dumps(row.raw).decode()[:LONGEST_ASIDE],
        }
        for row in rows
    ]
    if bad:
        connection.execute(
            text(
                "INSERT INTO set_aside_rows (source, digest, seen_at, reason, row) "
                "VALUES (:source, :digest, :now, :reason, :row) ON CONFLICT DO NOTHING"
            ),
            bad,
        )


def days_of(rows: Iterable[Record[Fields]]) -> set[date]:
    """The UTC days of these rows."""
    return {date.fromordinal(719163 + day) for day in {row.time // 86400 for row in rows}}


def new_days(
    connection: Connection, rows: Iterable[Record[Fields]], retention_days: int, made: set[date]
) -> list[date]:
    """The days for which these rows, or those of the next days, need partitions that are not there; days far
    off stay in the default partition. `made` are those that have theirs; it takes up what is found."""
    today = now().date()
    kept = days_to_keep(retention_days, today)
    wanted = {day for day in days_of(rows) | set(coming_days(today)) if day.toordinal() in kept} - made
    missing = missing_days(connection, wanted) if wanted else []
    made |= wanted - set(missing)
    return missing
