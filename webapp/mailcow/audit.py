"""Who did what to mailcow, and what mailcow answered for each item."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from webapp.tables.db import now
from webapp.tables.mailcow import AuditEntry


def record(
    connection: Connection,
    who: str | None,
    address: str | None,
    action: str,
    results: Sequence[tuple[str, bool, str]],
) -> None:
    """Write one entry per item: (item, whether it was done, mailcow's words)."""
    if results:
        connection.execute(
            insert(AuditEntry),
            [
                {
                    "at": now(),
                    "who": who,
                    "address": address,
                    "action": action,
                    "item": item,
                    "outcome": "done" if done else "failed",
                    "detail": detail,
                }
                for item, done, detail in results
            ],
        )


def recent(session: Session, prefix: str, most: int = 50) -> Sequence[Any]:
    """The latest entries whose action begins with `prefix`, newest first; rows with the columns' names."""
    return session.execute(
        select(AuditEntry.__table__)
        .where(AuditEntry.action.startswith(prefix, autoescape=True))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(most)
    ).all()
