"""`python -m jobs.worker [QUEUE ...]`: runs the jobs of these queues (all by default), each in a process of
its own."""

import logging
import signal
import sys

from redis import Redis
from rq import Queue, Worker

import jobs.tasks  # noqa: F401 - loaded before the fork, so that each job starts at once
from jobs.run import application
from webapp.jobqueue import QUEUES
from webapp.mailcow.connection import forget_refusal
from webapp.standalone.child import die_with_parent
from webapp.tables.db import db


class ForkedWorker(Worker):
    """A worker whose children make database connections of their own."""

    def main_work_horse(self, *args: object, **kwargs: object) -> None:
        """Run one job in the forked process; it dies with its worker, so that no orphan goes on reading."""
        die_with_parent(signal.SIGKILL)
        with application().app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(*args, **kwargs)  # type: ignore[arg-type]


def main(queues: list[str]) -> None:
    """Run until SIGTERM or SIGINT; the job at hand is finished first."""
    app = application()
    settings = app.config["SETTINGS"]
    logging.basicConfig(level=settings.log_level)
    with app.app_context():
        forget_refusal()
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
