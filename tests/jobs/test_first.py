"""The first reading of the logs, which the launcher forks: the same job as ever after, by its lock and its
history."""

import pytest
from sqlalchemy import text

from jobs import first, run
from tests.samples import recorded
from webapp.mailcow.connection import READING
from webapp.tables.db import db


@pytest.fixture
def reading(worker, replay, monkeypatch):
    """A mailcow with 300 lines, and the viewer that `read_first` fills."""
    replay.lists["postfix"] = recorded.rows("postfix")[:300]
    monkeypatch.setattr(first, "create_core", lambda **_: worker.app)
    monkeypatch.setattr(first, "overlook", lambda: None)
    return worker


def _runs(viewer):
    return [(row["name"], row["status"]) for row in viewer.ask("SELECT name, status FROM job_runs")]


def test_it_stores_what_is_there_and_is_recorded(reading):
    first.read_first()
    assert reading.count("postfix_logs") == 300
    assert _runs(reading) == [(READING, "success")]


def test_it_leaves_the_logs_to_a_job_that_reads_them_already(reading):
    with reading.app.app_context(), run.lock(READING):
        first.read_first()
        assert db.session.scalar(text("SELECT count(*) FROM postfix_logs")) == 0
    assert _runs(reading) == []


def test_a_mailcow_that_refuses_is_recorded_and_ends_nothing(reading, replay):
    replay.fault = "401"
    first.read_first()
    assert _runs(reading) == [(READING, "failed")]
