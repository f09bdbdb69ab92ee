"""The first reading of the logs, begun as soon as there are tables and all is loaded.

The launcher forks it where the database is new. It is the job `fetch_logs` by its lock and its history, and
does without the queue, the scheduler and the application's pages. Where it dies the job reads everything.
"""

import logging

from jobs.run import Figures, committed, lock, recorded
from webapp.core import create_core
from webapp.garbage import overlook
from webapp.ingest.collect import fetch_logs
from webapp.mailcow.connection import READING, mailcow
from webapp.tables.db import db
from webapp.tables.engine import JOB
from webapp.tables.origin import claim
from webapp.web.page import settings


def read_first() -> None:
    """Read all lists once, and end; what becomes of it is recorded."""
    overlook()
    app = create_core(patience=JOB)
    logging.basicConfig(level=app.config["SETTINGS"].log_level)
    with app.app_context(), lock(READING) as held:
        if held:
            recorded(READING, _read)


def _read() -> Figures:
    claim(db.session.connection(), settings())
    return committed(fetch_logs(db.session(), mailcow(settings()), settings())).as_dict()
