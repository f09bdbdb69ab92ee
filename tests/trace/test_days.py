"""The daily counts follow every change of the messages, and stay when these are dropped with their day."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.trace.daycounts import miscounted_days
from tests.trace.test_retention import clean_up, line
from webapp.tables.db import db
from webapp.trace import days

OURS = "anna@nordlicht-kontor.example"


def midnight():
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def sent(queue_id, began, status="sent", user=OURS):
    """The lines of a mail that `user` sends to one address."""
    lines = [
        line(
            began,
            "submission/smtpd",
            f"{queue_id}: client=x[203.0.113.7], sasl_method=PLAIN, sasl_username={user}",
        ),
        line(began, "cleanup", f"{queue_id}: message-id=<{queue_id}@x.example>"),
        line(began, "qmgr", f"{queue_id}: from=<{user}>, size=1000, nrcpt=1 (queue active)"),
    ]
    return lines + (outcome(queue_id, began, status) if status else [])


def outcome(queue_id, moment, status):
    dsn = {"sent": "2.0.0", "deferred": "4.4.1", "bounced": "5.1.1"}[status]
    lines = [
        line(
            moment,
            "smtp",
            f"{queue_id}: to=<r@y.example>, relay=mx.y.example[198.51.100.4]:25, delay=1, delays=0/0/0/1, "
            f"dsn={dsn}, status={status} (it said so)",
        )
    ]
    return lines if status == "deferred" else [*lines, line(moment, "qmgr", f"{queue_id}: removed")]


def day(viewer, moment, address=OURS):
    found = viewer.ask(
        "SELECT * FROM address_days WHERE day = :day AND address = :address",
        day=moment.date(),
        address=address,
    )
    return found[0] if found else None


@pytest.fixture
def imported(make_viewer, replay):
    """A function that lets mailcow log these lines as well and reads them."""
    viewer = make_viewer(retention_days=9)

    def take(*lines):
        replay.lists["postfix"] = sorted([*replay.lists["postfix"], *lines], key=lambda row: row["time"])
        viewer.fetch()
        with viewer.app.app_context():
            assert miscounted_days(db.session.connection()) == {}
        return viewer

    return take


def test_a_mail_is_counted_for_its_account_and_again_when_its_outcome_changes(imported):
    began = midnight() - timedelta(hours=20)
    viewer = imported(*sent("4jXdyZ4nJkzQvF1", began, "deferred"))
    found = day(viewer, began)
    assert (found["messages_sent"], found["sent_total"], found["sent_deferred"]) == (1, 1, 1)
    imported(*outcome("4jXdyZ4nJkzQvF1", midnight() - timedelta(hours=1), "bounced"))
    found = day(viewer, began)
    assert (found["sent_total"], found["sent_deferred"], found["sent_bounced"]) == (1, 0, 1)
    assert (found["with_failed"], found["outbound_sent"]) == (1, 1)


def test_the_counts_stay_when_the_messages_are_dropped(imported):
    old, young = midnight() - timedelta(days=5), midnight() - timedelta(hours=2)
    viewer = imported(*sent("4jXdyZ4nJkzQvF1", old), *sent("4jXdyZ4nJkzQvF2", young, "bounced"))
    viewer.do(
        "INSERT INTO mailboxes (username, domain, name, active, quota, quota_used, messages, logins_known, "
        "attributes, seen_at) VALUES (:name, 'x', '', true, 0, 0, 0, true, '{}', now())",
        name=OURS,
    )
    clean_up(viewer, days=3)
    assert viewer.count("messages") == 1
    assert day(viewer, old)["sent_delivered"] == 1
    assert day(viewer, young)["sent_bounced"] == 1
    clean_up(viewer, days=3)
    assert day(viewer, old)["sent_delivered"] == 1


def test_rows_read_once_more_after_their_day_was_dropped_are_not_counted_twice(imported, replay):
    old = midnight() - timedelta(days=5)
    viewer = imported(*sent("4jXdyZ4nJkzQvF1", old))
    clean_up(viewer, days=3)
    viewer.do("TRUNCATE log_cursors")
    viewer.fetch()
    assert viewer.count("messages") == 1
    assert day(viewer, old)["sent_total"] == 1


def test_a_mail_that_outlived_its_day_is_counted_with_its_later_outcome(imported):
    old = midnight() - timedelta(days=5)
    viewer = imported(*sent("4jXdyZ4nJkzQvF1", old, "deferred"))
    clean_up(viewer, days=3)
    assert viewer.count("messages") == 1
    assert day(viewer, old)["sent_deferred"] == 1
    imported(*outcome("4jXdyZ4nJkzQvF1", midnight() - timedelta(hours=1), "sent"))
    assert (day(viewer, old)["sent_deferred"], day(viewer, old)["sent_delivered"]) == (0, 1)


def test_counts_beyond_their_retention_and_of_strangers_are_forgotten(imported, make_viewer):
    old = midnight() - timedelta(days=7)
    viewer = imported(
        *sent("4jXdyZ4nJkzQvF1", old), *sent("4jXdyZ4nJkzQvF2", midnight() - timedelta(hours=1))
    )
    viewer.do(
        "INSERT INTO address_days (day, address, received_total) VALUES (:day, 'guess@shop.example', 2), "
        "(:day, 'other@shop.example', 3), (:day, 'guess@else.example', 1)",
        day=old.date(),
    )
    viewer.do(
        "INSERT INTO mailbox_aliases (address, counted_as, domain, active, is_catch_all, goto, mailboxes, "
        "comment, "
        "seen_at) VALUES ('@shop.example', '@shop.example', 'shop.example', true, true, '{}', '{}', '', "
        "now())"
    )
    clean_up(viewer, days=3)
    assert day(viewer, old, "guess@else.example") is not None  # no mailbox is known yet: nobody is a stranger
    viewer.do(
        "INSERT INTO mailboxes (username, domain, name, active, quota, quota_used, messages, logins_known, "
        "attributes, seen_at) VALUES (:name, 'x', '', true, 0, 0, 0, true, '{}', now())",
        name=OURS,
    )
    clean_up(viewer, days=3)
    assert day(viewer, old, "guess@else.example") is None
    assert day(viewer, old, "@shop.example")["received_total"] == 5
    assert day(viewer, old)["sent_total"] == 1
    viewer.settings = viewer.settings.model_copy(update={"stats_retention_days": 1})
    clean_up(viewer, days=3)
    assert viewer.ask(
        "SELECT count(*) AS n FROM address_days WHERE day < :day", day=old.date() + timedelta(days=1)
    ) == [{"n": 0}]


def test_one_transaction_counts_at_a_time(imported):
    """The second waits for the end of the first, and then takes off what that one wrote."""
    began = midnight() - timedelta(hours=3)
    viewer = imported(*sent("4jXdyZ4nJkzQvF1", began, "deferred"))
    ended = threading.Event()

    def again():
        with viewer.app.app_context(), db.engine.begin() as connection:
            days.take_turn(connection)
            ended.set()

    with viewer.app.app_context(), db.engine.begin() as connection:
        days.take_turn(connection)
        other = threading.Thread(target=again)
        other.start()
        waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        with db.engine.connect() as watching:
            while not watching.scalar(text(waiting)):
                watching.rollback()
        assert not ended.is_set()
    other.join()
    assert ended.is_set()
