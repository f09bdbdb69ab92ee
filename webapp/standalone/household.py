"""What the launcher loads once for all processes that it forks: the application, the jobs, the scheduler.

Webapp knows no job, so they are found by name, as `python -m` would.
"""

import functools
import importlib
import logging
import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

from gunicorn.app.base import BaseApplication
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp.config import ROOT
from webapp.core import create_core
from webapp.errors import ExpectedError
from webapp.garbage import overlook
from webapp.tables.db import db
from webapp.tables.engine import JOB
from webapp.web import compiled

OFTEN = ("/dashboard", "/messages", "/logs", "/status", "/settings", "/api/messages?limit=50")
log = logging.getLogger(__name__)
WORKER = "webapp.standalone.visitors.worker"
PAGES = ("webapp.app", "webapp.standalone.gunicorn_config", WORKER)
JOBS = ("jobs.worker", "jobs.scheduler", "jobs.tasks")


class Pages(BaseApplication):  # type: ignore[misc]
    """gunicorn with the application that is there, on a listening socket that it inherits."""

    def __init__(self, listener: int) -> None:
        self.listener = listener
        super().__init__(prog="mailcow-logs-viewer")

    def load_config(self) -> None:
        """As gunicorn_config.py says."""
        given = vars(importlib.import_module("webapp.standalone.gunicorn_config"))
        for name, value in given.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("bind", f"fd://{self.listener}")

    def load(self) -> Any:
        """The application."""
        return pages()


def load(environment: Mapping[str, str]) -> Iterator[None]:
    """Import what any of the processes needs, and make both applications by this environment, in steps, most
    of some hundredths of a second; the first is enough to make the tables. Raises ConfigurationError.

    Then nothing should be imported: a child would hold it alone, and what is loaded after a fork is there
    twice.
    """
    os.environ.update(environment)
    time.tzset()
    importlib.import_module("jobs.first")
    yield
    for name in (*_views(), *PAGES, *JOBS):
        importlib.import_module(name)
        yield
    compiled.compile_all(pages())
    yield
    jobs()


def _views() -> list[str]:
    """The modules of the pages: most of what `webapp.app` imports."""
    return [f"webapp.{file.parent.name}.views" for file in sorted((ROOT / "webapp").glob("*/views.py"))]


def warm_up() -> None:
    """Work out the pages asked for most, once the tables are there, and take all that is loaded out of the
    collector's sight.

    What is made and touched by that is shared: else each web process would hold 15 MB more alone.
    """
    for path in OFTEN:
        _show(path)
    with pages().app_context():
        db.engine.dispose()
    pages().extensions["redis"].connection_pool.disconnect()
    overlook()


def _show(path: str) -> None:
    """Work out a page for nobody: the view alone, without the guard and what else stands around requests."""
    with pages().test_request_context(path):
        try:
            pages().make_response(pages().dispatch_request())
        except (SQLAlchemyError, RedisError, ExpectedError) as error:
            log.info("%s could not be shown at the start: %s", path, error)


def jobs() -> Any:
    """The one application of all jobs."""
    return importlib.import_module("jobs.run").application()


@functools.cache
def pages() -> Any:
    """The one application of all pages; its database is asked with less patience."""
    return importlib.import_module("webapp.app").create_app()


def serve(listener: int) -> None:
    """Be gunicorn."""
    Pages(listener).run()


def work(queue: str) -> None:
    """Be the worker of a queue."""
    importlib.import_module("jobs.worker").main([queue])


def read_first() -> None:
    """Be the first reading of the logs."""
    importlib.import_module("jobs.first").read_first()


def schedule() -> None:
    """Be the scheduler."""
    importlib.import_module("jobs.scheduler").main()


def migrate() -> None:
    """Bring the tables up to date."""
    flask_migrate = importlib.import_module("flask_migrate")
    app = create_core(patience=JOB)
    flask_migrate.Migrate(app, db)
    with app.app_context():
        flask_migrate.upgrade(str(ROOT / "migrations"))
