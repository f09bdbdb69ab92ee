"""Every route is closed unless it is public; whoever knows the password comes in by Basic or by a session."""

import base64
import re

import pytest

from webapp.auth.guard import PUBLIC
from webapp.config import ConfigurationError, load_settings

PASSWORD = "correct horse"
CREDENTIALS = {"auth_enabled": True, "auth_password": PASSWORD}


def basic(username, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


@pytest.fixture
def closed(make_app):
    return make_app(**CREDENTIALS)


@pytest.fixture
def client(closed):
    return closed.test_client()


def _filled(part):
    """What stands in a path for one of its parts."""
    return part[2] or ("7" if part[1] == "int" else "x")


def routes(app):
    """(endpoint, method, a path) of every rule."""
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:(\w+)(?:\((\w+)[^)]*\))?:)?\w+>", _filled, rule.rule)
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, path


def test_only_what_is_listed_is_public():
    login = {"auth.login", "auth.enter", "auth.logout", "auth.sign_in", "auth.come_back"}
    assert {"static", "status_api.health"} | login == PUBLIC


def test_every_other_route_is_closed_to_strangers(closed):
    asked, open_routes = 0, []
    for endpoint, method, path in routes(closed):
        if endpoint in PUBLIC or endpoint.startswith("metrics"):
            continue
        asked += 1
        answer = closed.test_client().open(path, method=method)
        if path.startswith("/api/") and path != "/api/docs":
            shut = answer.status_code == 401 and answer.get_json() == {"detail": "Authentication required"}
        else:
            shut = (
                answer.status_code == 400
                if method == "POST"
                else answer.location is not None and answer.location.startswith("/login")
            )
        if not shut:
            open_routes.append((endpoint, method, path, answer.status_code))
    assert asked > 10
    assert open_routes == []


def test_no_wrong_way_to_write_a_path_opens_it(client):
    for path in (
        "/api/messages/",
        "//api/messages",
        "/api/%6dessages",
        "/API/messages",
        "/api/messages;x",
        "/static/../api/messages",
        "/api/../api/info",
        "/static/%2e%2e/config.py",
        "/login/../api/info",
    ):
        answer = client.get(path)
        assert answer.status_code in (301, 302, 308, 401, 404), path
        assert b"correlation_key" not in answer.data


def test_the_api_does_not_make_browsers_ask_for_a_password(client):
    assert "WWW-Authenticate" not in client.get("/api/messages").headers


def test_with_the_password_the_api_answers(client):
    assert client.get("/api/messages", headers=basic("admin", PASSWORD)).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("admin", "wrong"),
        ("other", PASSWORD),
        ("", PASSWORD),
        ("admin", ""),
        ("ADMIN", PASSWORD),
        ("admin", PASSWORD + " "),
        ("ädmin", "ü"),
        ("admin", "x" * 100_000),
    ],
)
def test_with_anything_else_it_does_not(client, username, password):
    assert client.get("/api/messages", headers=basic(username, password)).status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic YWRtaW4=",
        "Bearer x",
        "basic",
        "Basic " + "A" * 5000,
        "Digest username=admin",
    ],
)
def test_a_broken_header_is_no_login(client, header):
    assert client.get("/api/messages", headers={"Authorization": header}).status_code == 401


def test_a_password_with_a_colon_and_other_letters_works(make_app):
    client = make_app(auth_enabled=True, auth_username="über", auth_password="a:b:ß").test_client()
    assert client.get("/api/messages", headers=basic("über", "a:b:ß")).status_code == 200


def test_without_authentication_all_is_open(make_app):
    assert make_app().test_client().get("/api/messages").status_code == 200


def test_authentication_without_a_password_stops_the_start():
    with pytest.raises(ConfigurationError, match="AUTH_PASSWORD must be set when AUTH_ENABLED=true"):
        load_settings(_env_file=None, auth_enabled=True)


def test_ten_failures_shut_an_address_out_and_no_other(client):
    for _ in range(10):
        assert client.get("/api/messages", headers=basic("admin", "wrong")).status_code == 401
    shut = client.get("/api/messages", headers=basic("admin", PASSWORD))
    assert shut.status_code == 429
    assert "Too many failed logins" in shut.get_json()["detail"]
    elsewhere = {"REMOTE_ADDR": "198.51.100.9"}
    assert (
        client.get("/api/messages", headers=basic("admin", PASSWORD), environ_base=elsewhere).status_code
        == 200
    )


def test_right_logins_do_not_count(client):
    for _ in range(15):
        assert client.get("/api/messages", headers=basic("admin", PASSWORD)).status_code == 200


def test_public_routes_stay_open_to_an_address_that_is_shut_out(client):
    for _ in range(11):
        client.get("/api/messages", headers=basic("admin", "wrong"))
    assert client.get("/api/health").status_code == 200
