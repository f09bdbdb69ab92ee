"""A token opens the API and no page, is shown once, and opens nothing after it was revoked or has expired."""

import re
from datetime import timedelta

import pytest

from tests.auth.test_guard import CREDENTIALS, PASSWORD, basic
from tests.auth.test_login import log_in, token
from webapp.tables.access import ApiToken
from webapp.tables.db import db, now


@pytest.fixture
def app(make_app):
    return make_app(**CREDENTIALS)


@pytest.fixture
def client(app):
    made = app.test_client()
    log_in(made)
    return made


def make(client, **form):
    """The answer to the form for a new token."""
    data = {"name": "Nightly", "role": "viewer", "days": "90", **form}
    return client.post("/access/tokens", data={**data, "csrf_token": token(client, "/access/tokens")})


def made(client, **form):
    return re.search(r"<code>(mlv_[\w-]{43})</code>", make(client, **form).get_data(as_text=True))[1]


def ask(app, given, path="/api/info", **more):
    return app.test_client().open(path, headers={"Authorization": f"Bearer {given}"}, **more)


def test_a_token_is_shown_once_and_only_its_digest_is_kept(app, client):
    given = made(client)
    assert ask(app, given).status_code == 200
    html = client.get("/access/tokens").get_data(as_text=True)
    assert given not in html
    assert given[:10] in html
    with app.app_context():
        kept = db.session.query(ApiToken).one()
        values = [str(getattr(kept, column.name)) for column in ApiToken.__table__.columns]
    assert not any(given in value for value in values)


def test_a_token_opens_no_page(app, client):
    given = made(client, role="operator")
    assert ask(app, given, "/messages").location.startswith("/login")
    assert ask(app, given, "/access/tokens").location.startswith("/login")
    assert ask(app, given, "/api/docs").status_code == 200


def test_a_token_with_actions_acts_and_another_does_not(app, client):
    for role, code in (("operator", 404), ("viewer", 403)):
        given = made(client, role=role)
        assert ask(app, given, "/api/domains/none.example/check-dns", method="POST").status_code == code


def test_a_revoked_token_opens_nothing(app, client):
    given = made(client)
    number = re.search(r"/access/tokens/(\d+)/revoke", client.get("/access/tokens").get_data(as_text=True))[1]
    form = {"csrf_token": token(client, "/access/tokens")}
    assert client.post(f"/access/tokens/{number}/revoke", data=form).status_code == 303
    assert ask(app, given).status_code == 401
    assert client.post(f"/access/tokens/{number}/revoke", data=form).status_code == 404
    trail = client.get("/access/tokens").get_data(as_text=True)
    assert trail.count("Token revoked") == trail.count("Token made") == 1


def test_an_expired_token_opens_nothing(app, client):
    given = made(client, days="30")
    with app.app_context():
        db.session.query(ApiToken).update({"expires_at": now() - timedelta(seconds=1)})
        db.session.commit()
    assert ask(app, given).status_code == 401


def test_the_last_use_is_noted(app, client):
    given = made(client)
    assert "never" in client.get("/access/tokens").get_data(as_text=True)
    ask(app, given, environ_base={"REMOTE_ADDR": "203.0.113.9"})
    html = client.get("/access/tokens").get_data(as_text=True)
    assert "203.0.113.9" in html
    assert ">never<" not in html


@pytest.mark.parametrize(
    "given", ["", "x", "mlv_", "mlv_" + "A" * 43, "mlv_é", "A" * 9000, "mlv_\\x00", "a b"]
)
def test_anything_else_is_no_token(app, given):
    assert ask(app, given).status_code == 401


@pytest.mark.parametrize(
    "form",
    [{"name": ""}, {"name": "a\nb"}, {"name": "a\0b"}, {"name": "x" * 81}, {"role": "root"}, {"days": "7"}],
)
def test_a_bad_form_makes_no_token(app, client, form):
    assert make(client, **form).status_code == 400
    with app.app_context():
        assert db.session.query(ApiToken).count() == 0


def test_a_name_is_shown_as_text(client):
    html = make(client, name="<b>x</b>").get_data(as_text=True)
    assert "&lt;b&gt;x&lt;/b&gt;" in html
    assert "<b>x</b>" not in html


def test_basic_goes_on_beside_tokens(app):
    assert app.test_client().get("/api/info", headers=basic("admin", PASSWORD)).status_code == 200
