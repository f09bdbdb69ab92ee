"""@job: application context, one lock per job, state to Redis, history to job_runs; the only `except
Exception`."""

import functools
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from flask import Flask, current_app
from rq import get_current_job
from sqlalchemy import insert, null, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from webapp.cache import clear_stats_cache
from webapp.errors import ExpectedError
from webapp.garbage import settle
from webapp.jobqueue import LOCK_SPACE, STOPPED, TIMED, JobState, lock_key, timetable, update_job_status
from webapp.mailcow.connection import READING
from webapp.status.storing import note_stored, note_trouble
from webapp.tables.db import db, now
from webapp.tables.engine import JOB
from webapp.tables.faults import sentence_of, trouble
from webapp.tables.jobs import JobRun

log = logging.getLogger(__name__)
RARE, DAILY = 300, 86400  # seconds between two runs of a job
Figures = Mapping[str, object]  # what a run did, for its history
Step = TypeVar("Step")


@functools.cache
def application() -> Flask:
    """The application of this process; a worker makes it before it forks, and the collector leaves it alone
    then. Its pages, which letters need, are loaded here: the first reading of the logs does without."""
    from webapp.app import create_app

    app = create_app(patience=JOB)
    settle()
    return app


@contextmanager
def lock(name: str) -> Iterator[bool]:
    """True while this process holds the job's lock. PostgreSQL frees it when the process dies, however it
    dies."""
    with db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        key = {"space": LOCK_SPACE, "name": lock_key(name)}
        held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:space, :name)"), key))
        try:
            yield held
        finally:
            if held:
                connection.execute(text("SELECT pg_advisory_unlock(:space, :name)"), key)


def job(work: Callable[[], Figures]) -> Callable[[], str]:
    """Make a function a job: it returns its figures, and commits where it must; a failure is recorded and
    raised."""
    name = work.__name__

    @functools.wraps(work)
    def run() -> str:
        with application().app_context():
            application().extensions["settings"].look(db.engine, at_once=True)
            with _told(), lock(name) as held:
                if not held:
                    return "runs already"
                return "ran already" if is_done_elsewhere(name) else recorded(name, work)

    return run


def is_done_elsewhere(name: str) -> bool:
    """True where the timetable asks for a rare job that has succeeded lately: another installation on the
    same database has a timetable of its own."""
    asked = get_current_job()
    if asked is None or not asked.id.startswith(TIMED):
        return False
    timing = {one.name: one for one in timetable(current_app.config["SETTINGS"])}[name]
    rhythm = timing.seconds or DAILY
    if rhythm < RARE or timing.at_start:
        return False
    lately = select(JobRun.id).where(
        JobRun.name == name,
        JobRun.status == JobState.SUCCESS,
        JobRun.started_at.between(now() - timedelta(seconds=rhythm / 2), now()),
    )
    with db.engine.connect() as connection:
        return connection.execute(lately.limit(1)).first() is not None


def committed(steps: Iterator[Step]) -> Step:
    """Commit after every step; returns the last one. There must be one."""
    last = next(steps)
    db.session.commit()
    for last in steps:  # noqa: B007
        db.session.commit()
    return last


@contextmanager
def _told() -> Iterator[None]:
    """Every page tells of a database that cannot even store that a run has begun."""
    try:
        yield
    except SQLAlchemyError as error:
        if reason := trouble(error):
            note_trouble(reason)
        raise


def recorded(name: str, work: Callable[[], Figures]) -> str:
    """Do the work of a job whose lock is held, and keep what became of it; returns its status in a word."""
    run_id = _begin(name)
    update_job_status(name, JobState.RUNNING)
    try:
        figures = work()
        db.session.commit()
    except Exception as error:
        db.session.rollback()
        sentence = sentence_of(error)
        if not isinstance(error, ExpectedError):
            log.exception("job %s failed", name)
        if trouble(error):
            note_trouble(sentence)
        _end(run_id, JobState.FAILED, None, sentence)
        update_job_status(name, JobState.FAILED, sentence)
        return f"failed: {sentence}"
    _end(run_id, JobState.SUCCESS, figures, None)
    update_job_status(name, JobState.SUCCESS)
    if name == READING:
        note_stored()
    if figures.get("messages"):
        clear_stats_cache()
    return JobState.SUCCESS


def _begin(name: str) -> int:
    """Note that the run has begun; returns its number. A run of this job that is noted as running died: the
    lock is ours."""
    died = update(JobRun).where(JobRun.name == name, JobRun.status == JobState.RUNNING)
    begun = insert(JobRun).values(name=name, started_at=now(), status=JobState.RUNNING)
    with db.engine.begin() as connection:
        connection.execute(died.values(status=JobState.FAILED, finished_at=now(), error=STOPPED))
        return int(connection.execute(begun.returning(JobRun.id)).scalar_one())


def _end(run_id: int, status: JobState, figures: Figures | None, error: str | None) -> None:
    ended = {
        "finished_at": now(),
        "status": status,
        "result": dict(figures) if figures else null(),
        "error": error,
    }
    with db.engine.begin() as connection:
        connection.execute(update(JobRun).where(JobRun.id == run_id).values(ended))
