"""Mail from or to a blacklisted address is never stored, whatever line names it."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, text

from webapp.ingest.read import POSTFIX, Source
from webapp.ingest.rows import Row
from webapp.parse.message_id import comparable, join_key
from webapp.parse.postfix import Line, parse_line
from webapp.tables.db import now

ROWS_FOLLOW = timedelta(days=1)  # within this time the Rspamd row of a suppressed mail must have come


def matcher(addresses: Sequence[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of the addresses in a text, and not as part of a longer one; None for no
    addresses."""
    if not addresses:
        return None
    words = "|".join(re.escape(address) for address in sorted(addresses, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+=-])(?:{words})(?![\w-]|\.\w)", re.IGNORECASE)


def allowed(
    connection: Connection, source: Source, rows: Sequence[Row], addresses: Sequence[str]
) -> tuple[list[Row], set[str]]:
    """(the rows that may be stored, the queue ids among them that are suppressed and whose messages must
    go)."""
    pattern = matcher(addresses)
    if pattern is None:
        return list(rows), set()
    clear = [row for row in rows if not any(pattern.search(text) for text in _texts(row))]
    if source is not POSTFIX:
        hidden_keys = _suppressed_keys(
            connection, {row.fields["mid_key"] for row in clear if row.fields and row.fields.get("mid_key")}
        )
        return [row for row in clear if not row.fields or row.fields.get("mid_key") not in hidden_keys], set()
    lines = {id(row): parse_line(row.fields["program"], row.fields["message"]) for row in rows if row.fields}
    visible = set(map(id, clear))
    hit = {line.queue_id for key, line in lines.items() if key not in visible and line.queue_id}
    known = _suppressed(connection, {line.queue_id for line in lines.values() if line.queue_id})
    _suppress(connection, hit | known, [line for line in lines.values() if line.queue_id in hit | known])
    return [row for row in clear if lines[id(row)].queue_id not in hit | known], hit | known


def _texts(row: Row) -> list[str]:
    fields = row.fields or {}
    if "message" in fields:
        return [fields["message"]]
    return [
        fields["search_text"],
        *(address for address in fields["raw"].get("rcpt_mime") or () if isinstance(address, str)),
    ]


def _suppressed(connection: Connection, queue_ids: Iterable[str]) -> set[str]:
    known = connection.execute(
        text("SELECT queue_id FROM suppressed_queue_ids WHERE queue_id = ANY(:ids)"), {"ids": list(queue_ids)}
    )
    return {row.queue_id for row in known}


def _suppressed_keys(connection: Connection, keys: Collection[int]) -> set[int]:
    found = connection.scalars(
        text(
            "SELECT unnest(mid_keys) FROM suppressed_queue_ids WHERE mid_keys && CAST(:keys AS bigint[]) "
            "AND since > :since"
        ),
        {"keys": list(keys), "since": now() - ROWS_FOLLOW},
    )
    return set(found)


def _suppress(connection: Connection, queue_ids: Collection[str], lines: Iterable[Line]) -> None:
    """Remember the queue ids with the join keys of their Message-IDs, and remove what is stored of them."""
    if not queue_ids:
        return
    keys: dict[str, set[int]] = {queue_id: set() for queue_id in queue_ids}
    stored = connection.execute(
        text(
            "SELECT queue_id, message_id FROM postfix_logs WHERE queue_id = ANY(:ids) AND message_id IS NOT "
            "NULL"
        ),
        {"ids": list(queue_ids)},
    )
    for queue_id, message_id in [*stored, *((line.queue_id, line.message_id) for line in lines)]:
        key = join_key(message_id, None, None) if comparable(message_id) else None
        if queue_id and key is not None:
            keys[queue_id].add(key)
    connection.execute(
        text(
            "INSERT INTO suppressed_queue_ids (queue_id, since, mid_keys) VALUES (:queue_id, :now, :keys) ON "
            "CONFLICT (queue_id) DO UPDATE "
            "SET mid_keys = array(SELECT DISTINCT unnest(suppressed_queue_ids.mid_keys || excluded.mid_keys))"
        ),
        [{"queue_id": queue_id, "now": now(), "keys": sorted(found)} for queue_id, found in keys.items()],
    )
    connection.execute(text("DELETE FROM postfix_logs WHERE queue_id = ANY(:ids)"), {"ids": list(queue_ids)})
    connection.execute(
        text("DELETE FROM rspamd_logs WHERE mid_key = ANY(:keys)"),
        {"keys": sorted(set().union(*keys.values()))},
    )
