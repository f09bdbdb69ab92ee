"""Every setting tells its value, its source and its meaning, and no secret is shown."""

import pytest

from webapp.config import Settings
from webapp.settings.catalogue import HIDDEN, catalogue, sections


def found(settings, name, environment=None, file="/nonexistent"):
    listed = catalogue(settings, environment or {}, str(file))
    return next(one for _, part in listed for one in part if one.name == name)


def test_every_setting_is_listed_once_with_a_meaning():
    listed = [(name, meaning) for _, names in sections() for name, meaning in names]
    assert sorted(name for name, _ in listed) == sorted(Settings.model_fields)
    assert [name for name, meaning in listed if not meaning.endswith(".")] == []


def test_the_default_is_told_as_such(make_settings):
    one = found(make_settings(), "RETENTION_DAYS")
    assert (one.value, one.source, one.is_changed) == ("7", "default", False)
    assert one.meaning == "Days that logs and messages are kept."


def test_a_value_of_the_file_is_told_as_such(make_settings, tmp_path):
    (tmp_path / ".env").write_text("RETENTION_DAYS=30\n", encoding="utf-8")
    one = found(make_settings(retention_days=30), "RETENTION_DAYS", file=tmp_path / ".env")
    assert (one.value, one.default, one.source, one.is_changed) == ("30", "7", ".env", True)


def test_the_environment_wins_over_the_file(make_settings, tmp_path):
    (tmp_path / ".env").write_text("RETENTION_DAYS=30\n", encoding="utf-8")
    one = found(make_settings(retention_days=9), "RETENTION_DAYS", {"retention_days": "9"}, tmp_path / ".env")
    assert (one.value, one.source) == ("9", "environment")


def test_an_empty_variable_counts_as_absent(make_settings):
    assert found(make_settings(), "RETENTION_DAYS", {"RETENTION_DAYS": ""}).source == "default"


def test_an_emptied_update_check_tells_who_emptied_it(make_settings):
    assert (
        found(make_settings(app_update_repo="off"), "APP_UPDATE_REPO", {"APP_UPDATE_REPO": ""}).source
        == "environment"
    )


def test_what_the_demo_sets_is_not_laid_at_the_users_door(make_settings):
    settings = make_settings(demo_mode=True, mailcow_url="http://127.0.0.1:1", mailcow_api_key="k")
    assert found(settings, "MAILCOW_URL", {"MAILCOW_URL": "http://127.0.0.1:1"}).source == "viewer"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("MAILCOW_API_KEY", {"mailcow_url": "https://m.example", "mailcow_api_key": "S3CRET-KEY"}),
        ("MAILCOW_API_KEY_RW", {"mailcow_api_key_rw": "S3CRET-KEY"}),
        ("AUTH_PASSWORD", {"auth_password": "S3CRET-KEY"}),
        ("SESSION_SECRET_KEY", {"session_secret_key": "S3CRET-KEY"}),
        ("POSTGRES_PASSWORD", {"postgres_password": "S3CRET-KEY"}),
        ("ALERT_URLS", {"alert_urls": "slack://S3CRET-KEY/b/c"}),
    ],
)
def test_secrets_are_dots(make_settings, name, fields):
    one = found(make_settings(**fields), name)
    assert (one.value, one.is_secret, one.is_changed) == (HIDDEN, True, True)


@pytest.mark.parametrize(
    "url", ["postgresql://user:S3CRET@db.example:5432/mail", "postgresql://user:S3:CR@db.example/mail"]
)
def test_a_password_inside_an_address_is_hidden(make_settings, url):
    shown = found(make_settings(database_url=url), "DATABASE_URL", {"DATABASE_URL": url}).value
    assert "S3" not in shown
    assert shown.startswith(f"postgresql://user:{HIDDEN}@db.example")


def test_an_unset_secret_is_told_as_unset(make_settings):
    assert found(make_settings(), "AUTH_PASSWORD").value == ""
