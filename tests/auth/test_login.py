"""The login page opens a session, sends nobody to another site, and a changed password ends every session."""

import re

import pytest

from tests.auth.test_guard import CREDENTIALS, PASSWORD


@pytest.fixture
def app(make_app):
    return make_app(**CREDENTIALS, session_secret_key="k" * 40)


@pytest.fixture
def client(app):
    return app.test_client()


def token(client, path="/login"):
    return re.search(
        r'name="csrf[-_]token"[^>]*?(?:content|value)="([^"]+)"', client.get(path).get_data(as_text=True)
    )[1]


def log_in(client, password=PASSWORD, username="admin", target="", **environ):
    form = {"username": username, "password": password, "next": target, "csrf_token": token(client)}
    return client.post("/login", data=form, **environ)


def test_who_is_not_in_is_sent_to_the_login_page_and_back(client):
    answer = client.get("/messages?status=bounced&page=2")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/messages?status%3Dbounced%26page%3D2"
    assert (
        log_in(client, target="/messages?status=bounced&page=2").location == "/messages?status=bounced&page=2"
    )
    assert client.get("/messages?status=bounced&page=2").status_code == 200


def test_a_fragment_is_told_to_load_the_login_page(client):
    answer = client.get("/messages", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_the_session_opens_pages_and_the_api(client):
    log_in(client)
    assert client.get("/messages").status_code == 200
    assert client.get("/api/messages").status_code == 200


def test_a_wrong_password_opens_nothing_and_does_not_tell_which_part_was_wrong(client):
    wrong_name, wrong_password = log_in(client, username="nobody"), log_in(client, password="wrong")
    assert wrong_name.status_code == wrong_password.status_code == 401
    assert "Wrong user name or password." in wrong_name.get_data(as_text=True)
    assert "Wrong user name or password." in wrong_password.get_data(as_text=True)
    assert client.get("/api/messages").status_code == 401


def test_after_the_logout_all_is_closed(client):
    log_in(client)
    answer = client.post("/logout", data={"csrf_token": token(client, "/messages")})
    assert answer.location == "/login"
    assert client.get("/api/messages").status_code == 401


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
        "\t//evil.example",
        " //evil.example",
        "///evil.example",
        "/%0a/evil.example",
        "http:evil.example",
    ],
)
def test_nobody_is_sent_to_another_site(client, target):
    for answer in (log_in(client, target=target), client.get("/login", query_string={"next": target})):
        assert answer.status_code == 302
        seen_by_browser = re.sub(r"[\t\r\n]", "", answer.location).replace("\\", "/")
        assert seen_by_browser.startswith("/")
        assert not seen_by_browser.startswith("//")
        assert len(answer.headers.getlist("Location")) == 1


@pytest.mark.parametrize(
    "target",
    [
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r\nLocation: //evil.example",
        "\0//evil.example",
        "/\1/evil.example",
    ],
)
def test_a_target_with_control_characters_is_refused(client, target):
    assert client.get("/login", query_string={"next": target}).status_code == 400


def test_a_form_without_the_token_is_refused(client):
    answer = client.post("/login", data={"username": "admin", "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/api/messages").status_code == 401


def test_a_logout_without_the_token_is_refused(client):
    log_in(client)
    assert client.post("/logout").status_code == 400
    assert client.get("/api/messages").status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:81"},
    ],
)
@pytest.mark.parametrize("path", ["/login", "/logout", "/api/messages"])
def test_another_site_may_not_make_changes(client, path, header):
    assert client.post(path, headers=header).status_code == 403


def test_our_own_origin_may(client):
    form = {"username": "admin", "password": PASSWORD, "csrf_token": token(client)}
    answer = client.post(
        "/login", data=form, headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 302


def test_a_changed_password_or_key_ends_the_session(client, make_app):
    log_in(client)
    cookie = client.get_cookie("mlv_session").value
    for changed in ({"auth_password": "new"}, {"session_secret_key": "other" * 9}, {"auth_username": "root"}):
        other = make_app(**{**CREDENTIALS, "session_secret_key": "k" * 40, **changed}).test_client()
        other.set_cookie("mlv_session", cookie)
        assert other.get("/api/messages").status_code == 401


def test_a_forged_cookie_opens_nothing(client):
    for value in ("x", "eyJ1c2VyIjoiYWRtaW4ifQ.x.y", ""):
        client.set_cookie("mlv_session", value)
        assert client.get("/api/messages").status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = log_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_tls_the_cookie_is_marked_secure(client):
    cookie = log_in(client, headers={"X-Forwarded-Proto": "https"}).headers["Set-Cookie"]
    assert "Secure" in cookie


def test_failures_at_the_form_are_limited_too(client):
    csrf = token(client)
    for _ in range(10):
        client.post("/login", data={"username": "admin", "password": "wrong", "csrf_token": csrf})
    assert (
        client.post(
            "/login", data={"username": "admin", "password": PASSWORD, "csrf_token": csrf}
        ).status_code
        == 429
    )


def test_the_key_of_sessions_is_made_once_and_readable_only_by_us(make_app, tmp_path):
    first, second = make_app(), make_app()
    assert first.config["SECRET_KEY"] == second.config["SECRET_KEY"]
    assert len(first.config["SECRET_KEY"]) > 40
    assert (tmp_path / "data" / "session.key").stat().st_mode & 0o777 == 0o600
