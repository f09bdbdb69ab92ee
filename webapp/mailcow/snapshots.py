"""mailcow's last answers, kept with its age, so that no page waits for mailcow."""

from dataclasses import asdict, dataclass, is_dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, case, null, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from webapp.tables.db import now
from webapp.tables.mailcow import SnapshotRow

Data = TypeVar("Data", covariant=True)


@dataclass(frozen=True)
class Snapshot(Generic[Data]):
    """`data` as mailcow answered at `taken_at` (None: never); `error` says why it could not be read since."""

    data: Data | None = None
    taken_at: datetime | None = None
    error: str | None = None

    @property
    def age(self) -> float | None:
        """Seconds since it was taken."""
        return (now() - self.taken_at).total_seconds() if self.taken_at else None


def keep(connection: Connection, name: str, data: object) -> None:
    """Store a good answer, a dataclass or raw JSON; its age starts anew."""
    answer = insert(SnapshotRow).values(name=name, data=_plain(data), taken_at=now())
    connection.execute(
        answer.on_conflict_do_update(
            index_elements=["name"],
            set_={
                "data": answer.excluded.data,
                "taken_at": answer.excluded.taken_at,
                "failed_at": None,
                "error": None,
            },
        )
    )


def _plain(data: object) -> object:
    if is_dataclass(data) and not isinstance(data, type):
        return asdict(data)
    return {name: _plain(part) for name, part in data.items()} if isinstance(data, dict) else data


def note_failure(connection: Connection, name: str, error: str) -> None:
    """Record why the answer could not be had; the last good one stays."""
    failure = insert(SnapshotRow).values(name=name, data=JSONB.NULL, failed_at=now(), error=error)
    connection.execute(
        failure.on_conflict_do_update(
            index_elements=["name"],
            set_={"failed_at": failure.excluded.failed_at, "error": failure.excluded.error},
        )
    )


def taken_at(session: Session, name: str) -> datetime | None:
    """When the last good answer was had; None for never."""
    return session.scalar(select(SnapshotRow.taken_at).where(SnapshotRow.name == name))


def load_newer(session: Session, name: str, known: datetime | None) -> Snapshot[Any]:
    """The snapshot of that name; without its data where it was taken at `known`, whose data one has."""
    data = case((SnapshotRow.taken_at == known, null()), else_=SnapshotRow.data).label("data")
    asked = select(data, SnapshotRow.taken_at, SnapshotRow.error).where(SnapshotRow.name == name)
    row = session.execute(asked).one_or_none()
    return Snapshot(row.data if row.taken_at else None, row.taken_at, row.error) if row else Snapshot()


def load(session: Session, *names: str) -> dict[str, Snapshot[Any]]:
    """The snapshots of these names in one statement; an empty one for a name never taken."""
    columns = SnapshotRow.name, SnapshotRow.data, SnapshotRow.taken_at, SnapshotRow.error
    rows = session.execute(select(*columns).where(SnapshotRow.name.in_(names)))
    found = {row.name: Snapshot(row.data if row.taken_at else None, row.taken_at, row.error) for row in rows}
    return {name: found.get(name, Snapshot()) for name in names}
