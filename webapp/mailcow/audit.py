"""Who did what to mailcow, and what mailcow answered for each item.

An entry is there before mailcow is asked, so that whatever fails afterwards, no action is without a trace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.orm import Session

from webapp.tables.db import now
from webapp.tables.mailcow import AuditEntry

ASKED, DONE, FAILED = "asked", "done", "failed"
COMPLETE = text(
    "UPDATE audit_entries SET item = told.item, outcome = told.outcome, detail = told.detail "
    "FROM unnest(CAST(:numbers AS bigint[]), CAST(:items AS text[]), CAST(:outcomes AS text[]), "
    "CAST(:details AS text[])) AS told (id, item, outcome, detail) WHERE audit_entries.id = told.id"
)


@dataclass(frozen=True)
class Outcome:
    """What has become of an item: how the trail names it, whether it was done, and in whose words."""

    item: str
    done: bool
    detail: str


def begin(
    connection: Connection, who: str | None, address: str | None, action: str, items: Sequence[str]
) -> dict[str, int]:
    """Write one entry per item, as asked for; returns their numbers by item. To be committed before mailcow
    is asked."""
    if not items:
        return {}
    rows = [
        {"at": now(), "who": who, "address": address, "action": action, "item": item, "outcome": ASKED}
        for item in items
    ]
    statement = insert(AuditEntry).returning(AuditEntry.id, sort_by_parameter_order=True)
    return dict(zip(items, connection.scalars(statement, rows), strict=True))


def record(
    connection: Connection,
    who: str | None,
    address: str | None,
    action: str,
    results: Sequence[tuple[str, bool, str]],
) -> None:
    """Write what is done in this transaction, and asks nobody: (item, whether it was done, words)."""
    entries = begin(connection, who, address, action, [item for item, _, _ in results])
    complete(connection, entries, {item: Outcome(item, done, words) for item, done, words in results})


def complete(connection: Connection, entries: Mapping[str, int], outcomes: Mapping[str, Outcome]) -> None:
    """Write what has become of the items into their entries."""
    known = [(entries[item], told) for item, told in outcomes.items() if item in entries]
    if known:
        connection.execute(
            COMPLETE,
            {
                "numbers": [number for number, _ in known],
                "items": [told.item for _, told in known],
                "outcomes": [DONE if told.done else FAILED for _, told in known],
                "details": [told.detail for _, told in known],
            },
        )


def recent(session: Session, prefix: str, most: int = 50) -> Sequence[Any]:
    """The latest entries whose action begins with `prefix`, newest first; rows with the columns' names."""
    return session.execute(
        select(AuditEntry.__table__)
        .where(AuditEntry.action.startswith(prefix, autoescape=True))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(most)
    ).all()
