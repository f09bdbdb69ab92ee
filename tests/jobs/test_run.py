"""Every job runs once at a time, is recorded, and a failure is told and never half-written."""

import pytest
from psycopg.errors import DiskFull, UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from jobs.run import committed, job, lock
from webapp.cache import cached
from webapp.jobqueue import get_job_status, update_job_status
from webapp.mailcow.client import MailcowError
from webapp.tables.db import db

FULL = OperationalError("INSERT", {"a": "secret"}, DiskFull("could not extend file"))
NAME = "expire_correlations"  # a name of the timetable, so that its status is shown


def make_job(work, name=NAME):
    work.__name__ = name
    return job(work)


def runs(worker):
    return worker.ask(
        "SELECT name, status, result, error, finished_at IS NOT NULL AS finished FROM job_runs ORDER BY id"
    )


def status(worker):
    with worker.app.app_context():
        return get_job_status()[NAME]


def note(word):
    db.session.execute(
        text("INSERT INTO mailcow_domains VALUES (:word, 'domain', true, now())"), {"word": word}
    )


def noted(worker):
    return [row["name"] for row in worker.ask("SELECT name FROM mailcow_domains ORDER BY name")]


def test_a_run_is_recorded_with_its_figures(worker):
    assert make_job(lambda: {"messages": 3})() == "success"
    assert runs(worker) == [
        {"name": NAME, "status": "success", "result": {"messages": 3}, "error": None, "finished": True}
    ]
    assert (status(worker)["status"], status(worker)["error"]) == ("success", None)
    assert status(worker)["last_run"] is not None


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MailcowError("mailcow is away"), "mailcow is away"),
        (KeyError("x"), "'x'"),
        (RuntimeError(), "RuntimeError"),
        (FULL, "The disk of the database is full"),
        (OperationalError("INSERT", {"a": "secret"}, UndefinedTable("no table\nLINE 1")), "no table"),
    ],
)
def test_a_failure_is_recorded_with_its_reason_and_leaves_nothing_half_written(worker, error, sentence):
    def work():
        note("half")
        raise error

    assert make_job(work)() == f"failed: {sentence}"
    assert [(run["status"], run["error"], run["finished"]) for run in runs(worker)] == [
        ("failed", sentence, True)
    ]
    assert (status(worker)["status"], status(worker)["error"]) == ("failed", sentence)
    assert noted(worker) == []


def test_a_success_forgets_the_failure_before(worker):
    make_job(lambda: {}["nothing"])()
    make_job(lambda: {"messages": 0})()
    assert [run["status"] for run in runs(worker)] == ["failed", "success"]
    assert status(worker)["error"] is None


def test_a_second_run_while_the_first_holds_the_lock_returns_at_once(worker):
    with worker.app.app_context(), lock(NAME) as held:
        assert held
        assert make_job(lambda: pytest.fail("ran twice"))() == "runs already"
    assert runs(worker) == []
    assert make_job(lambda: {"messages": 0})() == "success"


def test_locks_of_different_jobs_do_not_touch(worker):
    with worker.app.app_context(), lock(NAME) as one, lock("cleanup_logs") as other:
        assert (one, other) == (True, True)


def test_the_lock_is_free_again_after_a_failure(worker):
    make_job(lambda: {}["nothing"])()
    with worker.app.app_context(), lock(NAME) as held:
        assert held


def test_a_killed_run_is_marked_as_stopped_by_the_next_one(worker):
    def killed():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_job(killed)()
    assert [run["status"] for run in runs(worker)] == ["running"]
    make_job(lambda: {"messages": 0})()
    assert [(run["status"], run["error"]) for run in runs(worker)] == [
        ("failed", "the worker was stopped"),
        ("success", None),
    ]


def test_steps_are_committed_one_by_one(worker):
    def work():
        def steps():
            note("first")
            yield 1
            note("second")
            yield 2
            note("third")
            raise MailcowError("away")

        return {"last": committed(steps())}

    make_job(work)()
    assert noted(worker) == ["first", "second"]


def test_changed_messages_make_the_cached_figures_anew(worker):
    with worker.app.app_context():
        cached("figure", 60, lambda: 1, int)
    make_job(lambda: {"messages": 0})()
    with worker.app.app_context():
        assert cached("figure", 60, lambda: 2, int) == 1
    make_job(lambda: {"messages": 1})()
    with worker.app.app_context():
        assert cached("figure", 60, lambda: 2, int) == 2


def test_a_status_that_is_not_documented_is_refused(worker):
    with worker.app.app_context(), pytest.raises(ValueError, match="not one of"):
        update_job_status(NAME, "done")


def shown(worker):
    answer = worker.app.test_client().get("/api/settings/info").get_json()["background_jobs"][NAME]
    return answer["status"], answer["error"]


def test_a_run_is_shown_as_running_only_while_it_lives(worker):
    seen = []

    def work():
        seen.append(shown(worker))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_job(work)()
    assert seen == [("running", None)]
    assert shown(worker) == ("failed", "the worker was stopped")


def test_every_page_says_that_nothing_is_stored_until_the_logs_are_again(worker):
    def full():
        raise FULL

    make_job(full)()
    make_job(lambda: {"messages": 0})()
    page = worker.app.test_client().get("/status").text
    assert "Nothing new is stored since" in page
    assert "The disk of the database is full" in page
    make_job(lambda: {"messages": 0}, "fetch_logs")()
    assert "Nothing new is stored" not in worker.app.test_client().get("/status").text
