"""The import by mail as the API tells it and the page shows it; asking for a sync, and waiting for it a
while."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dmarc.syncanswers import HistoryAnswer, Mailbox, StatusAnswer, SyncAnswer
from webapp.errors import NotFound
from webapp.jobqueue import enqueue, next_runs
from webapp.lists.params import DEEPEST_PAGE, Parameters, between
from webapp.reports.imap import queries, syncs
from webapp.reports.imap.queries import JOB, Standing
from webapp.reports.imap.syncs import Kind, Status
from webapp.tables.db import now
from webapp.tables.imap import ImapFailure, ImapSync

STEP = 0.1  # seconds between two looks
DISABLED = {"status": "disabled", "message": "DMARC IMAP sync is not enabled"}
STOPPED = "The worker was stopped; the next sync goes on from there"


class HistoryFilter(Parameters):
    """A page of the history."""

    limit: Annotated[int, between(1, 100)] = Field(20, description="Syncs per page")
    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")


@dataclass(frozen=True)
class ImportPage:
    """What the page shows."""

    config: Settings
    standing: Standing
    newest: SyncAnswer | None
    next_run: datetime | None
    seen_at: datetime
    failures: Sequence[ImapFailure]
    rows: list[SyncAnswer]
    total: int
    page: int
    limit: int
    total_is_estimate: bool = False

    @property
    def pages(self) -> int:
        """How many pages the history has."""
        return max(-(-self.total // self.limit), 1)

    @property
    def is_running(self) -> bool:
        """True while a sync runs or waits for a worker."""
        return self.newest is not None and self.newest.status == Status.RUNNING


def answer(row: ImapSync, *, is_at_work: bool) -> SyncAnswer:
    """A sync in the API's form. One that is noted as running while nobody works at it was stopped."""
    stopped = row.status == Status.RUNNING and not is_at_work
    ended = row.completed_at
    return SyncAnswer(
        id=row.id,
        sync_id=row.id,
        sync_type=row.sync_type,
        status=Status.ERROR if stopped else row.status,
        started_at=row.started_at,
        completed_at=ended,
        duration_seconds=round((ended - row.started_at).total_seconds(), 1) if ended else None,
        emails_seen=row.seen,
        emails_total=max(row.total, row.seen),
        emails_found=row.emails_found,
        emails_processed=row.emails_processed,
        reports_created=row.reports_created,
        reports_duplicate=row.reports_duplicate,
        reports_failed=row.reports_failed,
        error_message=STOPPED if stopped else row.error_message,
        failed_emails=row.failed_emails,
    )


def status(session: Session, settings: Settings) -> StatusAnswer:
    """The answer of /api/dmarc/imap/status; raises NotFound where no mailbox is configured."""
    if not settings.imap_is_configured:
        raise NotFound("IMAP auto-import is not configured (DMARC_IMAP_HOST, DMARC_IMAP_USER)")
    row = queries.latest(session)
    newest = answer(row, is_at_work=queries.is_at_work(session)) if row else None
    return StatusAnswer(
        enabled=settings.dmarc_imap_enabled,
        manual_upload_enabled=settings.dmarc_manual_upload_enabled,
        host=settings.dmarc_imap_host,
        port=settings.dmarc_imap_port,
        use_ssl=settings.dmarc_imap_use_ssl,
        user=settings.dmarc_imap_user,
        folder=settings.dmarc_imap_folder,
        interval_seconds=settings.dmarc_imap_interval,
        delete_after_processing=settings.dmarc_imap_delete_after,
        processed_folder=settings.dmarc_imap_processed_folder or None,
        mark_seen=settings.dmarc_imap_mark_seen,
        not_imported=queries.count_kept(session),
        last_sync=newest,
        latest_sync=newest,
        configuration=Mailbox(
            settings.dmarc_imap_host,
            settings.dmarc_imap_port,
            settings.dmarc_imap_user,
            settings.dmarc_imap_folder,
            settings.dmarc_imap_delete_after,
            settings.dmarc_imap_interval,
            round(settings.dmarc_imap_interval / 60, 1),
        ),
        stats_24h=queries.lately(session),
    )


def history(session: Session, chosen: HistoryFilter) -> HistoryAnswer:
    """A page of syncs, newest first."""
    total, at_work = queries.count_syncs(session), queries.is_at_work(session)
    rows = queries.history(session, chosen.limit, (chosen.page - 1) * chosen.limit)
    listed = [answer(row, is_at_work=at_work) for row in rows]
    return HistoryAnswer(total, chosen.page, chosen.limit, -(-total // chosen.limit), listed)


def import_page(session: Session, settings: Settings, chosen: HistoryFilter) -> ImportPage:
    """What the page shows."""
    at_work = queries.is_at_work(session)
    rows = queries.history(session, chosen.limit, (chosen.page - 1) * chosen.limit)
    newest = rows[0] if rows and chosen.page == 1 else queries.latest(session)
    return ImportPage(
        settings,
        queries.standing(session),
        answer(newest, is_at_work=at_work) if newest else None,
        next_runs().get(JOB),
        now(),
        queries.failures(session),
        [answer(row, is_at_work=at_work) for row in rows],
        queries.count_syncs(session),
        chosen.page,
        chosen.limit,
    )


def ask(session: Session, settings: Settings) -> int | None:
    """Begin a sync unless one runs; its number, None where no mailbox is configured. The caller commits, and
    then calls `start`."""
    if not settings.imap_is_configured:
        return None
    return syncs.begin(session.connection(), settings, Kind.MANUAL)


def start(session: Session, settings: Settings, number: int | None) -> None:
    """Put the job into the queue for this sync, unless it runs or waits already."""
    if number is not None and not queries.is_at_work(session):
        enqueue(JOB, settings)


def ended(session: Session, number: int | None, patience: float) -> tuple[dict[str, Any], int]:
    """The documented answer once the sync is over, and its HTTP status; after `patience` seconds that it
    still runs."""
    if number is None:
        return DISABLED, 200
    end = time.monotonic() + patience
    while True:
        session.rollback()  # each look sees what is committed by then
        row = queries.find_sync(session, number)
        if row is None:
            raise NotFound(f"There is no sync {number}")
        told = vars(answer(row, is_at_work=True))
        if row.status != Status.RUNNING:
            return told, 200
        if time.monotonic() >= end:
            words = "The mailbox is being read; GET /api/dmarc/imap/history tells how it ends"
            return {**told, "message": words}, 202
        time.sleep(STEP)
