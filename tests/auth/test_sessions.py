"""Sessions live on the server: it ends them at the logout, by hand, and when nobody does anything."""

import re
from datetime import timedelta

import pytest

from tests.auth.test_guard import CREDENTIALS, PASSWORD, basic
from tests.auth.test_login import log_in, token
from webapp.tables.access import LoginSession
from webapp.tables.db import db, now

VIEWER = {"auth_viewer_username": "eye", "auth_viewer_password": "look at it"}


@pytest.fixture
def app(make_app):
    return make_app(**CREDENTIALS, **VIEWER)


@pytest.fixture
def client(app):
    return app.test_client()


def cookie(client):
    return client.get_cookie("mlv_session").value


def opens(app, value):
    """Whether this cookie opens the API."""
    other = app.test_client()
    other.set_cookie("mlv_session", value)
    return other.get("/api/info").status_code == 200


def age(app, **spans):
    """Make all sessions older."""
    with app.app_context():
        for found in db.session.query(LoginSession):
            for name, span in spans.items():
                setattr(found, name, now() - span)
        db.session.commit()


def seen_at(app):
    with app.app_context():
        return db.session.query(LoginSession.seen_at).scalar()


def test_a_copied_cookie_opens_nothing_after_the_logout(app, client):
    log_in(client)
    copied = cookie(client)
    assert opens(app, copied)
    client.post("/logout", data={"csrf_token": token(client, "/access/sessions")})
    assert not opens(app, copied)


def test_a_new_login_ends_the_session_that_the_browser_had(app, client):
    log_in(client)
    copied = cookie(client)
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token(client, "/access/sessions")}
    client.post("/login", data=form)
    assert not opens(app, copied)
    assert opens(app, cookie(client))


def test_the_database_does_not_hold_what_opens(app, client):
    log_in(client)
    with app.app_context():
        row = db.session.query(LoginSession).one()
        assert re.fullmatch("[0-9a-f]{64}", row.digest)
    assert row.digest not in cookie(client)


def test_nobody_doing_anything_ends_a_session(app, client):
    log_in(client)
    age(app, seen_at=timedelta(hours=23))
    assert opens(app, cookie(client))
    age(app, seen_at=timedelta(hours=25))
    assert not opens(app, cookie(client))


def test_a_session_does_not_last_forever(app, client):
    log_in(client)
    age(app, created_at=timedelta(days=31), seen_at=timedelta(0))
    assert not opens(app, cookie(client))


def test_what_a_page_asks_by_itself_does_not_prolong_a_session(app, client):
    log_in(client)
    age(app, seen_at=timedelta(hours=3))
    before = seen_at(app)
    client.get("/messages/news?since=0_0", headers={"HX-Request": "true", "X-Background": "1"})
    assert seen_at(app) == before
    client.get("/messages")
    assert seen_at(app) > before


def test_the_cookie_is_not_renewed_by_every_request(client):
    log_in(client)
    client.get("/access/sessions")
    assert "Set-Cookie" not in client.get("/access/sessions").headers


def test_sessions_are_listed_and_ended(app, client):
    log_in(client, headers={"User-Agent": "Browser <b>one</b>"})
    other = app.test_client()
    log_in(other, headers={"User-Agent": "Browser two"})
    html = client.get("/access/sessions").get_data(as_text=True)
    assert "Browser &lt;b&gt;one&lt;/b&gt;" in html
    assert "Browser two" in html
    assert html.count(">this one<") == 1
    number = re.search(r"/access/sessions/(\d+)/end", html)[1]
    answer = client.post(
        f"/access/sessions/{number}/end", data={"csrf_token": token(client, "/access/sessions")}
    )
    assert answer.status_code == 303
    assert other.get("/api/info").status_code == 401
    assert client.get("/api/info").status_code == 200


def test_all_others_can_be_ended_at_once(app, client):
    log_in(client)
    others = [app.test_client() for _ in range(3)]
    for other in others:
        log_in(other)
    eye = app.test_client()
    log_in(eye, "look at it", "eye")
    client.post("/access/sessions/end-others", data={"csrf_token": token(client, "/access/sessions")})
    assert [one.get("/api/info").status_code for one in [*others, eye, client]] == [401, 401, 401, 200, 200]


def test_a_viewer_sees_and_ends_only_sessions_of_their_own(app, client):
    log_in(client, headers={"User-Agent": "The operator's"})
    eye = app.test_client()
    log_in(eye, "look at it", "eye", headers={"User-Agent": "The viewer's"})
    html = eye.get("/access/sessions").get_data(as_text=True)
    assert "The viewer&#39;s" in html
    assert "The operator&#39;s" not in html
    with app.app_context():
        number = db.session.query(LoginSession.id).filter_by(username="admin").scalar()
    form = {"csrf_token": token(eye, "/access/sessions")}
    assert eye.post(f"/access/sessions/{number}/end", data=form).status_code == 404
    assert client.get("/api/info").status_code == 200


def test_a_changed_password_ends_the_sessions_of_its_account_only(app, client, make_app):
    log_in(client)
    eye = app.test_client()
    log_in(eye, "look at it", "eye")
    changed = make_app(**{**CREDENTIALS, "auth_password": "new"}, **VIEWER)
    assert not opens(changed, cookie(client))
    assert opens(changed, cookie(eye))


def test_the_page_is_there_without_a_login_and_with_basic(make_app):
    assert "Nobody signs in here" in make_app().test_client().get("/access/sessions").get_data(as_text=True)
    app = make_app(**CREDENTIALS)
    html = app.test_client().get("/access/sessions", headers=basic("admin", PASSWORD)).get_data(as_text=True)
    assert "No browser is signed in" in html


def test_without_the_database_nobody_is_let_in_and_the_login_page_stays(make_app, client):
    log_in(client)
    away = make_app(**CREDENTIALS, database_url="postgresql://nobody@127.0.0.1:1/none").test_client()
    away.set_cookie("mlv_session", cookie(client))
    assert away.get("/login").status_code == 200
    assert away.get("/api/health").status_code == away.get("/messages").status_code == 503
