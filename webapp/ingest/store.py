"""Writing rows in bulk: one transaction holds the rows, the cursor, and what the caller makes of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import orjson
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

from webapp.ingest.align import Key, cursor_tail
from webapp.ingest.read import NETFILTER, POSTFIX, RSPAMD, Reading
from webapp.ingest.rows import Row
from webapp.parse.netfilter import parse_netfilter
from webapp.parse.postfix import Line, parse_line
from webapp.tables.db import copy_rows, now, utc
from webapp.tables.partitions import days_to_keep, ensure_days

NAMED = ("time", "digest", "ordinal")
COLUMNS = {
    POSTFIX.name: (
        "program",
        "priority",
        "message",
        "queue_id",
        "message_id",
        "sender",
        "recipient",
        "status",
        "relay",
        "delay",
        "dsn",
    ),
    RSPAMD.name: (
        "mid_key",
        "message_id",
        "sender",
        "recipients",
        "subject",
        "username",
        "ip",
        "size",
        "score",
        "required_score",
        "action",
        "is_spam",
        "has_auth",
        "direction",
        "symbols",
        "raw",
        "search_text",
    ),
    NETFILTER.name: (
        "priority",
        "message",
        "ip",
        "rule_id",
        "attempts_left",
        "username",
        "auth_method",
        "action",
    ),
}


def load_cursor(connection: Connection, source: str) -> tuple[list[Key], int | None]:
    """The cursor's rows, newest first, and the latest Unix second stored; ([], None) before the first
    import."""
    row = connection.execute(
        text("SELECT tail, newest FROM log_cursors WHERE source = :source"), {"source": source}
    ).first()
    if row is None:
        return [], None
    return [(seconds, digest) for seconds, digest in row.tail], int(
        row.newest.timestamp()
    ) if row.newest else None


def save_cursor(connection: Connection, source: str, keys: Sequence[Key], stored: Sequence[Row]) -> None:
    """Move the cursor to the head of `keys` (newest first), in the transaction that stores the rows."""
    newest = max((row.time for row in stored if row.fields is not None), default=None)
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


def record_gap(connection: Connection, reading: Reading) -> None:
    """Keep the span in which rows were lost, where there is one."""
    if reading.gap:
        connection.execute(
            text(
                'INSERT INTO log_gaps (source, start, "end", detected_at) VALUES (:source, :start, :end, '
                ":now) "
                'ON CONFLICT (source, start) DO UPDATE SET "end" = greatest(log_gaps."end", excluded."end")'
            ),
            {
                "source": reading.source.name,
                "start": utc(reading.gap[0]),
                "end": utc(reading.gap[1]),
                "now": now(),
            },
        )


def number_rows(
    connection: Connection, source: str, rows: Iterable[Row], newest: int | None, seen: Counter[Key]
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
                f"SELECT time, digest, max(ordinal) + 1 AS used FROM {source}_logs "
                "WHERE time = ANY(:times) AND digest = ANY(:digests) GROUP BY time, digest"
            ),
            {"times": sorted({utc(key[0]) for key in old}), "digests": [key[1] for key in old]},
        )
        wanted = set(old)
        for time, digest, used in found:
            if (key := (int(time.timestamp()), digest)) in wanted:
                seen[key] = used
    for row in rows:
        row.ordinal = seen[row.key]
        seen[row.key] += 1


def set_aside(connection: Connection, source: str, rows: Iterable[Row]) -> None:
    """Keep the rows that could not be understood, each with its reason."""
    bad = [
        {
            "source": source,
            "digest": row.digest,
            "now": now(),
            "reason": row.reason,
            "row": orjson.dumps(row.raw, default=str, option=orjson.OPT_NON_STR_KEYS)
            .decode("utf-8", "replace")
            .replace("\\u0000", ""),
        }
        for row in rows
        if row.fields is None
    ]
    if bad:
        connection.execute(
            text(
                "INSERT INTO set_aside_rows (source, digest, seen_at, reason, row) "
                "VALUES (:source, :digest, :now, :reason, :row) ON CONFLICT DO NOTHING"
            ),
            bad,
        )


def make_partitions(connection: Connection, rows: Iterable[Row], retention_days: int) -> list[date]:
    """Make the day partitions that these rows need, and return the new ones; days far off stay in the default
    partition."""
    today = now().date()
    kept = days_to_keep(retention_days, today)
    days = {date.fromordinal(719163 + row.time // 86400) for row in rows}
    ahead = {today + timedelta(days=n) for n in range(4)}
    return ensure_days(connection, {day for day in days | ahead if day.toordinal() in kept})


def not_stored(connection: Connection, source: str, rows: Sequence[Row]) -> list[Row]:
    """Those of the numbered rows that are not there yet."""
    found = (
        connection.execute(
            text(
                f"SELECT time, digest, ordinal FROM {source}_logs JOIN unnest(CAST(:times AS timestamptz[]), "
                f"CAST(:digests AS bigint[])) "
                "AS read (time, digest) USING (time, digest)"
            ),
            {"times": [utc(row.time) for row in rows], "digests": [row.digest for row in rows]},
        )
        if rows
        else ()
    )
    there = {(int(time.timestamp()), digest, ordinal) for time, digest, ordinal in found}
    return [row for row in rows if (*row.key, row.ordinal) not in there]


def insert_rows(
    connection: Connection, source: str, rows: Iterable[Row], values: Iterable[Sequence[Any]]
) -> None:
    """COPY new rows into their table. All indexes live."""
    copy_rows(
        connection,
        f"{source}_logs",
        (*NAMED, *COLUMNS[source]),
        ((utc(row.time), row.digest, row.ordinal, *value) for row, value in zip(rows, values, strict=True)),
    )


def postfix_lines(rows: Iterable[Row]) -> list[Line]:
    """The parsed lines of Postfix rows, in the same order."""
    return [
        parse_line(row.fields["program"], row.fields["message"]) for row in rows if row.fields is not None
    ]


def postfix_values(rows: Sequence[Row], lines: Sequence[Line]) -> Iterable[Sequence[Any]]:
    """The values of postfix_logs, in the order of its columns."""
    for row, line in zip(rows, lines, strict=True):
        fields = row.fields or {}
        yield (
            fields["program"],
            fields["priority"],
            fields["message"],
            line.queue_id,
            line.message_id,
            line.sender,
            line.recipient,
            line.status,
            line.relay,
            line.delay,
            line.dsn,
        )


def rspamd_values(rows: Iterable[Row]) -> Iterable[Sequence[Any]]:
    """The values of rspamd_logs, in the order of its columns."""
    for row in rows:
        fields = row.fields or {}
        yield tuple(
            Jsonb(fields[name], dumps=orjson.dumps) if name in ("symbols", "raw") else fields[name]
            for name in COLUMNS[RSPAMD.name]
        )


def netfilter_values(rows: Iterable[Row]) -> Iterable[Sequence[Any]]:
    """The values of netfilter_logs, in the order of its columns."""
    for row in rows:
        fields = row.fields or {}
        line = parse_netfilter(fields["message"])
        yield (
            fields["priority"],
            fields["message"],
            line.ip,
            line.rule_id,
            line.attempts_left,
            line.username,
            line.auth_method,
            line.action,
        )
