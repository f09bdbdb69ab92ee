"""Mail from or to a blacklisted address is never stored, whatever line names it."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection, text

from webapp.ingest.rows import Fields, Record
from webapp.ingest.source import MailNames, Source
from webapp.parse.message_id import comparable, join_key
from webapp.parse.postfix import parse_line
from webapp.tables.db import now
from webapp.tables.stretching import doubt

ROWS_FOLLOW = timedelta(days=1)  # within this time the other rows of a suppressed mail must have come
LINES_OF_IT = text("DELETE FROM postfix_logs WHERE queue_id = ANY(:ids) RETURNING time, id")
SCANS_OF_IT = text("DELETE FROM rspamd_logs WHERE mid_key = ANY(:keys)")
DELIVERIES_OF_IT = text("DELETE FROM dovecot_logs WHERE mid_key = ANY(:keys) RETURNING time, id")


def matcher(addresses: Sequence[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of the addresses in a text, and not as part of a longer one; None for no
    addresses."""
    if not addresses:
        return None
    words = "|".join(re.escape(address) for address in sorted(addresses, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+=-])(?:{words})(?![\w-]|\.\w)", re.IGNORECASE)


def allowed(
    connection: Connection, source: Source[Fields], rows: Sequence[Record[Fields]], addresses: Sequence[str]
) -> tuple[list[Record[Fields]], set[str]]:
    """(the rows that may be stored, the queue ids that are suppressed and whose messages must go)."""
    pattern = matcher(addresses)
    if pattern is None:
        return list(rows), set()
    mails = [source.mail_names(row.fields) for row in rows]
    clear = [not any(pattern.search(text) for text in source.texts(row.fields)) for row in rows]
    hits = [mail for mail, is_clear in zip(mails, clear, strict=True) if not is_clear]
    known = _suppressed(connection, {mail.queue_id for mail in mails if mail.queue_id})
    hidden = known | {mail.queue_id for mail in hits if mail.queue_id}
    _suppress(connection, hidden, [mail for mail in mails if mail.queue_id in hidden])
    keys = _suppressed_keys(connection, {mail.mid_key for mail in mails if mail.mid_key is not None})
    kept = [
        row
        for row, mail, is_clear in zip(rows, mails, clear, strict=True)
        if is_clear and mail.queue_id not in hidden and mail.mid_key not in keys
    ]
    return kept, hidden


def _suppressed(connection: Connection, queue_ids: Collection[str]) -> set[str]:
    if not queue_ids:
        return set()
    known = connection.execute(
        text("SELECT queue_id FROM suppressed_queue_ids WHERE queue_id = ANY(:ids)"), {"ids": list(queue_ids)}
    )
    return {row.queue_id for row in known}


def _suppressed_keys(connection: Connection, keys: Collection[int]) -> set[int]:
    if not keys:
        return set()
    found = connection.scalars(
        text(
            "SELECT unnest(mid_keys) FROM suppressed_queue_ids WHERE mid_keys && CAST(:keys AS bigint[]) "
            "AND since > :since"
        ),
        {"keys": list(keys), "since": now() - ROWS_FOLLOW},
    )
    return set(found)


def _suppress(connection: Connection, queue_ids: Collection[str], mails: Iterable[MailNames]) -> None:
    """Remember the queue ids with the join keys of their Message-IDs, and remove what is stored of them."""
    if not queue_ids:
        return
    keys: dict[str, set[int]] = {queue_id: set() for queue_id in queue_ids}
    stored = connection.execute(
        text(
            "SELECT queue_id, program, message FROM postfix_logs WHERE queue_id = ANY(:ids) "
            "AND message LIKE '%: message-id=%'"
        ),
        {"ids": list(queue_ids)},
    )
    named = [(queue_id, parse_line(program, line).message_id) for queue_id, program, line in stored]
    for queue_id, message_id in [*named, *((mail.queue_id, mail.message_id) for mail in mails)]:
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
    of_mail = {"keys": sorted(set().union(*keys.values()))}
    doubt(connection, "postfix_logs", connection.execute(LINES_OF_IT, {"ids": list(queue_ids)}).all())
    connection.execute(SCANS_OF_IT, of_mail)
    doubt(connection, "dovecot_logs", connection.execute(DELIVERIES_OF_IT, of_mail).all())
