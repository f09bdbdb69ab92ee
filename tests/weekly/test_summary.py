"""The summary as page, JSON and mail; sent once a week, whoever asks."""

from datetime import date, timedelta
from email.message import Message
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

import jobs.run
from jobs.tasks import send_summary
from tests.alerts.conftest import Desk
from tests.mailservers.smtp import MailServer
from webapp.jobqueue import timetable
from webapp.tables.db import db, now
from webapp.weekly.send import put_summary

HOSTILE = '<img src=x>"http://evil.example"'


def yesterday() -> date:
    return (now() - timedelta(days=1)).date()


@pytest.fixture
def week(desk: Desk) -> Desk:
    """A week with mail, a sign with a hostile name, a changed record, grown mailboxes, a gap and a notice."""
    noon = "CAST(:day AS date) + interval '12 hours'"
    with desk.app.app_context():
        for statement in (
            f"INSERT INTO message_hours VALUES ({noon}, 'inbound', 'bounced', false, '{{bounced}}', 1234)",
            "INSERT INTO mailbox_signs VALUES "
            f"(:hostile, 'quota', {noon}, {noon}, NULL, '{{\"percent\": 96}}')",
            f"INSERT INTO log_gaps (source, start, \"end\", detected_at) VALUES ('postfix', {noon}, "
            f"{noon} + interval '3 minutes', {noon})",
            "INSERT INTO mailbox_sizes VALUES ('a@example.com', :day, 0, 5000000, 1), "
            "('a@example.com', CAST(:day AS date) - 7, 0, 2000000, 1)",
            "INSERT INTO domain_dns_records (domain_name, check_name, value, seen_at) VALUES "
            f"('example.com', 'spf', 'a', {noon} - interval '9 days'), ('example.com', 'spf', 'b', {noon}), "
            f"('new.example', 'spf', 'a', {noon})",
            "INSERT INTO notices (key, kinds, severity, title, lines, link, made_at) VALUES "
            f"('k', '{{disk}}', 'critical', 't', '{{}}', '', {noon})",
            "INSERT INTO alert_events (rule, subject, aspect, severity, began_at, confirmed_at, last_seen, "
            "ended_at, ended_by, text, numbers, link) VALUES "
            f"('container', 'sogo', '', 'critical', {noon}, {noon}, {noon}, {noon} + interval '2 hours', "
            "'over', :hostile, '{}', '/status')",
        ):
            db.session.execute(text(statement), {"day": yesterday(), "hostile": HOSTILE})
        db.session.commit()
    return desk


@pytest.fixture
def client(week: Desk) -> FlaskClient:
    return week.app.test_client()


def test_the_page_tells_all_of_it_and_escapes(client: FlaskClient) -> None:
    page = client.get("/alerts/summary").text
    for words in (
        "1,234 messages",
        "There are records only since",
        "nothing is compared",
        "Lines of postfix were lost",
        "96 % of its quota is used",
        "SPF of example.com changed",
        "3.0 MB more than a week before",
        "Notices that were made: 1 critical",
        "A container is stopped: sogo",
        "2 h",
        "&lt;img src=x&gt;",
    ):
        assert words in page
    assert "<img src=x" not in page
    assert "new.example changed" not in page


def test_the_api_tells_the_same(client: FlaskClient) -> None:
    found: Any = client.get("/api/alerts/summary").json
    figures = {one["name"]: (one["value"], one["before"]) for one in found["flow"]}
    assert figures["messages"] == figures["inbound"] == figures["failed"] == (1234, None)
    assert (found["last_day"], found["storage"]["mailboxes_grown_bytes"]) == (
        yesterday().isoformat(),
        3_000_000,
    )
    assert [one["account"] for one in found["accounts"]] == [HOSTILE]
    assert [one["rule"] for one in found["events"]] == ["container"]


def test_a_day_that_is_not_over_is_refused_and_an_earlier_week_is_shown(client: FlaskClient) -> None:
    assert client.get("/api/alerts/summary?last=nonsense").status_code == 400
    assert client.get(f"/alerts/summary?last={now().date()}").status_code == 400
    earlier = yesterday() - timedelta(days=7)
    page = client.get(f"/alerts/summary?last={earlier}").text
    assert f"?last={yesterday()}" in page
    assert "0 messages" in page


def mailed(post: MailServer) -> Message:
    (mail,) = post.inbox.messages
    return mail


def body(mail: Message, part: int) -> str:
    return mail.get_payload(part).get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_it_is_mailed_once_a_week_as_text_and_html(
    week: Desk, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.run, "application", lambda: week.app)
    assert send_summary() == send_summary() == "success"
    assert week.run(app_url="https://logs.example.com").sent == 2  # the notice of the fixture, too
    sent = [mail for mail in post.inbox.messages if "Week of" in mail["Subject"]]
    assert len(sent) == 1
    plain, html = body(sent[0], 0), body(sent[0], 1)
    assert "- Messages: this week 1,234\r\n" in plain
    assert "<table>" in html
    assert "&lt;img src=x&gt;" in html
    assert "<img" not in html
    assert "://evil" not in plain + html


def test_two_workers_and_a_restart_put_it_once(week: Desk) -> None:
    with week.app.app_context():
        first = put_summary(db.session(), week.settings)
        db.session.commit()
        second = put_summary(db.session(), week.settings)
        db.session.commit()
    assert (first, second) == ({"summaries": 1}, {"summaries": 0})


def test_before_there_is_any_record_nothing_is_sent(desk: Desk) -> None:
    with desk.app.app_context():
        assert put_summary(db.session(), desk.settings) == {"summaries": 0}


@pytest.mark.parametrize(("on", "cron"), [(True, "0 8 * * 1"), (False, None)])
def test_it_is_in_the_timetable_where_it_is_switched_on(desk: Desk, on: bool, cron: str | None) -> None:
    settings = desk.settings.model_copy(update={"enable_weekly_summary": on})
    assert [one.cron for one in timetable(settings) if one.name == "send_summary"] == [cron]
