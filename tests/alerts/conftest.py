"""Administrators whose channels are real servers on loopback."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from jobs.run import committed
from tests.alerts.recorded_server import recorded_server  # noqa: F401
from tests.fixtures import make_viewer, recorded_viewer, replay, viewer  # noqa: F401
from tests.mailservers.smtp import MailServer
from webapp.alerts.delivery import Deliveries, deliver
from webapp.alerts.notice import Notice, Severity
from webapp.alerts.outbox import put
from webapp.tables.db import db

ADMIN = "admin@example.com"
MAIL = {
    "smtp_enabled": True,
    "smtp_from": "viewer@example.com",
    "smtp_relay_mode": True,
    "admin_email": ADMIN,
}


class Desk:
    """The outbox of one application: puts notices, runs the job's work, and looks at the tables."""

    def __init__(self, app: Flask) -> None:
        self.app, self.settings = app, app.config["SETTINGS"]

    def put(self, *notices: Notice) -> None:
        with self.app.app_context():
            put(db.session.connection(), notices)
            db.session.commit()

    def run(self, **changes: Any) -> Deliveries:
        """One run with these settings changed."""
        with self.app.app_context():
            return committed(deliver(db.session(), self.settings.model_copy(update=changes)))

    def wait(self) -> None:
        """The time until the next try is over."""
        self.do("UPDATE notice_deliveries SET next_try = now() - interval '1 second'")

    def do(self, statement: str) -> None:
        with self.app.app_context():
            db.session.execute(text(statement))
            db.session.commit()

    def deliveries(self) -> list[dict[str, Any]]:
        with self.app.app_context():
            rows = db.session.execute(text("SELECT * FROM notice_deliveries ORDER BY notice_key, channel"))
            return [dict(row._mapping) for row in rows]


@pytest.fixture
def post() -> Iterator[MailServer]:
    """An SMTP server that takes every mail."""
    with MailServer() as server:
        yield server


@pytest.fixture
def make_desk(make_app: Callable[..., Flask]) -> Callable[..., Desk]:
    """A function that makes a desk; keyword arguments are fields of Settings."""
    return lambda **fields: Desk(make_app(**fields))


@pytest.fixture
def desk(make_desk: Callable[..., Desk], post: MailServer) -> Desk:
    """A desk whose only channel is mail."""
    return make_desk(**MAIL, **post.at)


def notice(key: str = "queue:1", kind: str = "queue_length", title: str = "", **parts: Any) -> Notice:
    """A notice with a title of its own."""
    given = {"severity": Severity.WARNING, "lines": ("Forty mails wait.",), "link": "/queue", **parts}
    return Notice(key, (kind,), title=title or f"Title of {key}", **given)
