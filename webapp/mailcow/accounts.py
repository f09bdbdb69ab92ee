"""Keeping mailcow's mailboxes and aliases here: read anew by a job, and the last list stays where that
fails."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.mailcow import server, snapshots
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.mailcow.mailboxes import (
    AliasRecord,
    MailboxRecord,
    alias_domains,
    alias_records,
    mailbox_records,
    mailboxes_behind,
    read_limits,
    read_mailboxes,
)
from webapp.tables.db import Base, now
from webapp.tables.mailboxes import Alias, Mailbox, MailboxSize

MAILBOXES, ALIASES = "mailbox list", "alias list"  # snapshots that tell when each was read, and why not since
PATIENCE = 240.0  # seconds that a list may take: mailcow asks its database six times for each mailbox


@dataclass
class Refresh:
    """What a run has read, and a sentence for each list that could not be had."""

    mailboxes: int = 0
    aliases: int = 0
    deleted: int = 0
    failures: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The figures for the history of runs."""
        return {"mailboxes": self.mailboxes, "aliases": self.aliases, "deleted": self.deleted}


def refresh(session: Session, mailcow: Mailcow, settings: Settings) -> Iterator[Refresh]:
    """Read the mailboxes, then the aliases, and store them; yields where the caller should commit.

    Raises MailcowError at the end where one of the lists could not be had.
    """
    run, patience = Refresh(), mailcow.timeout
    mailcow.timeout = max(patience, PATIENCE)
    steps: tuple[tuple[str, Callable[[], int]], ...] = (
        (MAILBOXES, lambda: _mailboxes(session, mailcow, settings, run)),
        (ALIASES, lambda: _aliases(session, mailcow, settings, run)),
    )
    for name, step in steps:
        session.rollback()  # no transaction stays open while mailcow is waited for
        try:
            snapshots.keep(session.connection(), name, {"count": step()})
        except MailcowError as error:
            run.failures.append(str(error))
            snapshots.note_failure(session.connection(), name, str(error))
        yield run
    mailcow.timeout = patience
    if run.failures:
        raise MailcowError("; ".join(dict.fromkeys(run.failures)))


def _mailboxes(session: Session, mailcow: Mailcow, settings: Settings, run: Refresh) -> int:
    limits = read_limits(mailcow)
    records = mailbox_records(read_mailboxes(mailcow), limits, settings.tz)
    run.mailboxes = len(records)
    run.deleted += save_mailboxes(session.connection(), records)
    counted = {"total": len(records), "active": sum(record.active for record in records)}
    snapshots.keep(session.connection(), server.MAILBOXES, counted)
    return len(records)


def _aliases(session: Session, mailcow: Mailcow, settings: Settings, run: Refresh) -> int:
    records = alias_records(mailcow.objects("get/alias/all"), settings.tz)
    targets = alias_domains(mailcow.objects("get/alias-domain/all"))
    run.aliases = len(records)
    run.deleted += save_aliases(session.connection(), records, targets)
    return len(records)


def save_mailboxes(connection: Connection, records: Sequence[MailboxRecord]) -> int:
    """Store the list and today's sizes; returns how many mailboxes have gone since the last time."""
    moment = now()
    rows = [
        {
            **{name: value for name, value in asdict(record).items() if name != "limit"},
            "rl_value": record.limit.value if record.limit else None,
            "rl_frame": record.limit.frame if record.limit else None,
            "seen_at": moment,
            "deleted_at": None,
        }
        for record in records
    ]
    sizes = [
        {
            "username": record.username,
            "day": moment.date(),
            "quota": record.quota,
            "quota_used": record.quota_used,
            "messages": record.messages,
        }
        for record in records
    ]
    _upsert(connection, Mailbox, ("username",), rows)
    _upsert(connection, MailboxSize, ("username", "day"), sizes)
    return _note_missing(connection, Mailbox, moment)


def save_aliases(connection: Connection, records: Sequence[AliasRecord], targets: dict[str, str]) -> int:
    """Store the list; `targets` is what each alias domain stands for. Returns how many aliases have gone
    since the last time."""
    moment = now()
    behind = mailboxes_behind(records, set(connection.scalars(select(Mailbox.username))))
    rows = [
        {
            **asdict(record),
            "goto": list(record.goto),
            "counted_as": _counted_as(record, targets),
            "mailboxes": list(behind[record.address]),
            "seen_at": moment,
            "deleted_at": None,
        }
        for record in records
    ]
    _upsert(connection, Alias, ("address",), rows)
    return _note_missing(connection, Alias, moment)


def _counted_as(record: AliasRecord, targets: dict[str, str]) -> str:
    local = record.address.rpartition("@")[0].partition("+")[0]
    return f"{local}@{targets.get(record.domain, record.domain)}"


def _upsert(
    connection: Connection, model: type[Base], key: tuple[str, ...], rows: Sequence[dict[str, Any]]
) -> None:
    if rows:
        statement = insert(model)
        changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=changed), rows)


def _note_missing(connection: Connection, model: type[Mailbox] | type[Alias], moment: datetime) -> int:
    gone = connection.execute(
        update(model)
        .where(model.seen_at < moment, model.deleted_at.is_(None))
        .values(deleted_at=moment, active=False)
    )
    return gone.rowcount


def last_read(session: Session) -> dict[str, snapshots.Snapshot]:
    """When mailboxes and aliases were read last, and why they could not be read since."""
    return snapshots.load(session, MAILBOXES, ALIASES)
