"""`python -m jobs.worker`: runs the jobs, one at a time, each in a process of its own."""

import logging

from rq import Queue, Worker

import jobs.tasks  # noqa: F401 - loaded before the fork, so that each job starts at once
from jobs.run import application
from webapp.cache import redis
from webapp.connection import forget_refusal
from webapp.db import db
from webapp.jobqueue import QUEUE


class ForkedWorker(Worker):
    """A worker whose children make database connections of their own."""

    def main_work_horse(self, *args: object, **kwargs: object) -> None:
        """Run one job in the forked process."""
        with application().app_context():
            db.engine.dispose(close=False)
        super().main_work_horse(*args, **kwargs)  # type: ignore[arg-type]


def main() -> None:
    """Run until SIGTERM or SIGINT; the job at hand is finished first."""
    app = application()
    logging.basicConfig(level=app.config["SETTINGS"].log_level)
    with app.app_context():
        forget_refusal()
        connection = redis()
        ForkedWorker([Queue(QUEUE, connection=connection)], connection=connection, worker_ttl=60, job_monitoring_interval=5,
                     maintenance_interval=60).work(with_scheduler=False)


if __name__ == "__main__":
    main()
