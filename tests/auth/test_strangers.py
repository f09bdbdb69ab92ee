"""Who has not signed in sees a bare page, whatever goes wrong, and no header moves the application."""

import pytest

from tests.auth.test_guard import CREDENTIALS, PASSWORD, basic
from webapp.app import OPEN_TO_ALL
from webapp.standalone import gunicorn_config

INSIDE = ("/messages", "mail.inside.example", 'class="side"', "/api/docs", "hx-ext")
ASKED = [
    ("GET", "/static/nothing.css"),
    ("GET", "/static/../../etc/passwd"),
    ("POST", "/static/app.css"),
    ("POST", "/login"),
    ("POST", "/logout"),
    ("POST", "/queue/actions"),
    ("PUT", "/messages"),
    ("DELETE", "/nothing"),
    ("GET", "/login/oidc"),
    ("GET", "/login/oidc/callback"),
]


@pytest.fixture
def app(make_app):
    return make_app(**CREDENTIALS, mailcow_url="https://mail.inside.example", mailcow_api_key="key")


@pytest.mark.parametrize(("method", "path"), ASKED)
def test_a_strangers_error_tells_nothing_of_the_inside(app, method, path):
    answer = app.test_client().open(path, method=method)
    html = answer.get_data(as_text=True)
    assert answer.status_code in (302, 400, 404, 405)
    if answer.status_code != 302:
        assert "<title>" in html
    assert [word for word in INSIDE if word in html] == []


def test_who_has_signed_in_keeps_the_frame(app):
    html = app.test_client().get("/messages/none", headers=basic("admin", PASSWORD)).get_data(as_text=True)
    assert [word for word in INSIDE if word in html] != []


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[::1", "[", "null", "", "http://localhost@evil.example"]
)
@pytest.mark.parametrize("path", ["/login", "/api/queue/actions"])
def test_an_odd_origin_is_foreign(app, path, origin):
    answer = app.test_client().post(path, headers={"Origin": origin, **basic("admin", PASSWORD)})
    foreign = "The request comes from another site" in answer.get_data(as_text=True)
    assert (answer.status_code == 403 and foreign) is bool(origin)


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-Prefix": "//evil.example"},
        {"X-Forwarded-Prefix": "/prefix"},
        {"Script-Name": "//evil.example"},
        {"X-Script-Name": "/prefix"},
        {"X-Forwarded-Host": "evil.example/path?"},
        {"X-Forwarded-Host": "a b"},
        {"X-Forwarded-Proto": "javascript"},
    ],
)
def test_no_header_moves_the_application(app, header):
    for environ in ({}, {"SCRIPT_NAME": "//evil.example"}):
        answer = app.test_client().get("/messages", headers=header, environ_overrides=environ)
        assert answer.location == "/login?next=/messages"


def test_gunicorn_leaves_such_headers_to_the_application():
    assert gunicorn_config.forwarder_headers == ""
    assert gunicorn_config.secure_scheme_headers == {}


def test_an_odd_address_of_the_page_does_no_harm(app):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[", **basic("admin", PASSWORD)}
    assert app.test_client().get("/domains/progress", headers=headers).status_code == 200


def test_open_to_all_is_told_on_every_page_and_in_the_log(make_app, caplog):
    words = "Anyone who reaches this port"
    assert words in make_app().test_client().get("/settings").get_data(as_text=True)
    assert OPEN_TO_ALL in caplog.text
    caplog.clear()
    for fields in ({"app_host": "127.0.0.1"}, {"demo_mode": True}, CREDENTIALS):
        page = make_app(**fields).test_client().get("/settings", headers=basic("admin", PASSWORD))
        assert page.status_code == 200
        assert words not in page.get_data(as_text=True)
    assert OPEN_TO_ALL not in caplog.text
