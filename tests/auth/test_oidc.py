"""Signing in through a provider: bound to the browser, used once, and only for whom the rules name."""

import time
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.auth import provider as fake
from tests.auth.test_guard import CREDENTIALS
from webapp.auth.oidc import people
from webapp.config import load_settings
from webapp.tables.access import LoginSession
from webapp.tables.db import db
from webapp.web.visitor import Role


@pytest.fixture
def provider():
    with fake.running() as running:
        yield running


@pytest.fixture
def app(make_app, provider):
    return make_app(
        auth_enabled=True,
        oidc_issuer=provider.issuer,
        oidc_client_id=fake.CLIENT,
        oidc_client_secret=fake.SECRET,
        oidc_operator_users="anna@example.org, u-7",
        oidc_viewer_groups="Mail Readers",
    )


def begin(client, target="/messages"):
    """The provider's address that the browser is sent to."""
    return client.get("/login/oidc", query_string={"next": target}).location


def sign_in(client, provider):
    return client.get(f"/login/oidc/callback?{provider.authorise(begin(client))}")


def is_in(client):
    return client.get("/api/info").status_code == 200


def test_who_is_named_comes_in_and_goes_where_they_wanted(app, provider):
    client = app.test_client()
    answer = sign_in(client, provider)
    assert (answer.status_code, answer.location) == (302, "/messages")
    assert is_in(client)
    with app.app_context():
        row = db.session.query(LoginSession).one()
    assert (row.username, row.role, row.method) == ("anna@example.org", "operator", "single sign-on")


def test_the_provider_is_asked_only_when_somebody_signs_in(app, provider):
    client = app.test_client()
    client.get("/login")
    client.get("/messages")
    assert provider.asked == []
    sign_in(client, provider)
    for _ in range(3):
        client.get("/messages")
    sign_in(app.test_client(), provider)
    asked = ["/.well-known/openid-configuration", "/token", "/keys", "/token"]
    assert provider.asked == asked


def test_the_button_is_there_and_the_form_only_with_a_password(app, make_app, provider):
    html = app.test_client().get("/login?next=/queue").get_data(as_text=True)
    assert 'href="/login/oidc?next=%2Fqueue"' in html
    assert 'type="password"' not in html
    assert "/login/oidc" not in make_app(**CREDENTIALS).test_client().get("/login").get_data(as_text=True)


def expired(claims):
    return {**claims, "exp": int(time.time()) - 120}


@pytest.mark.parametrize(
    "lie",
    [
        lambda claims: {**claims, "nonce": "another"},
        lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
        lambda claims: {**claims, "aud": "another client"},
        lambda claims: {**claims, "aud": [fake.CLIENT, "another"]},
        lambda claims: {**claims, "azp": "another client"},
        lambda claims: {**claims, "iss": "https://evil.example"},
        lambda claims: {**claims, "sub": ""},
        lambda claims: {**claims, "sub": 7},
        lambda claims: {**claims, "iat": int(time.time()) + 3600},
        expired,
    ],
    ids=[
        "nonce",
        "no nonce",
        "audience",
        "two audiences",
        "party",
        "issuer",
        "nobody",
        "odd",
        "future",
        "past",
    ],
)
def test_a_token_that_does_not_fit_lets_nobody_in(app, provider, lie):
    provider.lie, client = lie, app.test_client()
    assert sign_in(client, provider).status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize(
    "sign",
    [
        fake.unsigned,
        lambda claims: fake.signed(claims, fake.OTHER_KEY),
        lambda claims: fake.signed(claims)[:-4] + "AAAA",
        lambda _: "not.a.token",
        lambda _: "",
    ],
    ids=["none", "foreign key", "changed", "nonsense", "empty"],
)
def test_a_token_that_is_not_signed_by_the_provider_lets_nobody_in(app, provider, sign):
    provider.sign, client = sign, app.test_client()
    assert sign_in(client, provider).status_code == 403
    assert not is_in(client)


def test_another_browser_cannot_finish_a_sign_in(app, provider):
    query = provider.authorise(begin(app.test_client()))
    stranger = app.test_client()
    assert stranger.get(f"/login/oidc/callback?{query}").status_code == 403
    begin(stranger)  # has a cookie of its own, with another state
    assert stranger.get(f"/login/oidc/callback?{query}").status_code == 403
    assert "/token" not in provider.asked


def test_a_sign_in_is_used_once(app, provider):
    client = app.test_client()
    query = provider.authorise(begin(client))
    kept = client.get_cookie("mlv_sign_in", path="/login").value
    assert client.get(f"/login/oidc/callback?{query}").status_code == 302
    again = app.test_client()
    again.set_cookie("mlv_sign_in", kept, path="/login")
    assert again.get(f"/login/oidc/callback?{query}").status_code == 403
    assert not is_in(again)


def test_a_sign_in_expires_after_ten_minutes(app, provider, monkeypatch):
    client = app.test_client()
    query = provider.authorise(begin(client))
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 601)
    assert client.get(f"/login/oidc/callback?{query}").status_code == 403
    assert "/token" not in provider.asked


def test_another_providers_answer_is_refused(app, provider):
    client = app.test_client()
    query = provider.authorise(begin(client))
    assert client.get(f"/login/oidc/callback?{query}&iss=https://evil.example").status_code == 403


def test_a_refusal_by_the_provider_is_told(app, provider):
    client = app.test_client()
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    answer = client.get(f"/login/oidc/callback?error=access_denied&state={state}")
    assert answer.status_code == 403
    assert "did not sign you in" in answer.get_data(as_text=True)


def test_the_cookie_of_a_sign_in_is_out_of_reach(app):
    header = app.test_client().get("/login/oidc").headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/login" in header
    assert "Max-Age=600" in header


@pytest.mark.parametrize(
    "person",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "ben@example.org"},
        {"email": None},
        {"email": "ben@example.org", "groups": ["mail readers"]},
        {"email": "ben@example.org", "groups": "Everyone"},
        {"email": "ben@example.org", "preferred_username": "anna@example.org"},
    ],
)
def test_an_account_that_is_not_named_does_not_come_in(app, provider, person):
    provider.person |= person
    client = app.test_client()
    answer = sign_in(client, provider)
    assert answer.status_code == 403
    assert "ask the administrator" in answer.get_data(as_text=True)
    assert not is_in(client)


@pytest.mark.parametrize(
    ("person", "role"),
    [
        ({"email": "Anna@Example.ORG"}, "operator"),
        ({"sub": "u-7", "email": "ben@example.org"}, "operator"),
        ({"email": "ben@example.org", "groups": ["x", "Mail Readers"]}, "viewer"),
        ({"groups": ["Mail Readers"]}, "operator"),
    ],
)
def test_users_and_groups_give_the_role(app, provider, person, role):
    provider.person |= person
    assert sign_in(app.test_client(), provider).status_code == 302
    with app.app_context():
        assert db.session.query(LoginSession.role).scalar() == role


def test_groups_that_only_userinfo_tells_are_asked_for(app, provider):
    provider.person = {"sub": "u-2"}
    provider.told = {"sub": "u-2", "groups": ["Mail Readers"]}
    client = app.test_client()
    assert sign_in(client, provider).status_code == 302
    assert is_in(client)


def test_userinfo_of_someone_else_lets_nobody_in(app, provider):
    provider.person = {"sub": "u-2"}
    provider.told = {"sub": "u-3", "groups": ["Mail Readers"]}
    assert sign_in(app.test_client(), provider).status_code == 403


def test_changed_rules_end_the_sessions_that_came_in_by_them(app, provider, make_app):
    client = app.test_client()
    sign_in(client, provider)
    config = app.config["SETTINGS"]
    same = {name: getattr(config, name) for name in type(config).model_fields if name.startswith("oidc")}
    for rules, code in (({}, 200), ({"oidc_operator_users": ("ben@example.org",)}, 401)):
        other = make_app(auth_enabled=True, **{**same, **rules}).test_client()
        other.set_cookie("mlv_session", client.get_cookie("mlv_session").value)
        assert other.get("/api/info").status_code == code


def test_a_provider_that_is_away_is_told_and_not_asked_again_at_once(app, provider):
    provider.is_away = True
    for _ in range(3):
        assert app.test_client().get("/login/oidc").status_code == 502
    provider.is_away = False
    assert app.test_client().get("/login/oidc").status_code == 502  # for five seconds
    assert provider.asked == []


def test_failed_sign_ins_are_limited(app, provider):
    client = app.test_client()
    codes = [client.get("/login/oidc/callback?code=x&state=y").status_code for _ in range(11)]
    assert codes == [403] * 10 + [429]


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({"realm_access": {"roles": ["a", 1]}}, "realm_access.roles", {"a"}),
        ({"https://x.example/groups": ["a"]}, "https://x.example/groups", {"a"}),
        ({"groups": "a"}, "groups", {"a"}),
        ({"groups": {"a": 1}}, "groups", set()),
        ({"groups": None}, "groups.x.y", set()),
        ({}, "groups", set()),
    ],
)
def test_groups_are_found_in_every_shape(claims, path, groups):
    assert people.groups_of(claims, path) == groups


def test_nobody_comes_in_without_a_rule_that_names_them():
    assert people.role_of({"sub": "x", "groups": ["g"]}, load_settings(_env_file=None)) is None
    named = load_settings(_env_file=None, oidc_operator_groups="g", oidc_viewer_users="x")
    assert people.role_of({"sub": "x", "groups": ["g"]}, named) is Role.OPERATOR
    assert people.role_of({"sub": "x"}, named) is Role.VIEWER
