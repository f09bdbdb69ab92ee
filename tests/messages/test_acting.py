"""Acting on a message from its page, where mailcow has it: in the queue, in the quarantine."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.mailqueue.conftest import KEYS, demo, make_demo, token  # noqa: F401
from webapp.demo.server import DemoServer
from webapp.ingest import collect
from webapp.mailcow import audit, live
from webapp.mailcow.connection import mailcow
from webapp.tables.db import db


@pytest.fixture
def acting(make_app: Callable[..., Flask], make_demo: Callable[..., DemoServer]) -> Any:  # noqa: F811
    """(application, demo) that has read the logs and both lists."""
    demo = make_demo(history=0.5)  # noqa: F811
    app = make_app(mailcow_url=demo.url, **KEYS)
    read(app)
    return app, demo


def read(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    with app.app_context():
        for _ in collect.fetch_logs(db.session(), mailcow(settings), settings, collect.Progress()):
            db.session.commit()
        for source in (live.QUEUE, live.QUARANTINE):
            live.take(source, db.session.connection(), mailcow(settings))
        db.session.commit()


def page_of(client: Any, queue_id: str) -> str:
    found = client.get("/api/messages", query_string={"search": f"id:{queue_id}"}).json["data"]
    return f"/messages/{found[0]['correlation_key']}"


def form_of(page: str, list_path: str) -> str:
    found = re.search(rf'<form class="standing"[^>]*action="{list_path}/confirm".*?</form>', page, re.DOTALL)
    return found[0] if found else ""


def test_a_message_in_the_queue_is_put_on_hold_from_its_page(acting: Any) -> None:
    app, demo = acting  # noqa: F811
    client, queue_id = app.test_client(), next(iter(demo.state.queue))
    place = page_of(client, queue_id)
    form = form_of(client.get(place).text, "/queue")
    assert re.findall(r'name="do" value="(\w+)"', form) == ["deliver", "hold", "delete"]
    sent = {"csrf_token": token(client, place), "do": "hold", "ids": queue_id, "place": place}
    asked = client.post("/queue/confirm", data=sent).text
    assert "Put 1 message on hold?" in asked
    assert f'name="place" value="{place}"' in asked
    assert f'href="{place}"' in asked
    done = client.post("/queue/actions", data=sent)
    assert re.fullmatch(rf"{place}\?result=[\w-]+#result", done.location)
    shown = client.get(done.location).text
    assert "1 message put on hold" in shown
    assert shown.index('id="result"') < shown.index('id="message"')
    assert re.findall(r'name="do" value="(\w+)"', form_of(shown, "/queue")) == ["unhold", "delete"]
    assert demo.state.queue[queue_id].queue == "hold"
    with app.app_context():
        assert [entry.action for entry in audit.recent(db.session(), "queue:")] == ["queue:hold"]
    for foreign in (
        "https://evil.example/",
        "//evil.example",
        "/messages/../logout",
        place + "\n",
        "/messages/g",
    ):
        assert client.post("/queue/actions", data={**sent, "place": foreign}).location.startswith("/queue?")
    settings = app.config["SETTINGS"].model_copy(update={"mailcow_api_key_rw": ""})
    app.config["SETTINGS"] = settings
    form = form_of(client.get(place).text, "/queue")
    assert "On hold in the queue" in form
    assert "<button" not in form


def test_a_message_in_the_quarantine_is_released_and_told_what_that_excludes(acting: Any) -> None:
    app, demo = acting  # noqa: F811
    kept = next(item for item in demo.state.quarantine.values() if item.row["action"] == "add header")
    client, queue_id = app.test_client(), kept.mail.queue_id
    ids = [str(one.number) for one in demo.state.quarantine.values() if one.mail.queue_id == queue_id]
    place = page_of(client, queue_id)
    form = form_of(client.get(place).text, "/quarantine")
    assert "In the quarantine" in form
    assert re.findall(r'name="do" value="(\w+)"', form) == ["release", "learn_ham", "learn_spam", "delete"]
    sent = {"csrf_token": token(client, place), "ids": " ".join(ids), "place": place}
    ham = client.post("/quarantine/confirm", data={**sent, "do": "learn_ham"}).text
    assert "leaves the quarantine undelivered and cannot be released any more" in ham
    assert "What lies in the Junk folder stays there." in ham
    assert (
        "delivered a second time" in client.post("/quarantine/confirm", data={**sent, "do": "release"}).text
    )
    done = client.post("/quarantine/actions", data={**sent, "do": "release"})
    assert done.location.startswith(place + "?result=")
    assert form_of(client.get(done.location).text, "/quarantine") == ""
    assert not {one.number for one in demo.state.quarantine.values()} & set(map(int, ids))
