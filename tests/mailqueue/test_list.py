"""GET /api/queue and the page: live for the API, as last seen for the page, and never slow."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.mailqueue.conftest import KEYS
from webapp import cache
from webapp.demo.server import DemoServer
from webapp.mailcow import live, snapshots
from webapp.mailcow.client import MailcowError
from webapp.mailcow.connection import mailcow
from webapp.mailqueue import entries
from webapp.parse.reply import split_recipient
from webapp.tables.db import db

CALL = "/api/v1/get/mailq/all"


def take(app: Flask) -> None:
    with app.app_context():
        live.take(live.QUEUE, db.session.connection(), mailcow(app.config["SETTINGS"]))
        db.session.commit()


def keep(app: Flask, rows: list[dict[str, Any]]) -> None:
    """A snapshot with these rows, and nothing in Redis."""
    with app.app_context():
        app.extensions["redis"].flushdb()
        snapshots.keep(db.session.connection(), "queue", rows)
        db.session.commit()


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "queue_name": "hold" if n % 10 == 0 else "deferred",
            "queue_id": f"{n:011X}",
            "arrival_time": 1_700_000_000 + n,
            "message_size": 1000 + n,
            "forced_expire": False,
            "sender": f"s{n % 7}@here.example",
            "recipients": [
                f"r{n}@d{n % 50}.example (connect to mx{n}.d{n % 50}.example[192.0.2.{n % 250}]:25: "
                f"Connection timed out)"
            ],
        }
        for n in range(count)
    ]


def test_the_api_gives_mailcows_entries_and_its_age(client: FlaskClient, demo: DemoServer) -> None:
    answer = client.get("/api/queue").json
    assert answer["total"] == len(answer["data"]) == len(demo.state.queue) > 0
    assert answer["data"][0].items() >= demo.state.queue[answer["data"][0]["queue_id"]].entry().items()
    assert answer["stale"] is False
    assert answer["error"] is None
    assert 0 <= answer["age_seconds"] < 15


def test_mailcow_is_asked_once_for_many_requests(client: FlaskClient, demo: DemoServer) -> None:
    for _ in range(5):
        client.get("/api/queue")
    assert demo.calls[CALL] == 1


def test_pages_never_ask_mailcow(client: FlaskClient, demo: DemoServer) -> None:
    assert "Waiting for the queue" in client.get("/queue").text
    assert CALL not in demo.calls


def test_the_page_shows_what_the_job_took(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    take(app)
    shown = client.get("/queue").text
    assert all(queue_id in shown for queue_id in demo.state.queue)


def test_a_hanging_mailcow_slows_no_page_and_the_api_falls_back(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(app, rows(40))
    demo.break_down("hang")
    monkeypatch.setattr("webapp.mailqueue.views.PATIENCE", 0.5)
    answer = client.get("/api/queue").json
    assert answer["total"] == 40
    assert answer["stale"] is True
    assert "did not answer within 0.5 s" in answer["error"]
    monkeypatch.setattr("requests.Session.get", None)  # a page that asked mailcow would fail here
    assert "40 messages" in client.get("/queue").text


@pytest.mark.parametrize("fault", ["500", "html", "401"])
def test_a_failure_is_told_with_the_list_last_seen_and_not_asked_for_again_at_once(
    app: Flask, client: FlaskClient, demo: DemoServer, fault: str
) -> None:
    take(app)
    with app.app_context():
        state = cache.fetch("live:queue", dict)
        cache.put("live:queue", {**state, "taken_at": state["taken_at"] - 60})
    demo.break_down(fault)
    answers = [client.get("/api/queue").json for _ in range(3)]
    assert all(
        answer["stale"] and answer["error"] and answer["total"] == len(demo.state.queue) for answer in answers
    )
    assert answers[0]["age_seconds"] >= 60
    shown = client.get("/queue").text
    assert shown.count("mailcow cannot be read") == 1
    assert "could not be read" not in shown


def test_a_failed_look_of_the_job_keeps_the_list_and_notes_why(app: Flask, demo: DemoServer) -> None:
    take(app)
    demo.break_down("500")
    with app.app_context():
        with pytest.raises(MailcowError):
            live.take(live.QUEUE, db.session.connection(), mailcow(app.config["SETTINGS"]))
        kept = snapshots.load(db.session(), "queue")["queue"]
        assert len(kept.data) == len(demo.state.queue)
        assert "error 500" in (kept.error or "")


def test_an_empty_queue_is_told_with_what_cannot_be_known(
    app: Flask, client: FlaskClient, demo: DemoServer
) -> None:
    take(app)
    before = len(demo.state.queue)
    demo.state.queue.clear()
    take(app)
    answer = client.get("/api/queue").json
    assert answer["data"] == []
    assert "cannot ask Postfix" in answer["note"]
    assert answer["last_not_empty"]["total"] == before
    shown = client.get("/queue").text
    assert "No mail is waiting" in shown
    assert f"told of {before} messages" in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("search=R17@D17", 1),
        ("queue=hold", 20),
        ("domain=D3.example", 4),
        ("sender=s1@here.example", 29),
        ("reason=Connection timed out", 200),
        ("reason=no such", 0),
        ("queue=hold&domain=d10.example", 4),
    ],
)
def test_filters(app: Flask, client: FlaskClient, query: str, expected: int) -> None:
    keep(app, rows(200))
    page = client.get("/queue?" + query)
    assert page.status_code == 200
    assert page.text.count('id="q-') == min(expected, 100)


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("arrived", 0),
        ("-arrived", 29),
        ("-size", 29),
        ("size", 0),
        ("queue_id", 0),
        ("recipient", 0),
        ("", 29),
    ],
)
def test_sorting(app: Flask, client: FlaskClient, sort: str, first: int) -> None:
    keep(app, rows(30))
    shown = client.get("/queue?sort=" + sort).text
    found = re.search(r'id="q-(\w+)"', shown)
    assert found
    assert found[1] == f"{first:011X}"


def test_groups_count_messages_and_lead_to_them(app: Flask, client: FlaskClient) -> None:
    keep(app, rows(200))
    shown = client.get("/queue?group=domain").text
    assert shown.count('class="row-link"') == 50
    assert "domain=d3.example" in shown
    assert "domain=d3.example" in client.get("/queue?group=Domain").text
    reasons = client.get("/queue?group=reason&queue=hold").text
    assert re.search(r'<td class="number">20</td>', reasons)


def test_a_bad_parameter_is_named(client: FlaskClient) -> None:
    assert client.get("/api/queue?queue=nowhere").json["detail"].startswith("queue must be one of")
    page = client.get("/queue?sort=colour")
    assert page.status_code == 400
    assert "sort must be one of" in page.text


def test_of_ten_thousand_entries_only_those_shown_are_read(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(app, rows(10_000))
    looked_into: set[str] = set()

    def noted(recipient: str) -> tuple[str, str]:
        looked_into.add(recipient)
        return split_recipient(recipient)

    monkeypatch.setattr(entries, "split_recipient", noted)
    answer = client.get("/queue")
    assert len(answer.data) < 400_000
    assert answer.text.count('id="q-') == 100
    assert len(looked_into) == 100
    assert len(client.get("/queue?limit=500").data) < 1_000_000


def test_news_tells_of_a_change_and_only_of_a_change(
    app: Flask, client: FlaskClient, demo: DemoServer
) -> None:
    take(app)
    found = re.search(r"/queue/news\?since=(\w+)", client.get("/queue").text)
    assert found
    assert "<button" not in client.get(f"/queue/news?since={found[1]}").text
    demo.state.queue.popitem()
    take(app)
    assert "has changed" in client.get(f"/queue/news?since={found[1]}").text


def test_a_fragment_is_only_the_list(app: Flask, client: FlaskClient) -> None:
    keep(app, rows(3))
    shown = client.get("/queue", headers={"HX-Request": "true"}).text
    assert shown.lstrip().startswith("<section")


def test_entries_lead_to_their_message(app: Flask, client: FlaskClient) -> None:
    keep(app, rows(1))
    assert 'href="/messages?search=00000000000"' in client.get("/queue").text


def test_the_list_is_closed_to_strangers(make_app: Any, demo: DemoServer) -> None:
    client = make_app(mailcow_url=demo.url, auth_enabled=True, auth_password="secret", **KEYS).test_client()
    assert client.get("/api/queue").status_code == 401
    assert client.get("/queue").status_code == 302
    assert client.post("/api/queue/actions", json={"action": "flush"}).status_code == 401


def test_the_job_is_asked_for_once_while_the_list_is_old(app: Flask, client: FlaskClient) -> None:
    keep(app, rows(1))
    with app.app_context():
        db.session.execute(text("UPDATE snapshots SET taken_at = now() - interval '1 hour'"))
        db.session.commit()
    for _ in range(3):
        client.get("/queue")
    assert app.extensions["redis"].lrange("rq:queue:default", 0, -1) == [b"now-collect_status"]


def test_while_a_failure_is_fresh_the_api_does_not_wait_again(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(app, rows(1))
    demo.break_down("hang")
    monkeypatch.setattr("webapp.mailqueue.views.PATIENCE", 0.3)
    assert client.get("/api/queue").json["stale"] is True
    monkeypatch.setattr("requests.Session.get", None)  # asking again would fail here
    assert "0.3 s" in client.get("/api/queue").json["error"]
