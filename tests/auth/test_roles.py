"""A viewer and a read-only token read everything and change nothing, and see no button that would be
refused."""

import re

import pytest

from tests.auth.test_guard import CREDENTIALS, PASSWORD, basic, routes
from tests.auth.test_login import log_in, token
from tests.auth.test_sessions import VIEWER
from webapp.auth.guard import OWN, SAFE_METHODS
from webapp.auth.tokens import NewToken, make_token
from webapp.tables.db import db
from webapp.web.visitor import Role

EYE = basic("eye", "look at it")
OF_FORM = re.compile(r"<form\b[^>]*\bmethod=\"post\"[^>]*>|\bhx-(?:post|put|delete|patch)=\"([^\"]+)\"")
OPERATORS_ONLY = {"access_pages.show_tokens", "settings_pages.edit"}


@pytest.fixture
def app(make_app):
    return make_app(
        **CREDENTIALS,
        **VIEWER,
        mailcow_url="http://127.0.0.1:1",
        mailcow_api_key="key",
        mailcow_api_key_rw="key",
        dmarc_allow_report_delete=True,
        settings_edit_via_ui_enabled=True,
    )


def bearer(app, role):
    """The header of a new token."""
    with app.app_context():
        made = make_token(db.session(), NewToken("script", role, "admin", None))
        db.session.commit()
    return {"Authorization": f"Bearer {made}"}


def unsafe(app):
    return [one for one in routes(app) if one[1] not in SAFE_METHODS]


def test_every_route_that_changes_something_refuses_a_viewer(app):
    client = app.test_client()
    log_in(client, "look at it", "eye")
    form = {"csrf_token": token(client, "/access/sessions")}
    asked, taken = set(), []
    for endpoint, method, path in unsafe(app):
        if endpoint in OWN:
            continue
        asked.add(endpoint)
        for answer in (
            client.open(path, method=method, data=form),
            client.open(path, method=method, data=form, headers=EYE),
        ):
            if answer.status_code != 403:
                taken.append((endpoint, method, path, answer.status_code))
    assert len(asked) >= 12
    assert taken == []


def test_every_route_of_the_api_that_changes_something_refuses_a_read_only_token(app):
    header, taken = bearer(app, Role.VIEWER), []
    api = [one for one in unsafe(app) if one[2].startswith("/api/")]
    for endpoint, method, path in api:
        answer = app.test_client().open(path, method=method, headers=header)
        if answer.status_code != 403 or answer.get_json() != {"detail": "This account may look, but not act"}:
            taken.append((endpoint, answer.status_code))
    assert len(api) >= 6
    assert taken == []


def test_an_operator_is_not_refused_there(app):
    client, refused = app.test_client(), []
    for endpoint, method, path in unsafe(app):
        if path.startswith("/api/") and "check" not in path:  # a check is waited for
            answer = client.open(path, method=method, headers=basic("admin", PASSWORD), json={})
            if answer.status_code == 403 and "look" in answer.get_data(as_text=True):
                refused.append(endpoint)
    assert refused == []


def test_what_a_viewer_may_send_is_about_their_own_sessions_and_searches_only(app):
    names = {endpoint for endpoint, _, _ in unsafe(app)}
    sessions = {"auth.enter", "auth.logout", "access_pages.end", "access_pages.end_rest"}
    assert names >= OWN == sessions | {"saved_pages.keep_search", "saved_pages.change_search"}


def test_a_viewer_reads_every_page_without_a_button_that_would_be_refused(app):
    client, shown, buttons = app.test_client(), 0, []
    log_in(client, "look at it", "eye")
    for endpoint, method, path in routes(app):
        if method != "GET" or path.startswith(("/api/", "/static")) or endpoint in OPERATORS_ONLY:
            continue
        answer = client.get(path)
        assert answer.status_code != 403, path
        if answer.status_code == 200 and answer.mimetype == "text/html":
            shown += 1
            forms = OF_FORM.finditer(answer.get_data(as_text=True))
            own = re.compile(r'"/(logout|access/sessions/|saved)')
            buttons += [(path, found[0]) for found in forms if not own.search(found[0])]
    assert shown >= 15
    assert buttons == []


def test_an_operator_has_them(app):
    client = app.test_client()
    log_in(client)
    for path in ("/domains", "/blocklists", "/status/jobs", "/dmarc", "/access/tokens"):
        forms = OF_FORM.findall(client.get(path).get_data(as_text=True))
        assert len(forms) >= 2, path


def test_a_viewer_neither_sees_tokens_nor_asks_the_network(app):
    client = app.test_client()
    assert client.get("/access/tokens", headers=EYE).status_code == 403
    assert client.get("/api/status/app-version?force=true", headers=EYE).status_code == 403
    assert client.get("/api/status/app-version", headers=EYE).status_code == 200


def test_an_unknown_path_and_method_are_told_as_such_to_a_viewer(app):
    client = app.test_client()
    assert client.post("/api/nothing", headers=EYE).status_code == 404
    assert client.put("/api/info", headers=EYE).status_code == 405


def test_what_is_done_is_put_down_to_who_did_it(app):
    answer = app.test_client().get("/api/health", headers=EYE)
    assert answer.get_json()["config"]["auth_enabled"] is True
    client = app.test_client()
    log_in(client, "look at it", "eye")
    assert "eye</b>, who may look and not act" in client.get("/settings").get_data(as_text=True)
