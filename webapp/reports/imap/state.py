"""What is kept of a folder: how far it is read, what is still to be done there, which mails failed. Nothing
here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.errors import NotFound
from webapp.reports.imap.look import Seen
from webapp.tables.db import now
from webapp.tables.imap import ImapDue, ImapFailure, ImapMark

ATTEMPTS = 3  # of a mail that fails, each in another sync
RETRYING, KEPT, DISMISSED = "retrying", "kept", "dismissed"


@dataclass(frozen=True)
class Place:
    """A folder of a mailbox, as its UIDs count."""

    account: str
    folder: str
    validity: int

    @property
    def columns(self) -> dict[str, Any]:
        """By column."""
        return {"account": self.account, "folder": self.folder, "validity": self.validity}


def mark(connection: Connection, place: Place) -> int:
    """The UID up to which the folder is read; 0 where its UIDs were numbered anew."""
    here = ImapMark.account == place.account, ImapMark.folder == place.folder
    same = ImapMark.validity == place.validity
    return int(connection.scalar(select(ImapMark.uid).where(*here, same)) or 0)


def enter(connection: Connection, place: Place, uid: int) -> None:
    """Begin to read above this UID, and forget what was to be done by UIDs that count no longer."""
    for table in (ImapDue, ImapFailure):
        stale = table.account == place.account, table.folder == place.folder, table.validity != place.validity
        found_again = () if table is ImapDue else (ImapFailure.state == RETRYING,)
        connection.execute(delete(table).where(*stale, *found_again))
    advance(connection, place, uid)


def advance(connection: Connection, place: Place, uid: int) -> None:
    """Note that the folder is read up to this UID."""
    kept = insert(ImapMark).values(**place.columns, uid=uid, updated_at=now())
    changes = {"validity": place.validity, "uid": uid, "updated_at": now()}
    connection.execute(
        kept.on_conflict_do_update(index_elements=[ImapMark.account, ImapMark.folder], set_=changes)
    )


def due(connection: Connection, place: Place, most: int = 500) -> list[int]:
    """Mails whose reports are stored and which are still where they were, oldest first."""
    here = [getattr(ImapDue, name) == value for name, value in place.columns.items()]
    return list(connection.scalars(select(ImapDue.uid).where(*here).order_by(ImapDue.uid).limit(most)))


def owe(connection: Connection, place: Place, uids: Sequence[int]) -> None:
    """Note that these mails are to be marked, moved or deleted once this is committed."""
    if uids:
        rows = [{**place.columns, "uid": uid} for uid in uids]
        connection.execute(insert(ImapDue).values(rows).on_conflict_do_nothing())


def settle(connection: Connection, place: Place, uids: Sequence[int]) -> None:
    """Note that it is done, or no longer wished."""
    here = [getattr(ImapDue, name) == value for name, value in place.columns.items()]
    connection.execute(delete(ImapDue).where(*here, ImapDue.uid.in_(list(uids))))


def to_retry(connection: Connection, place: Place, sync: int) -> list[int]:
    """Mails that failed, and that this sync has not tried yet."""
    here = [getattr(ImapFailure, name) == value for name, value in place.columns.items()]
    again = ImapFailure.state == RETRYING, ImapFailure.tried_in != sync
    return list(connection.scalars(select(ImapFailure.uid).where(*here, *again).order_by(ImapFailure.uid)))


def fail(connection: Connection, place: Place, seen: Seen, sync: int, attempts: int = 1) -> None:
    """Note that a mail failed, under the UID it has now. One that was dismissed stays so."""
    same = [getattr(ImapFailure, name) == value for name, value in place.columns.items()]
    same.append(ImapFailure.uid == seen.uid)
    found = connection.execute(select(ImapFailure).where(*same)).first()
    if found is None and seen.digest:
        twin = (ImapFailure.account == place.account, ImapFailure.digest == seen.digest)
        moved = ImapFailure.validity != place.validity
        found = connection.execute(select(ImapFailure).where(*twin, moved).limit(1)).first()
    tried = (found.attempts if found else 0) + attempts
    state = KEPT if tried >= ATTEMPTS else RETRYING
    values = {
        **place.columns,
        "uid": seen.uid,
        "reason": seen.reason[:1000],
        "attempts": min(tried, ATTEMPTS),
        "state": DISMISSED if found and found.state == DISMISSED else state,
        "tried_in": sync,
        "last_at": now(),
        **({"digest": seen.digest, **seen.headers} if seen.digest else {}),
    }
    if found:
        connection.execute(update(ImapFailure).where(ImapFailure.id == found.id).values(values))
        return
    blank = {"digest": "", "message_id": "", "subject": "", "sender": "", "first_at": now()}
    connection.execute(insert(ImapFailure).values({**blank, **values}))


def retry(connection: Connection, number: int) -> None:
    """A person wants this mail tried once more; raises NotFound."""
    _decide(connection, number, {"state": RETRYING, "attempts": ATTEMPTS - 1, "tried_in": 0})


def dismiss(connection: Connection, number: int) -> None:
    """A person has seen this mail, and does not want it; raises NotFound."""
    _decide(connection, number, {"state": DISMISSED})


def _decide(connection: Connection, number: int, values: dict[str, Any]) -> None:
    done = connection.execute(update(ImapFailure).where(ImapFailure.id == number).values(values))
    if not done.rowcount:
        raise NotFound(f"There is no mail {number} that is not imported")


def forgive(connection: Connection, place: Place, uids: Sequence[int]) -> None:
    """These mails are stored now, or gone, or no report after all."""
    here = [getattr(ImapFailure, name) == value for name, value in place.columns.items()]
    connection.execute(delete(ImapFailure).where(*here, ImapFailure.uid.in_(list(uids))))
