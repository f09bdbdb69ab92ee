"""An outage of mailcow is a failed job with its reason and the last success, and costs no line."""

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

import jobs.run
from jobs import tasks
from tests.samples import recorded
from webapp.jobqueue import get_job_status
from webapp.mailcow import connection as link
from webapp.tables.db import now

HOUR_AGO = 3600
ROWS = [{**row, "time": str(int(row["time"]) - HOUR_AGO)} for row in recorded.rows("postfix")[:400]]
SCANS = [{**row, "unix_time": row["unix_time"] - HOUR_AGO} for row in recorded.rows("rspamd-history")[:60]]
REASONS = {
    "500": "error 500: Connection to dockerapi container failed",
    "html": "not JSON",
    "hang": "did not answer within 0.3 s",
    "empty": "is empty, though it had rows before",
    "401": "refuses the API key",
    "address": "address 203.0.113.7",
}


@pytest.fixture
def worker(make_worker, replay, monkeypatch):
    monkeypatch.setattr("webapp.ingest.watch.LONGEST_WATCH", 0)  # one look a run, however fast the lines came
    made = make_worker(mailcow_api_timeout=20)
    show(replay, 200, 30)
    assert tasks.fetch_logs() == "success"
    return made


def show(replay, rows, scans):
    replay.lists["postfix"], replay.lists["rspamd-history"] = ROWS[:rows], SCANS[:scans]


@contextmanager
def broken(replay, fault, route=""):
    """A mailcow with this fault; only one that hangs is given up soon."""
    replay.fault, replay.broken_route = fault, route
    with pytest.MonkeyPatch.context() as patch:
        if fault == "hang":
            patch.setattr(tasks, "mailcow", impatient)
        yield
    replay.fault = "ok"


def impatient(settings):
    return link.mailcow(settings.model_copy(update={"mailcow_api_timeout": 0.3}))


def state(worker):
    with worker.app.app_context():
        return get_job_status()["fetch_logs"], link.state()


@pytest.mark.parametrize("fault", REASONS)
def test_a_broken_mailcow_is_told_with_reason_since_and_last_success(worker, replay, fault):
    before = state(worker)[1]
    assert before.state == "connected"
    started = now()
    with broken(replay, fault):
        assert tasks.fetch_logs().startswith("failed: ")
    job, connection = state(worker)
    assert job["status"] == "failed"
    assert REASONS[fault] in job["error"]
    assert connection.state == "failing"
    assert REASONS[fault] in connection.reason
    assert started <= connection.since <= now()
    assert before.last_success <= connection.last_success <= now()
    page = worker.app.test_client().get("/messages").get_data(as_text=True)
    assert REASONS[fault] in page


@pytest.mark.parametrize(
    ("fault", "route"),
    [
        *((fault, "") for fault in REASONS),
        ("500", "logs/postfix"),
        ("html", "logs/rspamd"),
        ("empty", "logs/rspamd"),
        ("401", "logs/postfix"),
        ("hang", "logs/netfilter"),
    ],
)
def test_nothing_is_lost_or_doubled_after_mending(worker, replay, fault, route):
    with broken(replay, fault, route):
        show(replay, 300, 45)
        tasks.fetch_logs()
        tasks.fetch_logs()
    show(replay, 400, 60)
    with worker.app.app_context():
        link.forget_refusal()
    assert tasks.fetch_logs() == "success"
    assert worker.count("postfix_logs") == 400
    assert worker.count("rspamd_logs") == 60
    assert worker.count("log_gaps") == 0
    job, connection = state(worker)
    assert (job["status"], job["error"], connection.state, connection.since) == (
        "success",
        None,
        "connected",
        None,
    )


def test_since_is_the_time_of_the_first_failure(worker, replay):
    replay.fault = "500"
    tasks.fetch_logs()
    first = state(worker)[1]
    tasks.fetch_logs()
    assert state(worker)[1].since == first.since


@pytest.mark.parametrize("fault", ["401", "address"])
def test_after_a_refusal_nothing_is_asked_during_the_pause(worker, replay, fault):
    replay.fault = fault
    replay.requests.clear()
    tasks.fetch_logs()
    assert len(replay.requests) == 1
    for _ in range(3):
        assert "asking again at" in tasks.fetch_logs()
    assert len(replay.requests) == 1


def test_the_pause_grows_with_every_refusal_and_ends_with_the_first_answer(worker, replay):
    def time_passes():
        with worker.app.app_context():
            link.note_refusal(replace(link.refusal(), until=now() - timedelta(seconds=1)))

    pauses = []
    replay.fault = "401"
    for _ in range(4):
        tasks.fetch_logs()
        with worker.app.app_context():
            pauses.append(link.refusal().seconds)
        time_passes()
    assert pauses == [300, 600, 1200, 1800]
    replay.fault = "ok"
    assert tasks.fetch_logs() == "success"
    with worker.app.app_context():
        assert link.refusal() is None


def test_a_failing_list_does_not_hold_up_the_others(worker, replay):
    replay.fault, replay.broken_route = "html", "rspamd"
    show(replay, 300, 45)
    assert tasks.fetch_logs().startswith("failed")
    assert worker.count("postfix_logs") == 300
    assert worker.count("rspamd_logs") == 30


def test_without_a_mailcow_the_job_says_what_to_set(make_app, monkeypatch):
    app = make_app()
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    assert tasks.fetch_logs() == "failed: no mailcow is configured: set MAILCOW_URL and MAILCOW_API_KEY"
