"""Settings that are changed in the browser: checked as at the start, locked by it, on record."""

import re

import pytest
from sqlalchemy import text

from jobs.schedule import scheduler
from jobs.scheduler import follow
from webapp.config import Settings
from webapp.jobqueue import next_runs
from webapp.settings.fixed import FIXED
from webapp.settings.stored import effective
from webapp.tables.db import db

EDITED = {"settings_edit_via_ui_enabled": True}
SECTION, LOGIN = "/settings/edit/Reading logs", "/settings/edit/Login"


@pytest.fixture
def app(make_app):
    return make_app(**EDITED, retention_days=30)


def now_in_force(app, name):
    return getattr(app.config["SETTINGS"], name)


def post(client, changes):
    return client.post("/api/settings", json={"changes": changes})


def fill_in(client, path, **fields):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    return client.post(path, data={"csrf_token": token[1], **fields})


def told(client, name):
    sections = client.get("/api/settings").get_json()["sections"]
    return next(one for part in sections for one in part["settings"] if one["name"] == name)


def test_a_change_holds_at_once_and_is_told(app, client):
    answer = post(client, {"FETCH_INTERVAL": 30, "BLACKLIST_EMAILS": "A@b.example, c@d.example"})
    assert answer.status_code == 200
    assert now_in_force(app, "fetch_interval") == 30
    assert now_in_force(app, "blacklist_emails") == ("a@b.example", "c@d.example")
    one = told(client, "FETCH_INTERVAL")
    assert (one["value"], one["source"]) == ("30", "page")
    assert client.get("/api/info").status_code == 200


def test_null_goes_back_to_the_default(app, client):
    post(client, {"FETCH_INTERVAL": 30})
    post(client, {"FETCH_INTERVAL": None})
    assert (now_in_force(app, "fetch_interval"), told(client, "FETCH_INTERVAL")["source"]) == (60, "default")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"FETCH_INTERVAL": 0}, "FETCH_INTERVAL: Input should be greater than or equal to 1"),
        ({"FETCH_INTERVAL": "soon"}, "FETCH_INTERVAL"),
        ({"DNS_RESOLVERS": "not a server"}, "DNS_RESOLVERS"),
        ({"MAILCOW_URL": "https://m.example"}, "MAILCOW_API_KEY must be set when MAILCOW_URL is"),
        ({"RETENTION_DAYS": 5}, "RETENTION_DAYS: is set in the environment or in .env, which wins"),
        ({"AUTH_ENABLED": True}, "AUTH_ENABLED: could lock everybody out"),
        ({"DATABASE_URL": "postgresql://x"}, "DATABASE_URL: tells where settings themselves are kept"),
        ({"NOT_THERE": "x"}, "NOT_THERE: is no setting"),
        ({"APP_TITLE": "a\u2028b"}, "APP_TITLE: must be at most"),
        ({"APP_TITLE": "a" * 5000}, "APP_TITLE: must be at most"),
    ],
)
def test_a_bad_value_saves_nothing(app, client, changes, words):
    answer = post(client, {**changes, "CSV_EXPORT_LIMIT": 5})
    assert answer.status_code == 400
    assert words in answer.get_json()["detail"]
    assert now_in_force(app, "csv_export_limit") == 10000
    with app.app_context():
        assert db.session.scalar(text("SELECT count(*) FROM stored_settings")) == 0


def test_nothing_can_be_changed_where_it_is_not_allowed(make_app):
    client = make_app().test_client()
    assert post(client, {"FETCH_INTERVAL": 30}).status_code == 403
    assert client.get(SECTION).status_code == 403
    assert "Change</a>" not in client.get("/settings").text
    assert client.get("/api/settings").get_json()["may_edit"] is False


def test_what_is_kept_does_not_count_where_it_is_not_allowed_any_more(app, client, make_app):
    post(client, {"FETCH_INTERVAL": 30})
    other = make_app()
    assert other.test_client().get("/api/settings").status_code == 200
    assert now_in_force(other, "fetch_interval") == 60


def test_another_process_notices(app, client, make_app):
    other = make_app(**EDITED)
    assert other.test_client().get("/settings").status_code == 200
    post(client, {"FETCH_INTERVAL": 30})
    assert now_in_force(other, "fetch_interval") == 60
    with other.app_context():
        assert other.extensions["settings"].look(db.engine, at_once=True)
    assert now_in_force(other, "fetch_interval") == 30


def test_each_process_looks_at_bounded_cost(app, client, monkeypatch):
    looks = []
    monkeypatch.setattr("webapp.settings.live.read", lambda _: looks.append(1) or {})
    monkeypatch.setattr("webapp.settings.live.PAUSE", 3600)
    for _ in range(5):
        client.get("/api/info")
    assert len(looks) == 1


def test_the_timetable_is_laid_anew(app, client, redis_client):
    live = app.extensions["settings"]
    with app.app_context():
        keeper = scheduler(redis_client)
        keeper.before_each_look = follow(live, db.engine, redis_client)
        post(client, {"FETCH_INTERVAL": 7})
        assert {job.id: job.meta.get("interval") for job in keeper.get_jobs()}["timed-fetch_logs"] == 7
        assert "fetch_logs" in next_runs()


def test_a_secret_is_written_and_never_read(app, client):
    page = fill_in(client, LOGIN, auth_password="S3CRET-1", auth_username="")
    assert page.status_code == 303
    assert now_in_force(app, "auth_password") == "S3CRET-1"
    for path in ("/settings", "/settings/edit/Login", "/api/settings", "/settings?only=changed"):
        assert "S3CRET" not in client.get(path).text
    fill_in(client, LOGIN, auth_password="", auth_username="boss")
    assert (now_in_force(app, "auth_password"), now_in_force(app, "auth_username")) == ("S3CRET-1", "boss")
    fill_in(client, LOGIN, **{"remove:auth_password": "yes"})
    assert now_in_force(app, "auth_password") == ""
    with app.app_context():
        assert "S3CRET" not in str(db.session.execute(text("SELECT * FROM audit_entries")).all())


def test_each_change_is_on_record(app, client):
    post(client, {"FETCH_INTERVAL": 30})
    post(client, {"FETCH_INTERVAL": 90, "CSV_EXPORT_LIMIT": None})
    with app.app_context():
        entries = db.session.execute(text("SELECT item, detail FROM audit_entries ORDER BY id")).all()
    assert [tuple(entry) for entry in entries] == [
        ("FETCH_INTERVAL", "60 -> 30"),
        ("FETCH_INTERVAL", "30 -> 90"),
    ]
    assert "30 -&gt; 90" in client.get("/settings").text


def test_the_form_shows_what_is_wrong_and_keeps_what_was_typed(app, client):
    answer = fill_in(client, SECTION, fetch_interval="0", blacklist_emails="kept@typed.example")
    assert answer.status_code == 400
    assert "greater than or equal to 1" in answer.text
    assert "kept@typed.example" in answer.text
    assert now_in_force(app, "fetch_interval") == 60


def test_the_form_locks_what_the_start_sets(app, client):
    page = client.get(SECTION).text
    assert 'name="fetch_interval"' in page
    assert 'name="retention_days"' not in page
    assert "RETENTION_DAYS is set in" in page


def test_an_unknown_section_is_not_found(app, client):
    assert client.get("/settings/edit/Nothing").status_code == 404


def test_a_form_of_another_site_changes_nothing(make_app):
    app = make_app(**EDITED)
    client = app.test_client()
    assert client.post(SECTION, data={"fetch_interval": "30"}).status_code == 400
    assert (
        client.post("/api/settings", json={}, headers={"Origin": "https://evil.example"}).status_code == 403
    )


def test_a_kept_value_that_breaks_a_later_rule_is_left_aside_alone(make_settings):
    found = effective(make_settings(), {"fetch_interval": "0", "csv_export_limit": "5", "gone": "x"})
    assert (found.settings.fetch_interval, found.settings.csv_export_limit) == (60, 5)
    assert list(found.left_aside) == ["fetch_interval"]


def test_kept_values_that_break_a_rule_together_are_all_left_aside(make_settings):
    found = effective(make_settings(), {"mailcow_url": "https://m.example", "csv_export_limit": "5"})
    assert found.settings.mailcow_url == ""
    assert set(found.left_aside) == {"mailcow_url", "csv_export_limit"}


def test_what_is_fixed_are_settings():
    assert FIXED.keys() <= Settings.model_fields.keys()
