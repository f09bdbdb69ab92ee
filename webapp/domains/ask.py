"""Asking for a check: a job makes it, and who asks by the API waits for it for a while."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dnscheck import progress
from webapp.domains.answers import CheckAll, Running
from webapp.jobqueue import ASKED, enqueue
from webapp.tables.db import now
from webapp.tables.domains import DomainCheckRow
from webapp.tables.jobs import JobRun

ALL, SOME = "dns_check", "check_wanted_domains"
STEP = 0.1  # seconds between two looks


def start_all(settings: Settings) -> None:
    """Asks for the check of all domains."""
    progress.begin()
    enqueue(ALL, settings)


def start_one(domain: str, settings: Settings) -> None:
    """Asks for the check of one domain."""
    progress.want(domain)
    enqueue(SOME, settings)


def check_all(session: Session, settings: Settings, patience: float) -> CheckAll | Running:
    """The result once all domains are checked; after `patience` seconds that it still runs."""
    began = now()
    start_all(settings)
    if not _until(lambda: _ended(session, began) is not None, patience):
        message = "The domains are being checked; GET /api/domains/all has the results as they come"
        return Running(status="running", message=message, job_id=ASKED + ALL)
    return _result(session, _ended(session, began), began)


def check_one(domain: str, settings: Settings, patience: float) -> Running | None:
    """None once the domain is checked; after `patience` seconds that it still is."""
    start_one(domain, settings)
    if _until(lambda: not progress.is_wanted(domain), patience):
        return None
    return Running(status="running", message=f"{domain} is being checked", job_id=ASKED + SOME)


def _until(done: Callable[[], bool], patience: float) -> bool:
    end = time.monotonic() + patience
    while not done():
        if time.monotonic() >= end:
            return False
        time.sleep(STEP)
    return True


def _ended(session: Session, since: datetime) -> Any:
    """The run that ended since then, or None."""
    session.rollback()  # each look sees what is committed by then
    return session.execute(
        select(JobRun.started_at, JobRun.result, JobRun.error)
        .where(JobRun.name == ALL, JobRun.finished_at >= since)
        .order_by(JobRun.id.desc())
        .limit(1)
    ).first()


def _result(session: Session, run: Any, began: datetime) -> CheckAll:
    """The documented answer for a run; one that failed after its checks is a partial success."""
    if run.result:
        checked, errors = int(run.result["domains_checked"]), list(run.result["errors"])
    else:
        since = min(run.started_at, began)
        count = select(func.count()).where(DomainCheckRow.full_checked_at >= since)
        checked, errors = int(session.scalar(count) or 0), [run.error or "The check failed"]
    return CheckAll(
        status="partial" if errors else "success",
        message=f"Checked {checked} domain{'' if checked == 1 else 's'}",
        domains_checked=checked,
        errors=errors,
    )
