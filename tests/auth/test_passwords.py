"""A hash stands in for a password; the settings refuse what cannot be one, and secrets come as files too."""

import os
import subprocess
import sys

import pytest
from werkzeug.security import generate_password_hash

from tests.auth.test_guard import PASSWORD, basic
from webapp.auth import passwords
from webapp.config import ROOT, ConfigurationError, Settings, load_settings
from webapp.config.secrets import WITHIN, is_secret

HASH = generate_password_hash(PASSWORD, "scrypt:1024:8:1")


def load(**fields):
    return load_settings(_env_file=None, **fields)


def test_with_a_hash_the_password_opens_and_nothing_else_does(make_app):
    client = make_app(auth_enabled=True, auth_password_hash=HASH).test_client()
    for username, password, code in (
        ("admin", PASSWORD, 200),
        ("admin", PASSWORD, 200),
        ("admin", "wrong", 401),
        ("other", PASSWORD, 401),
        ("admin", "", 401),
        ("admin", HASH, 401),
    ):
        assert client.get("/api/info", headers=basic(username, password)).status_code == code


def test_a_right_password_is_looked_at_once(monkeypatch):
    asked = []
    monkeypatch.setattr(passwords, "check_password_hash", lambda *given: asked.append(given) or True)
    settings = load(auth_enabled=True, auth_password_hash=HASH)
    for _ in range(5):
        assert passwords.matching(settings, "admin", "some other").name == "admin"
    assert len(asked) == 1


def test_a_wrong_name_takes_a_look_too(monkeypatch):
    asked = []
    monkeypatch.setattr(passwords, "check_password_hash", lambda *given: asked.append(given) or False)
    settings = load(auth_enabled=True, auth_password_hash=HASH)
    assert passwords.matching(settings, "nobody", "never seen") is None
    assert passwords.matching(settings, "admin", "never seen") is None
    assert len(asked) == 2


def test_the_command_makes_a_line_that_the_settings_take(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "webapp.auth.passwords"],
        cwd=ROOT,
        input="a'b $c\n",
        capture_output=True,
        text=True,
        check=True,
    )
    (tmp_path / ".env").write_text(f"AUTH_ENABLED=true\n{run.stdout}", encoding="utf-8")
    settings = load_settings(_env_file=tmp_path / ".env")
    assert settings.auth_password_hash.startswith("scrypt:32768:8:1$")
    assert passwords.matching(settings, "admin", "a'b $c").name == "admin"


@pytest.mark.parametrize(
    "text", ["plain", "md5$x$y", "scrypt:1000:8:1$saltsalt$" + "0" * 128, HASH + "0", "scrypt:32768:8:1$$"]
)
def test_what_is_no_hash_stops_the_start(text):
    with pytest.raises(ConfigurationError, match="AUTH_PASSWORD_HASH: is not a hash"):
        load(auth_enabled=True, auth_password_hash=text)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"auth_password": "a", "auth_password_hash": HASH}, "either AUTH_PASSWORD or AUTH_PASSWORD_HASH"),
        ({"auth_viewer_username": "eye"}, "belong together"),
        ({"auth_viewer_password": "x"}, "belong together"),
        ({"auth_viewer_username": "admin", "auth_viewer_password": "x"}, "must differ"),
        ({"trusted_proxies": "11"}, "between 0 and 10"),
        ({"trusted_proxies": "10.0.0.0/8, here"}, "'here' is neither"),
        ({"oidc_issuer": "https://login.example"}, "OIDC_CLIENT_ID"),
        ({"oidc_issuer": "https://login.example", "oidc_client_id": "x"}, "must say who may come in"),
        ({"oidc_issuer": "http://login.example"}, "https://"),
    ],
)
def test_what_does_not_fit_together_stops_the_start(fields, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        load(**fields)


def test_proxies_are_a_number_or_networks(monkeypatch):
    assert load().trusted_proxies == 1
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8, fd00::1")
    assert load().trusted_proxies == ("10.0.0.0/8", "fd00::1")
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    assert load().trusted_proxies == 2


SECRETS = sorted({name for name in Settings.model_fields if is_secret(name)} | WITHIN)


@pytest.mark.parametrize("name", [one for one in SECRETS if not one.endswith("_hash")])
def test_every_secret_comes_from_a_file_too(name, tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("https://s3cret.example/x\n", encoding="utf-8")
    monkeypatch.setenv(f"{name.upper()}_FILE", str(tmp_path / "secret"))
    if name.startswith("auth_viewer"):
        monkeypatch.setenv("AUTH_VIEWER_USERNAME", "eye")
    found = getattr(load(), name)
    assert found in ("https://s3cret.example/x", ("https://s3cret.example/x",))


def test_all_secrets_are_known():
    assert {"auth_password", "oidc_client_secret", "mailcow_api_key", "session_secret_key"} <= set(SECRETS)
    assert len(SECRETS) >= 12


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "cannot be read"), (b"", "is empty"), (b"\xff", "is not text")]
)
def test_a_bad_file_stops_the_start_and_is_named(content, sentence, tmp_path, monkeypatch):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("AUTH_PASSWORD_FILE", str(file))
    with pytest.raises(ConfigurationError, match=f"AUTH_PASSWORD_FILE: .*{sentence}"):
        load()


def test_a_secret_given_twice_stops_the_start_and_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "secret").write_text("of the file", encoding="utf-8")
    (tmp_path / ".env").write_text(f"AUTH_PASSWORD_FILE={tmp_path / 'secret'}\n", encoding="utf-8")
    assert load_settings(_env_file=tmp_path / ".env").auth_password == "of the file"
    monkeypatch.setenv("AUTH_PASSWORD", "of the environment")
    assert load_settings(_env_file=tmp_path / ".env").auth_password == "of the environment"
    monkeypatch.setitem(os.environ, "AUTH_PASSWORD_FILE", str(tmp_path / "secret"))
    with pytest.raises(ConfigurationError, match="AUTH_PASSWORD and AUTH_PASSWORD_FILE are both set"):
        load()
