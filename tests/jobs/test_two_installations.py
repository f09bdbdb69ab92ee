"""Two installations on one database, each with a timetable of its own: rare work is done once."""

from types import SimpleNamespace

import pytest

from jobs import run
from webapp.jobqueue import ASKED, TIMED

RARE, FREQUENT = "watch_mailboxes", "expire_correlations"


def ran(worker, name, ago, status="success"):
    worker.do(
        "INSERT INTO job_runs (name, started_at, finished_at, status) "
        "VALUES (:name, now() - CAST(:ago AS interval), now(), :status)",
        name=name,
        ago=ago,
        status=status,
    )


@pytest.mark.parametrize(
    ("name", "asked", "ago", "status", "done"),
    [
        (RARE, TIMED, "1 min", "success", True),
        (RARE, TIMED, "4 min", "success", False),
        (RARE, TIMED, "1 min", "failed", False),
        (RARE, TIMED, "-1 hour", "success", False),
        (RARE, ASKED, "1 min", "success", False),
        (FREQUENT, TIMED, "10 s", "success", False),
        ("cleanup_logs", TIMED, "1 hour", "success", True),
    ],
)
def test_what_the_other_has_done_is_not_done_again(worker, monkeypatch, name, asked, ago, status, done):
    ran(worker, name, ago, status)
    monkeypatch.setattr(run, "get_current_job", lambda: SimpleNamespace(id=asked + name))
    with worker.app.app_context():
        assert run.is_done_elsewhere(name) is done


def test_a_run_by_hand_is_never_left_out(worker):
    ran(worker, RARE, "1 min")
    with worker.app.app_context():
        assert not run.is_done_elsewhere(RARE)
