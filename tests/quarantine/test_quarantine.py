"""GET /api/quarantine, the page, and what can be done to the items."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.mailqueue.conftest import token
from webapp.demo.server import DemoServer
from webapp.mailcow import actions, audit, live, snapshots
from webapp.mailcow.connection import mailcow
from webapp.tables.db import db


def take(app: Flask) -> None:
    with app.app_context():
        live.take(live.QUARANTINE, db.session.connection(), mailcow(app.config["SETTINGS"]))
        db.session.commit()


def act(client: FlaskClient, action: str, *ids: Any) -> Any:
    return client.post("/api/quarantine/actions", json={"action": action, "ids": list(ids)})


def shared(client: FlaskClient) -> dict[str, Any]:
    """An item for more than one mailbox."""
    return next(item for item in client.get("/api/quarantine").json["data"] if len(item["ids"]) > 1)


def test_the_api_joins_the_rows_of_a_message(client: FlaskClient, demo: DemoServer) -> None:
    answer = client.get("/api/quarantine").json
    kept = demo.state.quarantine
    assert answer["total"] == len({one.mail.queue_id for one in kept.values()}) < len(kept)
    assert sorted(number for item in answer["data"] for number in item["ids"]) == sorted(kept)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer["data"][0]["created"])
    assert answer["stale"] is False


def test_the_api_falls_back_to_the_snapshot(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    take(app)
    app.extensions["redis"].flushdb()
    demo.break_down("500")
    answer = client.get("/api/quarantine").json
    assert answer["total"] > 0
    assert answer["stale"] is True
    assert "error 500" in answer["error"]
    assert client.get("/quarantine").text.count("mailcow cannot be read") == 1


def test_the_page_filters_sorts_and_groups(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    assert "Waiting for the quarantine" in client.get("/quarantine").text
    take(app)
    items = client.get("/api/quarantine").json["data"]
    rejected = sum(item["action"] == "reject" for item in items)
    assert client.get("/quarantine?action=reject").text.count('id="k-') == rejected
    assert client.get("/quarantine?action=virus").text.count('id="k-') == 0
    box = items[0]["recipients"][0]
    assert client.get("/quarantine?recipient=" + box).text.count('id="k-') == sum(
        box in item["recipients"] for item in items
    )
    highest = max(items, key=lambda item: float(item["score"]))
    first = re.search(r'id="k-(\d+)"', client.get("/quarantine?sort=-score").text)
    assert first
    assert int(first[1]) == highest["id"]
    groups = client.get("/quarantine?group=action").text
    assert re.search(rf'action=reject.*?<td class="number">{rejected}</td>', groups, re.DOTALL)
    assert "No message in the quarantine matches" in client.get("/quarantine?search=surely-nobody").text


@pytest.mark.parametrize("action", ["release", "delete", "learn_ham", "learn_spam"])
def test_actions_take_the_item_out(app: Flask, client: FlaskClient, demo: DemoServer, action: str) -> None:
    item = shared(client)
    answer = act(client, action, *item["ids"]).json
    assert answer["done"] == len(item["ids"])
    assert all(result["detail"].startswith("mailcow: ") for result in answer["results"])
    assert not set(item["ids"]) & set(demo.state.quarantine)
    with app.app_context():
        entries = audit.recent(db.session(), "quarantine:")
    assert {entry.action for entry in entries} == {f"quarantine:{action}"}
    assert item["subject"] in entries[0].item


def test_one_mailbox_of_a_message_can_be_released_alone(client: FlaskClient, demo: DemoServer) -> None:
    item = shared(client)
    assert act(client, "release", item["ids"][0]).json["done"] == 1
    assert item["ids"][0] not in demo.state.quarantine
    assert item["ids"][1] in demo.state.quarantine


def test_an_item_that_is_gone_or_refused_is_not_done(
    client: FlaskClient, demo: DemoServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert act(client, "delete", 999_999).json["results"][0]["detail"] == "is not in the quarantine"
    monkeypatch.setattr(
        "webapp.demo.writes.ROUTES", {"delete/qitem": lambda *_: [{"type": "danger", "msg": "access_denied"}]}
    )
    item = client.get("/api/quarantine").json["data"][0]
    result = act(client, "delete", item["ids"][0]).json["results"][0]
    assert result["outcome"] == "failed"
    assert result["detail"] == "still in the quarantine; mailcow: access_denied"


def test_an_item_that_stays_although_mailcow_says_done_is_not_done(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "webapp.demo.writes.ROUTES", {"delete/qitem": lambda *_: {"type": "success", "msg": "Task completed"}}
    )
    item = client.get("/api/quarantine").json["data"][0]
    assert act(client, "delete", item["ids"][0]).json["failed"] == 1


@pytest.mark.parametrize(
    ("check", "outcome"),
    [
        (actions.ListCheck(None, "mailcow is away"), "mailcow is away"),
        (actions.ListCheck(actions.Listing([])), "mailcow's list came back empty"),
    ],
)
def test_mailcows_word_counts_where_the_list_cannot_be_had(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, check: actions.ListCheck, outcome: str
) -> None:
    item = client.get("/api/quarantine").json["data"][0]
    plain, looks = actions.look_again, []

    def away_afterwards(*given: Any) -> actions.ListCheck:
        looks.append(plain(*given))
        return looks[0] if len(looks) == 1 else check

    monkeypatch.setattr("webapp.mailcow.actions.look_again", away_afterwards)
    result = act(client, "delete", item["ids"][0]).json["results"][0]
    assert result["outcome"] == "done"
    assert result["detail"].endswith(f"not checked: {outcome}")


def test_the_page_asks_does_and_shows_the_result(app: Flask, client: FlaskClient, demo: DemoServer) -> None:
    take(app)
    item = shared(client)
    ids = " ".join(map(str, item["ids"]))
    csrf = token(client, "/quarantine")
    asked = client.post("/quarantine/confirm", data={"csrf_token": csrf, "do": "release", "ids": [ids]}).text
    assert f"Release 1 message for {len(item['ids'])} mailboxes?" in asked
    assert all(named in asked for named in (item["qid"], item["sender"], *item["recipients"]))
    done = client.post("/quarantine/actions", data={"csrf_token": csrf, "do": "release", "ids": ids})
    assert done.status_code == 303
    shown = client.get(done.location).text
    assert f"{len(item['ids'])} messages released to {', '.join(item['recipients'])}" in shown
    assert "item_released" not in shown
    assert f'href="/messages?search={item["qid"]}"' not in shown


def test_without_the_key_there_are_no_actions(make_app: Callable[..., Flask], demo: DemoServer) -> None:
    app = make_app(mailcow_url=demo.url, mailcow_api_key="read-key")
    take(app)
    client = app.test_client()
    assert act(client, "delete", 1).status_code == 403
    shown = client.get("/quarantine").text
    assert "/quarantine/confirm" not in shown
    assert "Learn as ham" not in shown
    assert (
        client.post(
            "/quarantine/confirm", data={"csrf_token": token(client, "/quarantine"), "do": "delete"}
        ).status_code
        == 403
    )


def test_three_hundred_items_are_paged(app: Flask, client: FlaskClient) -> None:
    rows = [
        {
            "id": n,
            "qid": f"Q{n}",
            "subject": "s" * 200,
            "score": n / 10,
            "rcpt": "a@b.example",
            "sender": "c@d.example",
            "action": "reject",
            "created": 1_700_000_000 + n,
            "virus_flag": 0,
            "notified": 0,
        }
        for n in range(1, 3001)
    ]
    with app.app_context():
        snapshots.keep(db.session.connection(), "quarantine", rows)
        db.session.commit()
    answer = client.get("/quarantine?page=30")
    assert answer.text.count('id="k-') == 100
    assert len(answer.data) < 500_000
    assert "There is no page 99" in client.get("/quarantine?page=99").text


def test_the_description_names_lists_and_actions(client: FlaskClient) -> None:
    paths = client.get("/api/openapi.json").json["paths"]
    for room in ("queue", "quarantine"):
        assert paths[f"/api/{room}"]["get"]["responses"]["200"]
        assert paths[f"/api/{room}/actions"]["post"]["requestBody"]
        assert {"200", "400", "403"} <= paths[f"/api/{room}/actions"]["post"]["responses"].keys()
