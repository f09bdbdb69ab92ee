"""The rows of syncs: begun by hand or by the timetable, taken up by the job, at their end a success or an
error. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from webapp.config import Settings
from webapp.reports.imap.look import Outcome, Seen
from webapp.tables.db import now
from webapp.tables.imap import ImapSync

MOST_LISTED = 100  # failed mails that a sync lists


class Kind(StrEnum):
    """Who began a sync."""

    AUTO = "auto"
    MANUAL = "manual"


class Status(StrEnum):
    """What a sync is at, as documented."""

    RUNNING = "running"
    SUCCESS = "success"
    ERROR = "error"


@dataclass(frozen=True)
class Taken:
    """A sync that the job works at; `stops`: how often the program was stopped since it last got further."""

    id: int
    stops: int


def begin(connection: Connection, settings: Settings, kind: Kind) -> int:
    """The number of the sync that runs; a new one where none does. Two who begin at once get the same."""
    running = select(ImapSync.id).where(ImapSync.status == Status.RUNNING)
    counts = dict.fromkeys(
        (
            "total",
            "seen",
            "emails_found",
            "emails_processed",
            "reports_created",
            "reports_duplicate",
            "reports_failed",
        ),
        0,
    )
    new = insert(ImapSync).values(
        sync_type=kind,
        status=Status.RUNNING,
        started_at=now(),
        account=settings.imap_account,
        folder=settings.dmarc_imap_folder,
        resumed=-1,
        **counts,
    )
    for _ in range(3):
        found = connection.scalar(running) or connection.scalar(
            new.on_conflict_do_nothing().returning(ImapSync.id)
        )
        if found is not None:
            return int(found)
    raise RuntimeError("a sync ended again and again between two looks")


def take(connection: Connection, settings: Settings) -> Taken:
    """The sync to work at: the one that runs, or a new one of the timetable."""
    sync = begin(connection, settings, Kind.AUTO)
    resumed = connection.scalar(
        update(ImapSync)
        .where(ImapSync.id == sync)
        .values(resumed=ImapSync.resumed + 1)
        .returning(ImapSync.resumed)
    )
    return Taken(sync, int(resumed or 0))


def expect(connection: Connection, sync: int, more: int) -> None:
    """So many mails are still to be looked at."""
    connection.execute(update(ImapSync).where(ImapSync.id == sync).values(total=ImapSync.seen + more))


def add(connection: Connection, sync: int, mails: Sequence[Seen]) -> None:
    """Count mails that were looked at."""
    failed = [mail for mail in mails if mail.outcome is Outcome.FAILED]
    handled = len(failed) + sum(mail.outcome is Outcome.STORED for mail in mails)
    listed = connection.scalar(select(ImapSync.failed_emails).where(ImapSync.id == sync)) or []
    listed = [*listed, *(_listed(mail) for mail in failed)][:MOST_LISTED]
    changes: dict[Any, Any] = {
        ImapSync.seen: ImapSync.seen + len(mails),
        ImapSync.emails_found: ImapSync.emails_found + handled,
        ImapSync.emails_processed: ImapSync.emails_processed + handled,
        ImapSync.reports_created: ImapSync.reports_created + sum(mail.created for mail in mails),
        ImapSync.reports_duplicate: ImapSync.reports_duplicate + sum(mail.duplicate for mail in mails),
        ImapSync.reports_failed: ImapSync.reports_failed + len(failed),
        ImapSync.resumed: 0,
    }
    if listed:
        changes[ImapSync.failed_emails] = listed
    connection.execute(update(ImapSync).where(ImapSync.id == sync).values(changes))


def _listed(mail: Seen) -> dict[str, str]:
    """A failed mail, as documented."""
    known = mail.headers
    return {
        "email_id": str(mail.uid),
        "message_id": known.get("message_id", ""),
        "subject": known.get("subject", ""),
        "error": mail.reason,
    }


def pause(connection: Connection, sync: int) -> None:
    """It goes on in another run, and that is no stop."""
    connection.execute(update(ImapSync).where(ImapSync.id == sync).values(resumed=-1))


def end(connection: Connection, sync: int, error: str = "") -> dict[str, int]:
    """It is over; returns its figures. Mails that failed are told, and are no failure of the sync."""
    failed = connection.scalar(select(ImapSync.reports_failed).where(ImapSync.id == sync))
    told = error or (f"{failed} emails failed to process" if failed else None)
    ended = (
        update(ImapSync)
        .where(ImapSync.id == sync)
        .values(status=Status.ERROR if error else Status.SUCCESS, completed_at=now(), error_message=told)
        .returning(
            ImapSync.seen, ImapSync.reports_created, ImapSync.reports_duplicate, ImapSync.reports_failed
        )
    )
    row = connection.execute(ended).one()
    return {name: int(value) for name, value in row._mapping.items()}


def forget_old(connection: Connection, days: int) -> int:
    """Remove what is older, except the newest sync and the newest success; returns how many."""
    newest = select(ImapSync.id).order_by(ImapSync.id.desc()).limit(1)
    good = newest.where(ImapSync.status == Status.SUCCESS)
    old = ImapSync.started_at < now() - timedelta(days=days)
    kept = ImapSync.id.in_(newest), ImapSync.id.in_(good), ImapSync.status == Status.RUNNING
    gone = connection.execute(delete(ImapSync).where(old, *(~one for one in kept)))
    return gone.rowcount
