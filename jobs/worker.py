"""`python -m jobs.worker [QUEUE ...]`: runs the jobs of these queues (all by default), each in a process of
its own."""

import logging
import multiprocessing
import signal
import sys
from collections.abc import Callable

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

import jobs.tasks  # noqa: F401 - loaded before the fork, so that each job starts at once
from jobs.run import application
from webapp.config import Settings
from webapp.jobqueue import QUEUES, enqueue, timetable
from webapp.mailcow.connection import forget_refusal
from webapp.reports.imap import queries as imap
from webapp.standalone.child import die_with_parent
from webapp.tables.db import db
from webapp.web import page

log = logging.getLogger(__name__)


class ForkedWorker(Worker):
    """A worker whose children make database connections of their own."""

    def handle_work_horse_killed(self, job: Job, *details: object) -> None:
        """A sync of the mailbox whose process was killed goes on in another."""
        super().handle_work_horse_killed(job, *details)
        if job.func_name == f"jobs.tasks.{imap.JOB}":
            with application().app_context():
                enqueue(imap.JOB, page.settings())

    def main_work_horse(self, *args: object, **kwargs: object) -> None:
        """Run one job in the forked process; it dies with its worker, so that no orphan goes on reading."""
        die_with_parent(signal.SIGKILL)
        with application().app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(*args, **kwargs)  # type: ignore[arg-type]


def go_on_with_mailbox(settings: Settings) -> None:
    """Ask for the sync of the mailbox that was stopped with its worker."""
    try:
        is_stopped = imap.is_stopped(db.session())
        db.session.rollback()
    except SQLAlchemyError as error:
        log.warning("whether a sync of the mailbox was stopped is not known: %s", error)
        return
    if is_stopped:
        enqueue(imap.JOB, settings)


def begin(queues: list[str]) -> None:
    """What a worker of these queues does once, at its start: mailcow may be asked again, and its mailbox."""
    app = application()
    with app.app_context():
        forget_refusal()
        if imap.JOB in {timing.name for timing in timetable(page.settings()) if timing.queue in queues}:
            go_on_with_mailbox(page.settings())


def apart(work: Callable[[list[str]], object], queues: list[str]) -> None:
    """Do this in a process of its own: what it touches of our memory is copied, 10 MB, and gone with it.
    Raises SystemExit where it fails."""
    process = multiprocessing.get_context("fork").Process(target=work, args=(queues,))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(f"The worker could not begin (exit code {process.exitcode}).")


def main(queues: list[str]) -> None:
    """Run until SIGTERM or SIGINT; the job at hand is finished first."""
    settings = application().config["SETTINGS"]
    logging.basicConfig(level=settings.log_level)
    queues = queues or list(QUEUES)
    apart(begin, queues)
    connection = Redis.from_url(settings.redis_url or "redis://localhost:6379/0")
    worker = ForkedWorker(
        [Queue(name, connection=connection) for name in queues],
        connection=connection,
        worker_ttl=60,
        job_monitoring_interval=5,
        maintenance_interval=60,
    )
    worker.work(with_scheduler=False, logging_level=settings.log_level)


if __name__ == "__main__":
    main(sys.argv[1:])
