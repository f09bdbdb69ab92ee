"""The page Alerts, its JSON, and what the dashboard says of it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from webapp.alerts.events import Look, keep
from webapp.alerts.finding import Finding
from webapp.alerts.mailboxes import Kind
from webapp.alerts.rules.table import RULES
from webapp.alerts.words import TITLES, RuleName
from webapp.config.alerts import CHECKS, REPORTED, SIGNS
from webapp.config.alerts import RULES as NAMES
from webapp.dnscheck.check import graders
from webapp.reports.signs import Sign
from webapp.tables.db import db

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
FOREIGN = '<script>alert(1)</script>"@example.org'


@pytest.fixture
def found(app):
    """Three events: one open, one over, one that has not lasted long enough."""
    with app.app_context():
        connection = db.session.connection()
        stopped = [Finding("sogo", "sogo is exited", {"state": "exited"}, link="/status")]
        guessed = [Finding(FOREIGN, "40 sign-ins were refused", {"refused": 40}, link="/security/events")]
        nothing = dict.fromkeys(RuleName)

        def look(hours, **judged):
            at = Look(NOW - hours * HOUR, app.config["SETTINGS"], RULES)
            keep(connection, at, {**nothing, **{RuleName(name): these for name, these in judged.items()}})

        look(9, sign_ins=guessed)
        look(8, sign_ins=[])
        look(3, container=stopped)
        look(2, container=stopped)
        look(0, container=[*stopped, Finding("redis", "redis is restarting")])
        db.session.commit()


def test_the_list_has_open_events_first_and_none_that_does_not_count_yet(client, found):
    answer = client.get("/api/alerts").json
    assert [(row["subject"], row["state"]) for row in answer["data"]] == [("sogo", "open"), (FOREIGN, "over")]
    (first, second) = answer["data"]
    assert (first["title"], first["text"]) == ("A container is stopped", "sogo is exited")
    assert first["numbers"] == {"state": "exited"}
    assert second["ended_at"] == (NOW - 8 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("state=open", ["sogo"]),
        ("state=over", [FOREIGN]),
        ("state=off", []),
        ("rule=container", ["sogo"]),
        ("severity=warning", [FOREIGN]),
        ("search=SOGO", ["sogo"]),
        ("search=40 sign", [FOREIGN]),
        ("search=%25", []),
        ("sort=began", [FOREIGN, "sogo"]),
        pytest.param(f"start_date={(NOW - 7 * HOUR).isoformat()[:19]}Z", ["sogo"], id="after"),
        pytest.param(f"end_date={(NOW - 7 * HOUR).isoformat()[:19]}Z", [FOREIGN], id="before"),
        ("limit=1&page=2", [FOREIGN]),
    ],
)
def test_events_are_filtered(client, found, query, subjects):
    asked = query.format((NOW - 7 * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert [row["subject"] for row in client.get(f"/api/alerts?{asked}").json["data"]] == subjects


@pytest.mark.parametrize("query", ["rule=nothing", "state=closed", "severity=high", "sort=id", "page=0"])
def test_a_bad_parameter_is_refused_and_named(client, query):
    answer = client.get(f"/api/alerts?{query}")
    assert answer.status_code == 400
    assert answer.json["detail"].startswith(query.partition("=")[0])
    assert client.get(f"/alerts?{query}").status_code == 400


def test_the_page_shows_foreign_text_as_text(client, found):
    page = client.get("/alerts").text
    assert "sogo is exited" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_an_empty_list_says_that_nothing_is_wrong(client):
    assert "Nothing is wrong, and nothing was" in client.get("/alerts").text
    assert "No event matches" in client.get("/alerts?rule=dns").text


def test_all_rules_are_shown_with_threshold_and_state(app, client, found):
    answer = client.get("/api/alerts/rules").json
    rules = {rule["name"]: rule for rule in answer["rules"]}
    assert list(rules) == [name.value for name in RULES]
    assert (answer["open"], answer["quiet_minutes"], answer["reminder_hours"]) == (1, 30, 24)
    stopped = rules["container"]
    assert (stopped["state"], stopped["open"], stopped["events"]) == ("open", 1, 1)
    assert stopped["settings"] == {"ALERT_CONTAINER_MINUTES": "3", "ALERT_CONTAINERS_IGNORED": ""}
    assert rules["disk"]["state"] == "unknown"  # nobody has looked yet
    assert rules["no_mail"]["state"] == "off"
    page = client.get("/alerts/rules").text
    for rule in rules.values():
        assert rule["title"].replace("'", "&#39;") in page
    assert "ALERT_CONTAINER_MINUTES" in page
    assert "more of its kind waits for 30 minutes" in page


def test_a_rule_that_looks_is_quiet(app, client):
    with app.app_context():
        db.session.execute(text("INSERT INTO alert_looks VALUES ('disk', now(), NULL)"))
        db.session.commit()
    rules = {rule["name"]: rule["state"] for rule in client.get("/api/alerts/rules").json["rules"]}
    assert rules["disk"] == "quiet"


def test_the_dashboard_tells_what_is_open(client, found):
    card = client.get("/dashboard/cards/alerts", headers={"HX-Request": "true"}).text
    assert "1 alert open" in card
    assert "sogo" in card
    assert FOREIGN[-12:] not in card


def test_settings_know_the_words_that_the_rules_know():
    assert set(NAMES) == {name.value for name in RuleName} == {name.value for name in TITLES}
    assert set(SIGNS) == {kind.value for kind in Kind}
    assert set(CHECKS) == set(graders())
    assert set(REPORTED) == {sign.value for sign in Sign}


def test_a_word_that_no_rule_has_stops_the_start(make_settings):
    from webapp.config import ConfigurationError

    with pytest.raises(ConfigurationError, match=r"ALERT_RULES_OFF: 'disks' is not one of mailcow, "):
        make_settings(alert_rules_off="disk,disks")
