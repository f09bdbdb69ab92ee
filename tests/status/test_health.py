"""/api/health and /api/info: what is told, and to whom."""

import base64

import pytest

PASSWORD = "correct horse"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()}
CONFIG = {"fetch_interval", "retention_days", "mailcow_url", "blacklist_enabled", "auth_enabled"}
INFO = {
    "name",
    "version",
    "mailcow_url",
    "local_domains",
    "fetch_interval",
    "retention_days",
    "timezone",
    "app_title",
    "app_logo_url",
    "blacklist_count",
    "auth_enabled",
}


@pytest.fixture
def closed(make_app):
    return make_app(auth_enabled=True, auth_password=PASSWORD).test_client()


def test_health_tells_all_where_anybody_may_come_in(client):
    answer = client.get("/api/health").get_json()
    assert (answer["status"], answer["database"]) == ("healthy", "connected")
    assert answer["config"].keys() >= CONFIG
    assert answer["config"]["auth_enabled"] is False


def test_health_hides_the_configuration_from_strangers(closed):
    answer = closed.get("/api/health")
    assert answer.status_code == 200
    assert answer.get_json().keys() == {"status", "database", "version", "redis"}


def test_health_tells_the_configuration_to_who_logs_in(closed):
    assert closed.get("/api/health", headers=BASIC).get_json()["config"].keys() >= CONFIG


def test_a_wrong_password_gets_no_configuration(closed):
    wrong = {"Authorization": "Basic " + base64.b64encode(b"admin:wrong").decode()}
    assert "config" not in closed.get("/api/health", headers=wrong).get_json()


def test_info_is_closed_to_strangers_and_tells_the_documented_keys(closed, make_app):
    assert closed.get("/api/info").status_code == 401
    app = make_app(blacklist_emails="a@x.example,b@x.example", tz="Europe/Berlin", app_title="Mail")
    answer = app.test_client().get("/api/info").get_json()
    assert answer.keys() >= INFO
    assert (answer["blacklist_count"], answer["timezone"], answer["app_title"]) == (
        2,
        "Europe/Berlin",
        "Mail",
    )


def test_no_answer_tells_a_secret(make_app):
    app = make_app(
        mailcow_url="https://mail.example",
        mailcow_api_key="SECRET-KEY",
        auth_password="SECRET-PASSWORD",
        blacklist_emails="hidden@list.example",
        session_secret_key="SECRET-SESSION",
    )
    for path in ("/api/health", "/api/info", "/api/openapi.json", "/api/docs"):
        text = app.test_client().get(path).get_data(as_text=True)
        assert not [word for word in ("SECRET-", "hidden@list.example") if word in text], path


def test_without_its_database_the_health_is_a_503(make_app, tmp_path):
    app = make_app(database_url=f"postgresql+psycopg://nobody@/none?host={tmp_path}")
    answer = app.test_client().get("/api/health")
    assert answer.status_code == 503
    assert (answer.get_json()["status"], answer.get_json()["database"]) == ("unhealthy", "disconnected")
