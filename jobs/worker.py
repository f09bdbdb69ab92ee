"""`python -m jobs.worker [QUEUE ...]`: runs the jobs of these queues (all by default), each in a process of
its own."""

import logging
import signal
import sys

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

import jobs.tasks  # noqa: F401 - loaded before the fork, so that each job starts at once
from jobs.run import application
from webapp.config import Settings
from webapp.jobqueue import QUEUES, enqueue
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


def main(queues: list[str]) -> None:
    """Run until SIGTERM or SIGINT; the job at hand is finished first."""
    app = application()
    settings = app.config["SETTINGS"]
    logging.basicConfig(level=settings.log_level)
    with app.app_context():
        forget_refusal()
        go_on_with_mailbox(settings)
    connection = Redis.from_url(settings.redis_url or "redis://localhost:6379/0")
    worker = ForkedWorker(
        [Queue(name, connection=connection) for name in queues or QUEUES],
        connection=connection,
        worker_ttl=60,
        job_monitoring_interval=5,
        maintenance_interval=60,
    )
    worker.work(with_scheduler=False, logging_level=settings.log_level)


if __name__ == "__main__":
    main(sys.argv[1:])
