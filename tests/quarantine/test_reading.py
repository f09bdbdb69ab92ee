"""Reading a message of the quarantine before it is released: asked of mailcow on opening, on record."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from tests.mailqueue.conftest import KEYS
from tests.quarantine.test_quarantine import take
from webapp.demo.server import DemoServer
from webapp.mailcow import audit
from webapp.tables.db import db


def trail(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(entry.action, entry.outcome) for entry in audit.recent(db.session(), "quarantine:")]


def test_it_is_opened_from_its_row_read_as_text_and_on_record(
    app: Flask, client: FlaskClient, demo: DemoServer
) -> None:
    take(app)
    number = next(one for one in demo.state.quarantine if one % 3 == 1)
    assert f'class="row-link cut" href="/quarantine/{number}"' in client.get("/quarantine?limit=500").text
    shown = client.get(f"/quarantine/{number}")
    assert shown.status_code == 200
    assert f"Sign in now [https://login.account-check.example/verify?id={number}]" in shown.text
    assert "account-check.example" not in re.sub("<pre.*?</pre>", "", shown.text, flags=re.DOTALL)
    assert 'value="learn_ham"' in shown.text
    assert trail(app) == [("quarantine:read", "done")]
    page = client.get("/quarantine").text
    assert "<td>Read</td>" in page


def test_what_is_gone_and_what_cannot_be_had_is_told(
    app: Flask, client: FlaskClient, demo: DemoServer
) -> None:
    take(app)
    number = next(iter(demo.state.quarantine))
    gone = client.get("/quarantine/999999")
    assert (gone.status_code, "It has left the quarantine" in gone.text) == (404, True)
    demo.break_down("500")
    failed = client.get(f"/quarantine/{number}")
    assert failed.status_code == 200
    assert "The mail could not be had: mailcow answered with error 500" in failed.text
    assert "Try again" in failed.text
    assert 'value="release"' in failed.text
    assert trail(app) == []


def test_who_may_only_look_reads_no_mail(make_app: Callable[..., Flask], demo: DemoServer) -> None:
    people = {"auth_enabled": True, "auth_username": "ada", "auth_password": "secret"}
    viewer = {"auth_viewer_username": "vic", "auth_viewer_password": "looking"}
    app = make_app(mailcow_url=demo.url, **KEYS, **people, **viewer)
    take(app)
    number = next(iter(demo.state.quarantine))
    shown = app.test_client().get(f"/quarantine/{number}", auth=("vic", "looking"))
    assert "shown to those only who may act on it" in shown.text
    assert "<pre" not in shown.text
    assert "<button" not in shown.text.partition('id="content"')[2]
    assert trail(app) == []
    assert "<pre" in app.test_client().get(f"/quarantine/{number}", auth=("ada", "secret")).text
