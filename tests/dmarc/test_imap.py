"""/api/dmarc/imap/* and the page of the import by mail, with the job run as a worker would."""

import re
import time
from threading import Thread

import pytest
from rq import Queue
from rq.registry import StartedJobRegistry

import jobs.run
from jobs import tasks
from tests.reports.imapbox import BROKEN, ORDINARY, fields, report
from webapp.demo.imap import ImapServer
from webapp.dmarc import byimap, views
from webapp.tables.db import db

DOCUMENTED = {
    "sync_id",
    "sync_type",
    "status",
    "started_at",
    "completed_at",
    "emails_found",
    "emails_processed",
    "reports_created",
    "reports_duplicate",
    "reports_failed",
    "error_message",
    "failed_emails",
}


@pytest.fixture
def server():
    with ImapServer() as made:
        made.folders["INBOX"].add(report(1))
        made.folders["INBOX"].add(ORDINARY)
        yield made


@pytest.fixture
def site(make_app, server, monkeypatch):
    app = make_app(**fields(server))
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    return app


@pytest.fixture
def started(monkeypatch):
    """The jobs that were asked for; each runs at once in a thread, as in a worker."""
    threads = []

    def enqueue(name, _):
        threads.append(Thread(target=getattr(tasks, name), daemon=True))
        threads[-1].start()
        return True

    monkeypatch.setattr(byimap, "enqueue", enqueue)
    yield threads
    for thread in threads:
        thread.join(20)


def posted(client, path):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/dmarc/import").text)
    return client.post(path, data={"csrf_token": token[1]}, headers={"HX-Request": "true"})


def test_a_sync_by_hand_answers_as_documented(site, started):
    client = site.test_client()
    answer = client.post("/api/dmarc/imap/sync")
    assert answer.status_code == 200
    assert answer.json.keys() >= DOCUMENTED
    told = {name: answer.json[name] for name in ("sync_type", "status", "emails_found", "reports_created")}
    assert told == {"sync_type": "manual", "status": "success", "emails_found": 1, "reports_created": 1}
    assert answer.json["started_at"].endswith("Z")
    assert (answer.json["failed_emails"], answer.json["error_message"]) == (None, None)


def test_the_status_has_the_documented_keys_and_those_of_the_original(site, started):
    client = site.test_client()
    before = client.get("/api/dmarc/imap/status").json
    assert (before["enabled"], before["last_sync"], before["latest_sync"]) == (True, None, None)
    assert before["configuration"]["interval_minutes"] == 60.0
    number = client.post("/api/dmarc/imap/sync").json["sync_id"]
    after = client.get("/api/dmarc/imap/status").json
    assert after["last_sync"]["sync_id"] == after["latest_sync"]["id"] == number
    assert after["stats_24h"] == {"total_syncs": 1, "total_reports_created": 1, "total_reports_failed": 0}
    assert "secret" not in str(after)


def test_the_history_is_paged_newest_first(site, started):
    client = site.test_client()
    numbers = [client.post("/api/dmarc/imap/sync").json["sync_id"] for _ in range(3)]
    told = client.get("/api/dmarc/imap/history?limit=2").json
    assert {name: told[name] for name in ("total", "page", "limit", "pages")} == {
        "total": 3,
        "page": 1,
        "limit": 2,
        "pages": 2,
    }
    assert [one["id"] for one in told["data"]] == [numbers[2], numbers[1]]
    assert told["data"][0]["duration_seconds"] >= 0
    assert client.get("/api/dmarc/imap/history?limit=101").status_code == 400


def test_a_failed_connection_answers_as_documented(make_app, server, started, monkeypatch):
    app = make_app(**fields(server, dmarc_imap_password="wrong-one"))
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    answer = app.test_client().post("/api/dmarc/imap/sync")
    assert (answer.status_code, answer.json["status"], answer.json["emails_found"]) == (200, "error", 0)
    assert answer.json["error_message"] == "[AUTHENTICATIONFAILED] Authentication failed."
    assert "wrong-one" not in answer.text
    page = app.test_client().get("/dmarc/import").text
    assert "Failing since" in page


def test_without_a_mailbox_the_answers_say_so(client):
    assert client.get("/api/dmarc/imap/status").status_code == 404
    answer = client.post("/api/dmarc/imap/sync")
    assert answer.json == {"status": "disabled", "message": "DMARC IMAP sync is not enabled"}
    assert client.get("/api/dmarc/imap/history").json["data"] == []
    assert "No mailbox is configured" in client.get("/dmarc/import").text


def test_a_sync_that_runs_is_not_started_twice(site, monkeypatch):
    asked = []
    monkeypatch.setattr(views, "PATIENCE", 0.0)
    monkeypatch.setattr(byimap, "enqueue", lambda name, _: asked.append(name))
    client = site.test_client()
    first = client.post("/api/dmarc/imap/sync")
    with site.app_context(), jobs.run.lock("dmarc_imap_sync"):  # a worker is at it
        second = client.post("/api/dmarc/imap/sync")
        shown = client.get("/dmarc/import").text
        assert client.get("/api/dmarc/imap/status").json["last_sync"]["status"] == "running"
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json["sync_id"] == second.json["sync_id"]
    assert (second.json["status"], second.json.keys() >= DOCUMENTED) == ("running", True)
    assert asked == ["dmarc_imap_sync"]
    assert 'hx-trigger="every 1s, wake"' in shown
    assert client.get("/api/dmarc/imap/status").json["last_sync"]["error_message"] == byimap.STOPPED
    assert client.post("/api/dmarc/imap/sync").json["sync_id"] == first.json["sync_id"]


def test_a_sync_that_a_worker_has_just_taken_is_not_told_to_be_stopped(site, monkeypatch, redis_client):
    monkeypatch.setattr(views, "PATIENCE", 0.0)
    client = site.test_client()
    client.post("/api/dmarc/imap/sync")
    [waiting] = Queue("default", connection=redis_client).job_ids
    Queue("default", connection=redis_client).empty()
    assert client.get("/api/dmarc/imap/status").json["last_sync"]["status"] == "error"
    registry = StartedJobRegistry("default", connection=redis_client)
    redis_client.zadd(registry.key, {f"{waiting}:1": time.time() + 60})
    assert client.get("/api/dmarc/imap/status").json["last_sync"]["status"] == "running"
    redis_client.zadd(registry.key, {f"{waiting}:1": time.time() - 60})
    assert client.get("/api/dmarc/imap/status").json["last_sync"]["status"] == "error"


def test_two_who_ask_at_once_get_the_same_sync(site):
    found = []

    def ask():
        with site.app_context():
            found.append(byimap.ask(db.session(), site.config["SETTINGS"]))
            db.session.commit()

    askers = [Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(set(found)) == 1


def test_a_person_can_retry_and_dismiss_what_is_not_imported(site, server, started):
    server.folders["INBOX"].add(BROKEN)
    client = site.test_client()
    for _ in range(3):
        client.post("/api/dmarc/imap/sync")
    page = client.get("/dmarc/import").text
    [number] = re.findall(r'action="/dmarc/import/mails/(\d+)/retry"', page)
    assert "3 times" in page
    assert client.get("/api/dmarc/imap/status").json["not_imported"] == 1
    posted(client, f"/dmarc/import/mails/{number}/retry")
    started[-1].join(20)
    assert len(started) == 4
    assert client.get("/api/dmarc/imap/history").json["data"][0]["reports_failed"] == 1
    assert "dismissed" in posted(client, f"/dmarc/import/mails/{number}/dismiss").text
    assert client.get("/api/dmarc/imap/status").json["not_imported"] == 0
    assert posted(client, "/dmarc/import/mails/999/dismiss").status_code == 404


def test_the_page_works_without_a_script(site, started):
    client = site.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/dmarc/import").text)
    answer = client.post("/dmarc/import", data={"csrf_token": token[1]})
    assert (answer.status_code, answer.location) == (303, "/dmarc/import")
    started[-1].join(20)
    page = client.get("/dmarc/import").text
    assert "<html" in page
    assert "stays as it is" in page
    assert client.get("/dmarc").text.count('href="/dmarc/import"') == 1
