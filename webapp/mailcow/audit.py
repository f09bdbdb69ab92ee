"""Who did what to mailcow, and what mailcow answered for each item."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, DateTime, FetchedValue, Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.tables.db import Base, now


class AuditEntry(Base):
    """One action on one item; `outcome` is done or failed, `detail` mailcow's words."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(BigInteger, FetchedValue(), primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    who: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)


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
            text(
                "INSERT INTO audit_entries (at, who, address, action, item, outcome, detail) "
                "VALUES (:at, :who, :address, :action, :item, :outcome, :detail)"
            ),
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
    """The latest entries whose action begins with `prefix`, newest first."""
    return session.execute(
        text("SELECT * FROM audit_entries WHERE action LIKE :prefix ORDER BY at DESC, id DESC LIMIT :most"),
        {"prefix": prefix + "%", "most": most},
    ).all()
