"""Figures of the week are those of the lists behind them, and are compared with recorded days only."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.alerts.conftest import Desk
from tests.fixtures import Viewer
from webapp.tables.db import db
from webapp.weekly.flow import flow, kept
from webapp.weekly.summary import Summary, summarise
from webapp.weekly.week import week_until

LAST = date(2026, 11, 25)
WEEK = week_until(LAST)


@pytest.fixture(scope="module")
def recorded(recorded_viewer: Viewer) -> tuple[Summary, FlaskClient]:
    """The recorded set's last days as a week."""
    last = recorded_viewer.ask("SELECT max(first_seen)::date AS day FROM messages")[0]["day"]
    with recorded_viewer.app.app_context():
        found = summarise(db.session(), week_until(last))
        db.session.rollback()
    return found, recorded_viewer.app.test_client()


def test_every_figure_of_messages_is_the_total_of_its_list(recorded: tuple[Summary, FlaskClient]) -> None:
    found, client = recorded
    figures = {one.name: (one.value, one) for one in found.flow.messages}
    listed = {
        name: client.get("/api/messages", query_string={**one.filter, "limit": 1}).json["total"]  # type: ignore[index]
        for name, (_, one) in figures.items()
    }
    assert {name: value for name, (value, _) in figures.items()} == listed
    assert 0 < listed["failed"] < listed["messages"]


def test_every_reason_leads_to_as_many_messages(recorded: tuple[Summary, FlaskClient]) -> None:
    found, client = recorded
    reasons = found.failures.reasons
    totals = [
        client.get("/api/messages", query_string={**one.filter, **found.week.period, "limit": 1}).json[
            "total"
        ]  # type: ignore[index]
        for one in reasons
    ]
    assert [one.messages for one in reasons] == totals
    assert len(reasons) > 2


def test_figures_of_accounts_are_those_of_the_mailboxes_page(recorded: tuple[Summary, FlaskClient]) -> None:
    found, client = recorded
    answer: Any = client.get("/api/mailbox-stats/summary", query_string=found.flow.accounts[0].filter).json
    told = {one.name.removeprefix("accounts_"): one.value for one in found.flow.accounts}
    names = {"received": "total_received", "sent": "total_sent", "failed": "sent_failed"}
    assert told == {name: answer[key] for name, key in names.items()}
    assert told["sent"] > told["failed"] > 0


def count(desk: Desk, day: date, n: int, status: str = "delivered") -> None:
    """So many messages in an hour of that day, and as many sent by an account."""
    with desk.app.app_context():
        values = {"day": day, "n": n, "status": status}
        db.session.execute(
            text(
                "INSERT INTO message_hours VALUES (CAST(:day AS date) + interval '12 hours', 'outbound', "
                ":status, false, ARRAY[:status], :n)"
            ),
            values,
        )
        db.session.execute(
            text("INSERT INTO address_days (day, address, sent_total) VALUES (:day, 'a@example.com', :n)"),
            values,
        )
        db.session.execute(
            text(
                "INSERT INTO mailbox_aliases (address, counted_as, domain, active, is_catch_all, goto, "
                "mailboxes, comment, seen_at) VALUES ('a@example.com', 'a@example.com', 'example.com', true, "
                "false, '{}', '{}', '', now()) ON CONFLICT DO NOTHING"
            )
        )
        db.session.commit()


def told(desk: Desk) -> dict[str, tuple[int, int | None]]:
    with desk.app.app_context():
        found = flow(db.session(), WEEK, kept(db.session()))
    return {one.name: (one.value, one.before) for one in (*found.messages, *found.accounts)}


def test_two_whole_weeks_are_compared(desk: Desk) -> None:
    for back, n in ((0, 5), (6, 5), (7, 3), (13, 1), (14, 99)):
        count(desk, LAST - timedelta(days=back), n)
    assert told(desk)["messages"] == (10, 4)
    assert told(desk)["failed"] == (0, 0)
    assert told(desk)["accounts_sent"] == (10, 4)


def test_nothing_is_compared_with_days_that_were_not_recorded(desk: Desk) -> None:
    for back, n in ((0, 5), (7, 3), (13, 1)):
        count(desk, LAST - timedelta(days=back), n)
    assert told(desk)["messages"] == (5, None)
    assert told(desk)["accounts_sent"] == (5, None)


def test_where_only_messages_are_gone_the_accounts_are_compared_all_the_same(desk: Desk) -> None:
    for back, n in ((0, 5), (7, 3), (20, 1)):
        count(desk, LAST - timedelta(days=back), n)
    desk.do("INSERT INTO closed_days VALUES ('messages', DATE '2026-11-19')")
    assert told(desk)["messages"] == (5, None)
    assert told(desk)["accounts_sent"] == (5, 3)


def test_a_week_that_is_recorded_in_part_says_since_when(desk: Desk) -> None:
    count(desk, LAST, 5)
    with desk.app.app_context():
        found = flow(db.session(), WEEK, kept(db.session()))
    assert (found.recorded_from, found.kept_from) == (LAST, None)
