"""/metrics: there only where it is wished, in agreement with the API, and cheap."""

from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from webapp import cache
from webapp.jobqueue import update_job_status
from webapp.mailcow import snapshots
from webapp.metrics import figures
from webapp.status import standing
from webapp.tables.db import db


def samples(client):
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return [sample for family in text_string_to_metric_families(answer.text) for sample in family.samples]


def value(found, name, **labels):
    matching = [
        sample.value
        for sample in found
        if sample.name == f"mailcow_viewer_{name}" and sample.labels == labels
    ]
    assert len(matching) == 1, (name, labels)
    return matching[0]


@pytest.fixture
def measured(make_app):
    return make_app(metrics_enabled=True)


@pytest.fixture
def recorded_client(recorded_viewer):
    """The recorded set in an application that serves metrics."""
    from webapp.app import create_app

    app = create_app(recorded_viewer.settings.model_copy(update={"metrics_enabled": True}))
    yield app.test_client()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        cache.redis().flushdb()


def test_without_the_switch_there_is_no_such_page(make_app):
    assert make_app().test_client().get("/metrics").status_code == 404


def test_with_authentication_and_without_the_switch_it_asks_for_a_login(make_app):
    answer = make_app(auth_enabled=True, auth_password="pw").test_client().get("/metrics")
    assert (answer.status_code, "/login" in answer.headers.get("Location", "")) == (302, True)


def test_with_the_switch_it_is_public_and_nothing_else_is(make_app):
    client = make_app(metrics_enabled=True, auth_enabled=True, auth_password="pw").test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/api/settings/info").status_code == 401


def test_it_has_a_format_that_prometheus_reads(measured):
    found = samples(measured.test_client())
    assert value(found, "build_info", version="1.0.0") == 1


def test_lines_and_messages_agree_with_the_api(recorded_client):
    found = samples(recorded_client)
    told = recorded_client.get("/api/settings/info").json
    for source in ("postfix", "rspamd", "netfilter"):
        assert value(found, "lines_stored", source=source) == told["import_status"][source]["total_entries"]
        assert value(found, "log_gaps", source=source) == told["import_status"][source]["gaps"]
    messages = [sample for sample in found if sample.name == "mailcow_viewer_messages"]
    listed = recorded_client.get("/api/messages").json["total"]
    assert sum(sample.value for sample in messages) == told["correlation_status"]["total"] == listed
    for way in ("inbound", "outbound", "internal"):
        listed = recorded_client.get(f"/api/messages?direction={way}&limit=1").json["total"]
        assert sum(sample.value for sample in messages if sample.labels["direction"] == way) == listed


def test_metrics_dashboard_timeline_list_and_csv_tell_one_number(recorded_client):
    def told(path):
        return recorded_client.get(path)

    numbers = {
        "metrics": sum(
            sample.value for sample in samples(recorded_client) if sample.name == "mailcow_viewer_messages"
        ),
        "dashboard": told("/api/stats/dashboard").json["messages"]["30d"],
        "timeline": sum(hour["total"] for hour in told("/api/stats/timeline?hours=720").json["timeline"]),
        "list": told("/api/messages?limit=1").json["total"],
        "csv": int(told("/api/export/messages/csv").headers["X-Export-Rows"]),
    }
    assert len(set(numbers.values())) == 1, numbers
    assert numbers["list"] > 300


def test_messages_by_outcome_are_those_of_the_database(recorded_viewer, recorded_client):
    rows = recorded_viewer.ask(
        "SELECT coalesce(final_status, 'pending') AS outcome, count(*) AS n FROM messages GROUP BY 1"
    )
    counted = Counter()
    for sample in samples(recorded_client):
        if sample.name == "mailcow_viewer_messages":
            counted[sample.labels["outcome"]] += sample.value
    assert counted == {row["outcome"]: row["n"] for row in rows}


def test_the_queue_is_that_of_the_snapshot(measured):
    with measured.app_context():
        snapshots.keep(db.session.connection(), "queue", [{"queue_id": "A"}, {"queue_id": "B"}])
        db.session.commit()
    found = samples(measured.test_client())
    assert value(found, "queue_messages") == 2
    assert value(found, "snapshot_age_seconds", snapshot="queue") < 60


def test_jobs_are_counted_by_their_result(measured):
    with measured.app_context():
        for word in ("success", "success", "failed"):
            update_job_status("fetch_logs", word, None)
        db.session.execute(
            text(
                "INSERT INTO job_runs (name, started_at, finished_at, status) VALUES "
                "('fetch_logs', now() - interval '3 seconds', now(), 'success')"
            )
        )
        db.session.commit()
    found = samples(measured.test_client())
    assert value(found, "job_runs_total", job="fetch_logs", result="success") == 2
    assert value(found, "job_runs_total", job="fetch_logs", result="failed") == 1
    assert value(found, "job_last_duration_seconds", job="fetch_logs") == pytest.approx(3)


def test_request_times_are_those_of_all_processes(make_app):
    first, second = (make_app(metrics_enabled=True).test_client() for _ in range(2))
    for client, times in ((first, 2), (second, 3)):
        for _ in range(times):
            client.get("/api/info")
    labels = {"endpoint": "status_api.info", "method": "GET", "status": "2xx"}
    found = samples(first)
    assert value(found, "request_duration_seconds_count", **labels) == 5
    assert value(found, "request_duration_seconds_bucket", le="+Inf", **labels) == 5
    assert value(found, "request_duration_seconds_sum", **labels) > 0


def test_strangers_cannot_make_names(measured):
    client = measured.test_client()
    for number in range(5):
        client.open(f"/nothing/{number}", method="PROPFIND")
    found = samples(client)
    assert (
        value(found, "request_duration_seconds_count", endpoint="unmatched", method="other", status="4xx")
        == 5
    )


def test_a_dropped_day_is_forgotten(viewer):
    with viewer.app.app_context():
        cache.put(
            standing.TALLY,
            {"messages_19990101": standing.Day("1", [("delivered", "inbound", "complete", 5)])},
        )
        assert standing.tally(db.session.connection()).total == 0


def test_mailboxes_are_told_only_where_it_is_wished_and_as_the_api_counts_them(recorded_viewer):
    site = recorded_viewer.app.test_client()
    days = site.get("/api/mailbox-stats/all?date_range=today&active_only=false&page_size=100").get_json()
    told = {row["username"]: row["mailbox_counts"] for row in days["mailboxes"]}
    with recorded_viewer.app.test_request_context():
        shown = {
            family.name: {sample.labels["mailbox"]: sample.value for sample in family.samples}
            for family in figures.mailboxes(db.session())
        }
    assert shown["mailcow_viewer_mailbox_sent_recipients"] == {
        name: counts["sent_total"] for name, counts in told.items() if counts["sent_total"]
    }
    assert shown["mailcow_viewer_mailbox_failed_recipients"] == {
        name: counts["sent_failed"] for name, counts in told.items() if counts["sent_total"]
    }


@pytest.mark.parametrize("wished", [True, False])
def test_addresses_are_in_the_figures_only_where_it_is_wished(make_app, wished):
    answer = make_app(metrics_enabled=True, metrics_mailboxes=wished).test_client().get("/metrics").text
    assert ("mailbox_sent_recipients" in answer) is wished


def test_open_events_are_told_by_their_rule(make_app):
    app = make_app(metrics_enabled=True, alert_rules_off="disk")
    with app.app_context():
        db.session.execute(
            text(
                "INSERT INTO alert_events (rule, subject, aspect, severity, began_at, confirmed_at, "
                "last_seen, text, numbers, link) SELECT 'dns', CAST(n AS text), '', 'warning', now(), now(), "
                "now(), '', '{}', '' "
                "FROM generate_series(1, 3) AS n"
            )
        )
        db.session.commit()
    found = samples(app.test_client())
    assert value(found, "alerts_open", rule="dns") == 3
    assert value(found, "alerts_open", rule="container") == 0
    assert "disk" not in [one.labels["rule"] for one in found if one.name == "mailcow_viewer_alerts_open"]
