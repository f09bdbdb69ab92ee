"""Mail from or to a blacklisted address is never stored, whatever line names it."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from webapp.db import now


def matcher(addresses: Sequence[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of the addresses in a text, and not as part of a longer one; None for no addresses."""
    if not addresses:
        return None
    words = "|".join(re.escape(address) for address in sorted(addresses, key=len, reverse=True))
    return re.compile(rf"(?<![\w.+=-])(?:{words})(?![\w-]|\.\w)", re.IGNORECASE)


def suppressed(connection: Connection, queue_ids: Iterable[str]) -> set[str]:
    """Those of the queue ids whose lines must not be stored."""
    known = connection.execute(text("SELECT queue_id FROM suppressed_queue_ids WHERE queue_id = ANY(:ids)"), {"ids": list(queue_ids)})
    return {row.queue_id for row in known}


def suppress(connection: Connection, queue_ids: Iterable[str]) -> None:
    """Remember the queue ids and remove what is stored of them."""
    ids = sorted(queue_ids)
    if not ids:
        return
    connection.execute(text("INSERT INTO suppressed_queue_ids (queue_id, since) SELECT unnest(CAST(:ids AS text[])), :now "
                            "ON CONFLICT DO NOTHING"), {"ids": ids, "now": now()})
    connection.execute(text("DELETE FROM postfix_logs WHERE queue_id = ANY(:ids)"), {"ids": ids})
