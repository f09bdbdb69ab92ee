"""What is known of the import by mail: syncs, mails that are not imported, how it stands. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from webapp.jobqueue import LOCK_SPACE, lock_key, taken, waiting
from webapp.reports.imap.state import DISMISSED, KEPT, RETRYING
from webapp.reports.imap.syncs import Status
from webapp.tables.db import now
from webapp.tables.imap import ImapFailure, ImapSync

JOB = "dmarc_imap_sync"
MOST_FAILURES = 200  # mails that a list shows
HELD = text(
    "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :space "
    "AND objid::bigint = :name & 4294967295)"
)


@dataclass(frozen=True)
class Standing:
    """How the import stands: when a sync last ended well, and where the newest ones failed, since when and
    why."""

    last_success: datetime | None
    failing_since: datetime | None
    error: str


@dataclass(frozen=True)
class Lately:
    """The syncs of the last 24 hours."""

    total_syncs: int
    total_reports_created: int
    total_reports_failed: int


def standing(session: Session) -> Standing:
    """How the import stands. A sync that runs says nothing yet; mails that failed are no failure of it."""
    good = select(func.max(ImapSync.id)).where(ImapSync.status == Status.SUCCESS).scalar_subquery()
    bad = (ImapSync.status == Status.ERROR, ImapSync.id > func.coalesce(good, 0))
    found = session.execute(
        select(
            select(ImapSync.completed_at).where(ImapSync.id == good).scalar_subquery().label("last_success"),
            select(func.min(ImapSync.started_at)).where(*bad).scalar_subquery().label("failing_since"),
            select(ImapSync.error_message)
            .where(*bad)
            .order_by(ImapSync.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("error"),
        )
    ).one()
    return Standing(found.last_success, found.failing_since, found.error or "")


def latest(session: Session) -> ImapSync | None:
    """The newest sync."""
    return session.scalars(_newest().limit(1)).first()


def find_sync(session: Session, number: int) -> ImapSync | None:
    """The sync of that number."""
    return session.get(ImapSync, number, populate_existing=True)


def history(session: Session, limit: int, offset: int) -> Sequence[ImapSync]:
    """Syncs, newest first."""
    return session.scalars(_newest().limit(limit).offset(offset)).all()


def count_syncs(session: Session) -> int:
    """How many syncs are kept."""
    return int(session.scalar(select(func.count()).select_from(ImapSync)) or 0)


def lately(session: Session) -> Lately:
    """The sums of the last 24 hours."""
    sums = select(
        func.count().label("syncs"),
        func.coalesce(func.sum(ImapSync.reports_created), 0).label("created"),
        func.coalesce(func.sum(ImapSync.reports_failed), 0).label("failed"),
    ).where(ImapSync.started_at > now() - timedelta(hours=24))
    row = session.execute(sums).one()
    return Lately(int(row.syncs), int(row.created), int(row.failed))


def failures(session: Session) -> Sequence[ImapFailure]:
    """Mails that are not imported: those that wait for a person first, dismissed ones last."""
    order = {KEPT: 0, RETRYING: 1, DISMISSED: 2}
    first = func.array_position(list(order), ImapFailure.state)
    return session.scalars(
        select(ImapFailure).order_by(first, ImapFailure.last_at.desc()).limit(MOST_FAILURES)
    ).all()


def count_kept(session: Session) -> int:
    """How many mails wait for a person."""
    kept = select(func.count()).select_from(ImapFailure).where(ImapFailure.state == KEPT)
    return int(session.scalar(kept) or 0)


def is_at_work(session: Session) -> bool:
    """True while the job runs, or waits for a worker, or a worker is about to run it; a sync that is noted as
    running without it was stopped. A worker that was killed counts for a minute more."""
    return _is_sure(session) or JOB in taken()


def _is_sure(session: Session) -> bool:
    held = session.scalar(HELD, {"space": LOCK_SPACE, "name": lock_key(JOB)})
    return bool(held) or JOB in waiting()


def is_stopped(session: Session) -> bool:
    """True where a sync is noted as running, and nobody works at it."""
    running = session.scalar(select(ImapSync.id).where(ImapSync.status == Status.RUNNING))
    return running is not None and not _is_sure(session)


def _newest() -> Select[Any]:
    return select(ImapSync).order_by(ImapSync.id.desc()).execution_options(populate_existing=True)
