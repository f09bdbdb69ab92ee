"""What an administrator does to the queue: asked first, done, checked against a fresh list, kept on
record."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.mailqueue.conftest import KEYS, MakeDemo, token
from tests.mailqueue.test_list import keep, rows, take
from webapp.demo.server import DemoServer
from webapp.mailcow import actions, audit
from webapp.tables.db import db


def act(client: FlaskClient, action: str, *ids: str) -> Any:
    return client.post("/api/queue/actions", json={"action": action, "ids": list(ids)})


def trail(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        return [(entry.action, entry.item, entry.outcome) for entry in audit.recent(db.session(), "queue:")]


def test_hold_release_and_delete_are_done_and_checked(
    app: Flask, client: FlaskClient, demo: DemoServer
) -> None:
    one, two = list(demo.state.queue)[:2]
    held = act(client, "hold", one, two).json
    assert (held["done"], held["open"], held["failed"]) == (2, 0, 0)
    assert {result["detail"] for result in held["results"]} == {"is on hold"}
    assert [entry["queue_name"] for entry in client.get("/api/queue?search=" + one).json["data"]] == ["hold"]
    assert act(client, "unhold", one).json["results"][0]["detail"] == "is in the deferred queue"
    deleted = act(client, "delete", two).json
    assert deleted["results"] == [{"id": two, "outcome": "done", "detail": "is no longer in the queue"}]
    assert two not in demo.state.queue
    assert [(action, outcome) for action, _, outcome in trail(app)] == [
        ("queue:delete", "done"),
        ("queue:unhold", "done"),
        ("queue:hold", "done"),
        ("queue:hold", "done"),
    ]
    assert trail(app)[0][1].startswith(f"{two} ")


def test_delivery_is_open_until_it_is_seen(client: FlaskClient, demo: DemoServer) -> None:
    one, two = list(demo.state.queue)[:2]
    tried = act(client, "deliver", one).json
    assert tried["open"] == 1
    assert "still deferred" in tried["results"][0]["detail"]
    act(client, "hold", two)
    assert act(client, "deliver", two).json["results"][0]["detail"] == "is on hold: release it first"


def test_unknown_ids_are_not_named_to_mailcow(client: FlaskClient, demo: DemoServer) -> None:
    answer = act(client, "delete", "ALL", "ABCDEF0123").json
    assert answer["failed"] == 2
    assert {result["detail"] for result in answer["results"]} == {"is not in the queue"}
    assert "/api/v1/delete/mailq" not in demo.calls
    assert demo.state.queue


@pytest.mark.parametrize("action", ["deliver", "hold", "delete"])
def test_long_queue_ids_are_told_as_not_done(
    make_app: Callable[..., Flask], make_demo: MakeDemo, action: str
) -> None:
    demo = make_demo(long_ids=True)
    app = make_app(mailcow_url=demo.url, **KEYS)
    one = next(queue_id for queue_id in demo.state.queue if re.search("[^0-9A-Fa-f]", queue_id))
    answer = act(app.test_client(), action, one).json
    assert answer["failed"] == 1
    assert "long queue ids" in answer["results"][0]["detail"]
    assert one in demo.state.queue
    assert trail(app)[0][2] == "failed"
    take(app)
    assert "This mailcow uses long queue ids" in app.test_client().get("/queue").text


def test_flush_says_how_many_were_waiting(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    take(app)
    waiting = len(demo.state.queue)
    answer = act(client, "flush").json
    assert answer["done"] == 1
    assert f"of {waiting} in the queue right after" in answer["results"][0]["detail"]


def test_an_empty_list_after_an_action_proves_nothing(
    client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = next(iter(demo.state.queue))
    plain = actions.look_again
    seen = []

    def postqueue_fails_afterwards(*given: Any) -> actions.ListCheck:
        seen.append(plain(*given))
        return seen[0] if len(seen) == 1 else actions.ListCheck(actions.Listing([]))

    monkeypatch.setattr("webapp.mailcow.actions.look_again", postqueue_fails_afterwards)
    result = act(client, "delete", one).json["results"][0]
    assert result["outcome"] == "open"
    assert "cannot ask Postfix" in result["detail"]


def test_a_hanging_mailcow_ends_the_action_in_time(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(app)
    ids = list(demo.state.queue)
    monkeypatch.setattr(actions, "ASKING_SECONDS", 0.5)
    monkeypatch.setattr(actions, "CHECKING_SECONDS", 0.5)
    monkeypatch.setattr(actions, "BATCH", 2)
    demo.break_down("hang")
    answer = act(client, "delete", *ids).json
    assert answer["done"] == 0
    assert {result["outcome"] for result in answer["results"]} == {"open", "failed"}
    assert sum("not asked any more" in result["detail"] for result in answer["results"]) == len(ids) - 2
    demo.break_down("ok")
    assert set(ids) <= set(demo.state.queue)


def test_a_refused_key_is_told_for_each_item(
    app: Flask, make_app: Callable[..., Flask], demo: DemoServer
) -> None:
    app = make_app(mailcow_url=demo.url, mailcow_api_key="read-key", mailcow_api_key_rw="wrong-key")
    one = next(iter(demo.state.queue))
    answer = act(app.test_client(), "hold", one).json
    assert answer["failed"] == 1
    assert "refuses the API key" in answer["results"][0]["detail"]


def test_many_items_go_in_batches(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "BATCH", 2)
    ids = list(demo.state.queue)
    assert act(client, "hold", *ids).json["done"] == len(ids)
    assert demo.calls["/api/v1/edit/mailq"] == -(-len(ids) // 2)


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            {"action": "burn", "ids": ["A1"]},
            400,
            "action must be one of deliver, hold, unhold, delete, flush",
        ),
        ({"action": "hold", "ids": []}, 400, "at least one"),
        ({"action": "hold", "ids": "A1"}, 400, "ids"),
        ({}, 400, "action"),
        ({"action": "hold", "ids": ["A1"] * 10_001}, 400, "ids"),
    ],
)
def test_a_bad_request_is_named(client: FlaskClient, body: Any, code: int, words: str) -> None:
    answer = client.post("/api/queue/actions", json=body)
    assert answer.status_code == code
    assert words in answer.json["detail"]


def test_without_the_key_there_are_no_actions(make_app: Callable[..., Flask], demo: DemoServer) -> None:
    app = make_app(mailcow_url=demo.url, mailcow_api_key="read-key")
    take(app)
    client = app.test_client()
    answer = act(client, "flush")
    assert answer.status_code == 403
    assert "MAILCOW_API_KEY_RW" in answer.json["detail"]
    shown = client.get("/queue").text
    assert "/queue/confirm" not in shown
    assert "Delete" not in shown
    assert "Latest actions" not in shown
    assert (
        client.post("/queue/actions", data={"csrf_token": token(client, "/queue"), "do": "flush"}).status_code
        == 403
    )


def test_the_page_asks_does_and_shows_the_result(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    take(app)
    ids = list(demo.state.queue)[:2]
    csrf = token(client, "/queue")
    asked = client.post(
        "/queue/confirm",
        data={"csrf_token": csrf, "do": "delete", "ids": ids, "back": "queue=deferred&evil=1"},
    )
    assert "Delete 2 messages?" in asked.text
    assert "gone for good" in asked.text
    assert set(ids) <= set(demo.state.queue)
    back = re.search(r'name="back" value="([^"]*)"', asked.text)
    assert back
    assert back[1] == "queue=deferred"
    done = client.post(
        "/queue/actions", data={"csrf_token": csrf, "do": "delete", "ids": " ".join(ids), "back": back[1]}
    )
    assert done.status_code == 303
    assert done.location.startswith("/queue?queue=deferred&result=")
    shown = client.get(done.location).text
    assert "2 messages deleted" in shown
    assert shown.count("is no longer in the queue") == 4  # in the result and in the trail
    assert not set(ids) & set(demo.state.queue)
    links = re.findall(r'(?:href|hx-get)="([^"]*)"', shown)
    assert not [link for link in links if "result=" in link]


def test_one_row_and_all_that_match_can_be_meant(app: Flask, client: FlaskClient) -> None:
    keep(app, rows(250))
    csrf = token(client, "/queue")
    one = client.post(
        "/queue/confirm", data={"csrf_token": csrf, "do": "hold:00000000001", "ids": ["00000000002"]}
    ).text
    assert "Put 1 message on hold?" in one
    assert 'value="00000000001"' in one
    matching = client.post(
        "/queue/confirm", data={"csrf_token": csrf, "do": "delete", "matching": "1", "back": "queue=hold"}
    ).text
    assert "Delete 25 messages?" in matching
    assert "and 15 more" in matching
    assert (
        "Nothing is picked" in client.post("/queue/confirm", data={"csrf_token": csrf, "do": "delete"}).text
    )
    assert (
        "Deliver the whole queue now?"
        in client.post("/queue/confirm", data={"csrf_token": csrf, "do": "flush"}).text
    )


def test_forms_need_the_token(client: FlaskClient, demo: DemoServer) -> None:
    one = next(iter(demo.state.queue))
    assert client.post("/queue/actions", data={"do": "delete", "ids": one}).status_code == 400
    assert (
        client.post(
            "/api/queue/actions",
            json={"action": "delete", "ids": [one]},
            headers={"Origin": "https://elsewhere.example"},
        ).status_code
        == 403
    )
    assert one in demo.state.queue


def test_who_did_it_is_on_record(make_app: Callable[..., Flask], demo: DemoServer) -> None:
    app = make_app(
        mailcow_url=demo.url, auth_enabled=True, auth_username="ada", auth_password="secret", **KEYS
    )
    client = app.test_client()
    one = next(iter(demo.state.queue))
    assert (
        client.post("/api/queue/actions", json={"action": "hold", "ids": [one]}, auth=("ada", "secret")).json[
            "done"
        ]
        == 1
    )
    with app.app_context():
        entry = audit.recent(db.session(), "queue:")[0]
    assert (entry.who, entry.address, entry.action) == ("ada", "127.0.0.1", "queue:hold")


@pytest.mark.parametrize("broken", ["webapp.mailcow.actions._judge", "webapp.lists.actionpage.record"])
def test_no_action_is_without_a_trace_whatever_fails_afterwards(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("the worker was killed")

    one = next(iter(demo.state.queue))
    app.testing = False
    monkeypatch.setattr(broken, fails)
    assert act(client, "delete", one).status_code == 500
    assert one not in demo.state.queue
    assert trail(app) == [("queue:delete", one, "asked")]
    assert "what came of it is not known" in client.get("/queue").text


def test_mailcow_is_not_asked_where_the_trail_cannot_be_written(
    app: Flask, client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("full"))

    monkeypatch.setattr("webapp.mailcow.audit.begin", full)
    app.testing = False
    before = dict(demo.state.queue)
    assert act(client, "delete", *before).status_code >= 500
    assert dict(demo.state.queue) == before


@pytest.mark.parametrize("odd", ["\0", "\x1b[2J", "A1\x7f"])
def test_control_characters_reach_neither_mailcow_nor_the_trail(
    app: Flask, client: FlaskClient, demo: DemoServer, odd: str
) -> None:
    one = next(iter(demo.state.queue))
    answer = act(client, "delete", one, odd)
    assert (answer.status_code, answer.json) == (400, {"detail": "ids must not hold control characters"})
    csrf = token(client, "/queue")
    for path in ("/queue/actions", "/queue/confirm"):
        sent = {"csrf_token": csrf, "do": "delete", "ids": f"{one} {odd}"}
        assert client.post(path, data=sent).status_code == 400
    assert one in demo.state.queue
    assert trail(app) == []
