"""/api/settings/*, the settings page: complete, bounded, and without secrets."""

import pytest

from jobs.tasks import collect_status
from webapp.jobqueue import update_job_status
from webapp.tables.db import db

SECRETS = {
    "auth_password": "PASS-WORD-1",
    "session_secret_key": "SIGNING-KEY-2",
    "mailcow_api_key_rw": "RW-KEY-3",
}


@pytest.mark.parametrize(
    "path",
    [
        "/settings",
        "/settings?only=changed",
        "/api/settings/info",
        "/api/settings/health",
        "/status",
        "/api/info",
    ],
)
def test_no_secret_leaves_the_house(make_app, path):
    page = make_app(**SECRETS).test_client().get(path)
    assert page.status_code == 200
    assert [secret for secret in SECRETS.values() if secret in page.text] == []


def test_the_page_can_be_limited_to_what_was_changed(make_app):
    client = make_app(retention_days=30).test_client()
    assert "CSV_EXPORT_LIMIT" in client.get("/settings").text
    changed = client.get("/settings?only=changed").text
    assert "RETENTION_DAYS" in changed
    assert "CSV_EXPORT_LIMIT" not in changed


def test_health_has_its_timings(client):
    health = client.get("/api/settings/health").json
    assert health["database"]["status"] == "connected"
    assert 0 < health["database"]["response_time_ms"] < 500
    assert health["redis"]["status"] == "connected"
    assert set(health["recent_activity"]["last_5_minutes"]) == {
        "postfix_imported",
        "rspamd_imported",
        "correlations_created",
    }


def test_health_is_degraded_without_a_worker(client):
    assert client.get("/api/settings/health").json["status"] == "degraded"


def test_the_health_part_refreshes_as_a_fragment(client):
    assert "<html" not in client.get("/settings/health", headers={"HX-Request": "true"}).text
    assert "<html" in client.get("/settings/health").text


def test_imports_tell_what_is_stored(recorded_viewer):
    client = recorded_viewer.app.test_client()
    told = client.get("/api/settings/info").json
    for source in ("postfix", "rspamd", "netfilter"):
        one = told["import_status"][source]
        assert (
            one["total_entries"]
            == client.get(f"/api/logs/{source}?limit=1").json["total"]
            == recorded_viewer.count(f"{source}_logs")
        )
        assert one["last_fetch_run"]
    oldest = recorded_viewer.ask("SELECT min(time) AS time FROM postfix_logs")[0]["time"]
    assert told["import_status"]["postfix"]["oldest_entry"] == f"{oldest:%Y-%m-%dT%H:%M:%SZ}"


def test_correlation_agrees_with_the_messages(recorded_viewer):
    told = recorded_viewer.app.test_client().get("/api/settings/info").json["correlation_status"]
    states = {
        row["correlation"]: row["n"]
        for row in recorded_viewer.ask("SELECT correlation, count(*) AS n FROM messages GROUP BY 1")
    }
    total = sum(states.values())
    assert (told["total"], told["complete"], told["expired"]) == (
        total,
        states.get("complete", 0),
        states.get("expired", 0),
    )
    assert told["incomplete"] == total - told["complete"]
    assert told["completion_rate"] == round(100 * told["complete"] / total, 2)


def test_incomplete_messages_can_be_opened(recorded_viewer):
    client = recorded_viewer.app.test_client()
    rows = client.get("/api/settings/info").json["recent_incomplete_correlations"]
    assert rows
    assert all(client.get(f"/messages/{row['correlation_key']}").status_code == 200 for row in rows)


def test_every_documented_job_is_told(client):
    jobs = client.get("/api/settings/info").json["background_jobs"]
    assert {
        "fetch_logs",
        "complete_correlations",
        "update_final_status",
        "expire_correlations",
        "cleanup_logs",
        "check_app_version",
        "dns_check",
        "update_geoip",
    } <= set(jobs)
    assert jobs["fetch_logs"]["interval"] == "60 seconds (1 minute)"
    assert jobs["complete_correlations"]["interval"] == "120 seconds (2 minutes)"
    assert jobs["cleanup_logs"]["schedule"] == "Daily at 2 AM"
    assert (jobs["cleanup_logs"]["status"], jobs["fetch_logs"]["status"]) == ("scheduled", "idle")
    assert jobs["update_geoip"]["schedule"] == "Weekly (Sunday 3 AM)"
    assert [name for name, job in jobs.items() if not job["built"]] == []
    assert (jobs["dns_check"]["status"], jobs["dns_check"]["interval"]) == ("idle", "6 hours")


def test_a_job_tells_its_run_and_its_error(site):
    with site.app_context():
        update_job_status("fetch_logs", "failed", "no answer")
    collect_status()
    jobs = site.test_client().get("/api/settings/info").json["background_jobs"]
    assert (jobs["fetch_logs"]["status"], jobs["fetch_logs"]["error"]) == ("failed", "no answer")
    assert jobs["collect_status"]["status"] == "success"
    assert jobs["collect_status"]["duration_seconds"] > 0
    assert jobs["complete_correlations"]["pending_items"] == 0


def test_maxmind_is_told_as_it_is(make_app, tmp_path):
    assert make_app().test_client().get("/api/settings/info").json["configuration"]["maxmind_status"] == {
        "configured": False,
        "valid": False,
        "error": None,
    }
    told = (
        make_app(geoip_db_dir=str(tmp_path))
        .test_client()
        .get("/api/settings/info")
        .json["configuration"]["maxmind_status"]
    )
    assert told["configured"] is True
    assert "GeoLite2-City.mmdb" in told["error"]


def test_the_user_name_is_told_only_with_authentication(make_app):
    assert make_app().test_client().get("/api/settings/info").json["configuration"]["auth_username"] is None
    client = make_app(auth_enabled=True, auth_password="pw").test_client()
    assert client.get("/api/settings/info").status_code == 401
    assert (
        client.get("/api/settings/info", auth=("admin", "pw")).json["configuration"]["auth_username"]
        == "admin"
    )


def test_the_answer_takes_few_statements(site):
    statements = []
    client = site.test_client()
    client.get("/api/settings/info")
    with site.app_context():
        db.event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client.get("/api/settings/info")
    assert len(statements) <= 30
