"""What mailcow said last, kept with its age, so that no page waits for mailcow."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from webapp.tables.db import Base, now


class SnapshotRow(Base):
    """The last good answer of one route, and the last failure where it is newer."""

    __tablename__ = "snapshots"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    data: Mapped[Any] = mapped_column(JSONB)
    taken_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    failed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Snapshot:
    """`data` as mailcow answered at `taken_at` (None: never); `error` says why it could not be read since."""

    data: Any = None
    taken_at: datetime | None = None
    error: str | None = None

    @property
    def age(self) -> float | None:
        """Seconds since it was taken."""
        return (now() - self.taken_at).total_seconds() if self.taken_at else None


def keep(connection: Connection, name: str, data: Any) -> None:
    """Store a good answer; its age starts anew."""
    connection.execute(
        text(
            "INSERT INTO snapshots (name, data, taken_at) VALUES (:name, :data, :now) ON CONFLICT (name) DO "
            "UPDATE "
            "SET data = excluded.data, taken_at = excluded.taken_at, failed_at = NULL, error = NULL"
        ),
        {"name": name, "data": Jsonb(data), "now": now()},
    )


def note_failure(connection: Connection, name: str, error: str) -> None:
    """Record why the answer could not be had; the last good one stays."""
    connection.execute(
        text(
            "INSERT INTO snapshots (name, data, failed_at, error) VALUES (:name, 'null', :now, :error) "
            "ON CONFLICT (name) DO UPDATE SET failed_at = excluded.failed_at, error = excluded.error"
        ),
        {"name": name, "now": now(), "error": error},
    )


def load(session: Session, *names: str) -> dict[str, Snapshot]:
    """The snapshots of these names in one statement; an empty one for a name never taken."""
    rows = session.execute(
        text("SELECT name, data, taken_at, error FROM snapshots WHERE name = ANY(:names)"),
        {"names": list(names)},
    )
    found = {row.name: Snapshot(row.data if row.taken_at else None, row.taken_at, row.error) for row in rows}
    return {name: found.get(name, Snapshot()) for name in names}
