"""Fixtures of the tests that import mail: a replayed mailcow, a viewer that reads it, and a database with the
recorded set."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import text

from tests import conftest
from tests.replay import KEY, Replay
from tests.samples import real_lines, recorded
from tests.trace.daycounts import miscounted_days
from webapp.ingest import collect
from webapp.mailcow import accounts
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db
from webapp.tables.schema import EMPTIED, natural_key
from webapp.trace import correlate

hypothesis_settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
hypothesis_settings.load_profile("steady")

MISCOUNTED = """
    SELECT hour, direction, final_status, is_spam, outcomes, sum(n) AS too_many FROM (
        SELECT hour, direction, final_status, is_spam, outcomes, n FROM message_hours UNION ALL
        SELECT date_trunc('hour', first_seen), coalesce(direction, ''), coalesce(final_status, ''), is_spam,
            outcomes, -1 FROM messages
    ) AS both_ways GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0"""


class Viewer:
    """The viewer without its web side: looks at the replayed mailcow when told to, and shows its tables."""

    def __init__(self, app: Flask, replay: Replay) -> None:
        self.app, self.replay, self.settings = app, replay, app.config["SETTINGS"]

    def fetch(self, commits: int | None = None, timeout: float = 10) -> collect.Progress:
        """One look; with `commits` the run dies after that many. Raises MailcowError."""
        progress = collect.Progress()
        with self.app.app_context():
            try:
                steps = collect.fetch_logs(
                    db.session(), Mailcow(self.replay.url, KEY, timeout), self.settings, progress
                )
                for done, _ in enumerate(steps, start=1):
                    db.session.commit()
                    if done == commits:
                        raise KeyboardInterrupt
            finally:
                db.session.rollback()
        return progress

    def settle(self) -> None:
        """What the jobs do after the import."""
        with self.app.app_context():
            correlate.complete(db.session.connection(), self.settings)
            correlate.update_status(db.session.connection(), self.settings)
            db.session.commit()

    def read_mailboxes(self) -> None:
        """What the hourly job does."""
        with self.app.app_context():
            for _ in accounts.refresh(db.session(), Mailcow(self.replay.url, KEY, 10), self.settings):
                db.session.commit()

    def table(self, name: str, *without: str) -> list[dict[str, Any]]:
        """All rows of a table in an order of their own, without these columns."""
        order = ", ".join(natural_key(name))
        return [
            {column: value for column, value in row.items() if column not in without}
            for row in self.ask(f"SELECT * FROM {name} ORDER BY {order}")
        ]

    def miscounted(self) -> list[dict[str, Any]]:
        """The hours whose kept counts are not those of the messages; there must be none."""
        return self.ask(MISCOUNTED)

    def told(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What the viewer says: all messages and all deliveries; their counts by the hour are checked."""
        assert self.miscounted() == []
        with self.app.app_context():
            assert miscounted_days(db.session.connection()) == {}
        return self.table("messages"), self.table("deliveries")

    def count(self, name: str) -> int:
        return int(self.ask(f"SELECT count(*) AS n FROM {name}")[0]["n"])

    def lines(self, source: str = "postfix") -> Counter[tuple[int, str]]:
        """(Unix second, text) of the stored log rows, each with how often it is there."""
        column = "message" if source != "rspamd" else "coalesce(message_id, '')"
        rows = self.ask(
            f"SELECT extract(epoch FROM time)::bigint AS time, {column} AS text FROM {source}_logs"
        )
        return Counter((row["time"], row["text"]) for row in rows)

    def forget(self) -> None:
        """Empty all tables."""
        self.do(f"TRUNCATE {', '.join(EMPTIED)}")

    def do(self, statement: str, **values: Any) -> None:
        with self.app.app_context():
            db.session.execute(text(statement), values)
            db.session.commit()

    def ask(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.app.app_context():
            return [dict(row._mapping) for row in db.session.execute(text(statement), values)]


@pytest.fixture
def replay() -> Iterator[Replay]:
    """A mailcow without any rows yet, and with the recorded server's domains."""
    running = Replay(objects=recorded.objects())
    yield running
    running.close()


@pytest.fixture
def make_viewer(make_app: Callable[..., Flask], replay: Replay) -> Callable[..., Viewer]:
    """A function that makes a viewer of the replayed mailcow; keyword arguments are fields of Settings."""
    return lambda **fields: Viewer(make_app(mailcow_url=replay.url, mailcow_api_key=KEY, **fields), replay)


@pytest.fixture
def viewer(make_viewer: Callable[..., Viewer]) -> Viewer:
    """A viewer with default settings on empty tables."""
    return make_viewer()


@contextmanager
def viewer_with(
    mailcow: Replay, name: str, number: int, postgres: Any, redis_url: str, folder: Any
) -> Iterator[Viewer]:
    """A viewer that has imported what this mailcow holds, in a database of its own; `number` is Valkey's."""
    settings = conftest.load_settings(
        _env_file=None,
        mailcow_url=mailcow.url,
        mailcow_api_key=KEY,
        database_url=conftest._copy_of_template(postgres, name),
        redis_url=redis_url.replace("db=0", f"db={number}"),
        data_dir=folder,
    )
    app = conftest._application(settings)
    viewer = Viewer(app, mailcow)
    viewer.fetch()
    viewer.settle()
    viewer.read_mailboxes()
    yield viewer
    conftest._dispose(app)
    mailcow.close()


@pytest.fixture(scope="session")
def recorded_viewer(
    postgres: Any, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    """A viewer that has imported the whole recorded set, in a database of its own; only for reading."""
    mailcow = Replay(recorded.lists(), recorded.objects())
    folder = tmp_path_factory.mktemp("recorded")
    with viewer_with(mailcow, "recorded", 1, postgres, redis_url, folder) as viewer:
        yield viewer


@pytest.fixture(scope="session")
def real_lines_viewer(
    postgres: Any, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    """A viewer that has imported the lines of all real cases at once; only for reading."""
    mailcow = Replay(real_lines.lists(), recorded.objects())
    folder = tmp_path_factory.mktemp("real_lines")
    with viewer_with(mailcow, "real_lines", 2, postgres, redis_url, folder) as viewer:
        yield viewer
