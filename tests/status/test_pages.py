"""The status pages tell from snapshots, a failing card stands alone, and jobs can be run."""

import re

import pytest
from sqlalchemy import text

from jobs.run import lock
from jobs.tasks import check_app_version, collect_status
from webapp.jobqueue import Timing, update_job_status, waiting
from webapp.status.cards import CARDS
from webapp.status.markdown import rendered
from webapp.tables.db import db

PAGES = [
    "/status",
    "/status/jobs",
    "/status/jobs/fetch_logs",
    "/settings",
    *(f"/status/cards/{name}" for name in CARDS),
]


@pytest.fixture
def visit(site):
    """A function that gets a page as text; a fragment as htmx asks for it."""
    client = site.test_client()

    def get(path, fragment=False, code=200):
        answer = client.get(path, headers={"HX-Request": "true"} if fragment else {})
        assert answer.status_code == code
        return answer.text

    get.client = client
    return get


def token(page):
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_answers_before_anything_is_known(visit, path):
    assert "<h1" in visit(path)


def test_every_card_shows_what_was_taken(visit):
    collect_status()
    check_app_version()
    page = visit("/status")
    for words in (
        "17 of 18 running",
        "clamd",
        "39%",
        "9.1.0 is out",
        "2026-07b is out",
        "Postfix",
        "Check app version",
    ):
        assert words in page


@pytest.mark.parametrize(
    "path", [*PAGES, "/api/settings/info", "/api/settings/health", "/api/status/summary"]
)
def test_no_page_asks_a_hanging_mailcow(visit, mailcow, path):
    collect_status()
    mailcow.break_down("hang")
    asked = dict(mailcow.calls)
    visit(path)
    assert mailcow.calls == asked


@pytest.mark.parametrize("path", ["/dashboard", "/status", "/queue", "/quarantine", "/mailboxes", "/domains"])
def test_an_outage_is_told_once_on_a_page(visit, mailcow, path):
    collect_status()
    mailcow.break_down("500")
    assert collect_status().startswith("failed: ")
    page = visit(path)
    assert page.count("mailcow cannot be read since") == 1
    assert "No newer answer" not in page
    assert "could not be read" not in page
    assert "is-good" not in page


def test_a_card_that_fails_does_not_take_the_page_along(visit, site):
    collect_status()
    with site.app_context():
        db.session.execute(text("DROP TABLE set_aside_rows"))
        db.session.commit()
    page = visit("/status/cards/containers")
    assert "This card cannot be shown" in page
    assert "17 of 18 running" in page
    assert "This card cannot be shown" in visit("/status/cards/reading", fragment=True)


def test_a_card_alone_is_a_fragment_and_opened_directly_a_page(visit):
    assert "<html" not in visit("/status/cards/storage", fragment=True)
    assert "<html" in visit("/status/cards/storage")
    visit("/status/cards/nothing", code=404)


def test_gaps_and_rows_set_aside_are_listed(visit, site):
    with site.app_context():
        db.session.execute(
            text(
                "INSERT INTO log_gaps (source, start, \"end\", detected_at) VALUES ('postfix', now(), now(), "
                "now())"
            )
        )
        db.session.execute(
            text(
                "INSERT INTO set_aside_rows (source, digest, seen_at, reason, row) "
                "VALUES ('rspamd', 1, now(), 'no time', '{\"a\": \"<b>\"}')"
            )
        )
        db.session.commit()
    card = visit("/status/cards/reading", fragment=True)
    assert "1 gap" in card
    assert "no time" in card
    assert "<b>&" not in card
    assert "&lt;b&gt;" in card


def test_a_failed_job_shows_its_error_in_full(visit, site):
    reason = "the reason " * 200
    with site.app_context():
        update_job_status("cleanup_logs", "failed", reason)
    assert reason.strip() in visit("/status/jobs")


def test_jobs_that_do_not_exist_yet_are_marked_and_cannot_be_run(visit, monkeypatch):
    assert "Not in this version" not in visit("/status/jobs")
    planned = (Timing("water_plants", "Waters the plants", 3600),)
    monkeypatch.setattr("webapp.status.background.NOT_BUILT", planned)
    page = visit("/status/jobs")
    assert "Not in this version" in page
    assert "/status/jobs/water_plants/run" not in page
    visit("/status/jobs/water_plants")
    answer = visit.client.post("/status/jobs/water_plants/run", data={"csrf_token": token(page)})
    assert answer.status_code == 404


def test_run_now_needs_the_token_and_puts_the_job_into_the_queue(visit, site):
    page = visit("/status/jobs")
    assert visit.client.post("/status/jobs/cleanup_logs/run").status_code == 400
    answer = visit.client.post("/status/jobs/cleanup_logs/run", data={"csrf_token": token(page)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/status/jobs#job-cleanup_logs")
    with site.app_context():
        assert waiting() == {"cleanup_logs"}


def test_a_row_polls_only_while_its_job_waits_or_runs(visit, site):
    path = "/status/jobs/cleanup_logs/state"
    assert "hx-trigger" not in visit(path, fragment=True)
    with site.app_context():
        update_job_status("cleanup_logs", "running")
        with lock("cleanup_logs"):
            assert 'hx-trigger="every 2s, wake"' in visit(path, fragment=True)
    assert "the worker was stopped" in visit(path, fragment=True)


def test_a_run_whose_worker_was_killed_is_not_shown_as_running(visit, site):
    with site.app_context():
        db.session.execute(
            text("INSERT INTO job_runs (name, started_at, status) VALUES ('cleanup_logs', now(), 'running')")
        )
        db.session.commit()
    assert (
        visit("/status/jobs/cleanup_logs").count("the worker was stopped") == 1
    )  # in its history, where nothing else is known of it
    with site.app_context():
        update_job_status("cleanup_logs", "running")
        with lock("cleanup_logs"):
            assert "is-job-failed" not in visit("/status/jobs/cleanup_logs")
    stopped = visit("/status/jobs/cleanup_logs")
    assert "is-job-running" not in stopped
    assert stopped.count("the worker was stopped") == 2  # at the job and in its history


def test_the_history_is_paged(visit, site):
    with site.app_context():
        db.session.execute(
            text(
                "INSERT INTO job_runs (name, started_at, finished_at, status, result) SELECT 'fetch_logs', "
                "now(), now(), "
                "'success', '{\"postfix\": 7}' FROM generate_series(1, 120)"
            )
        )
        db.session.commit()
    first = visit("/status/jobs/fetch_logs")
    assert "120 runs kept" in first
    assert "Page 1 of 3" in first
    assert first.count("is-job-success") == 50
    assert visit("/status/jobs/fetch_logs?page=3").count("is-job-success") == 20


@pytest.mark.parametrize(
    ("text", "shown", "not_shown"),
    [
        ("### Added\n\n- **More**", "<strong>More</strong>", "###"),
        ("<script>alert(1)</script>", "&lt;script&gt;", "<script>"),
        ("[click](javascript:alert(1))", "[click]", "<a"),
        ("[site](https://example.org)", 'rel="noopener noreferrer nofollow"', "javascript"),
        ("![pixel](https://tracker.example/p.png)", "pixel", "<img"),
        ("<img src=x onerror=alert(1)>", "&lt;img", "<img"),
    ],
)
def test_release_notes_are_harmless(text, shown, not_shown):
    html = rendered(text)
    assert shown in html
    assert not_shown not in html
