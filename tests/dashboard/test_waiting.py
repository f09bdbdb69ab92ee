"""The queue over time: samples, growth, why its mail waits, and when Postfix tries next."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from webapp.dashboard.queueline import queue_view
from webapp.dashboard.waiting import LONGEST, SHORTEST, next_try, standing
from webapp.mailcow import live, snapshots
from webapp.mailcow.live import QUEUE
from webapp.mailqueue import samples
from webapp.mailqueue.entries import read
from webapp.tables.db import now
from webapp.tables.queue import QueueSample
from webapp.web.charts import line

FULL = "host mx.brimful.example[192.0.2.1] said: 452 4.2.2 Mailbox full (in reply to RCPT TO command)"
NOON = datetime(2026, 1, 8, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def row(number, domain="brimful.example", reply=FULL, queue="deferred", arrived=None):
    return {
        "queue_name": queue,
        "queue_id": f"AB{number:04X}",
        "arrival_time": int((arrived or now()).timestamp()) - 60,
        "message_size": 1000,
        "sender": "a@nordwind.example",
        "recipients": [f"b@{domain} ({reply})" if reply else f"b@{domain}"],
    }


@pytest.fixture
def listed(app, db_session):
    """A function that makes rows the queue that mailcow gave last."""

    def keep(rows):
        snapshots.keep(db_session.connection(), QUEUE.name, rows)
        db_session.commit()

    with app.app_context():
        yield keep


def test_a_sample_tells_the_queue_and_is_kept_once_in_five_minutes(listed, db_session):
    assert samples.take(db_session) == {}
    listed([row(1), row(2), row(3, "slow.example", "")])
    assert samples.take(db_session) == samples.take(db_session) == {"queued": 3}
    (kept,) = db_session.scalars(select(QueueSample)).all()
    assert (kept.mails, kept.destinations) == (3, {"brimful.example": 2, "slow.example": 1})
    assert kept.at.timestamp() % samples.STEP == 0
    assert kept.oldest <= now()


def test_a_list_that_could_not_be_read_anew_is_no_sample(listed, db_session):
    listed([row(1)])
    snapshots.note_failure(db_session.connection(), QUEUE.name, "mailcow did not answer")
    assert samples.take(db_session) == {}


def test_growth_is_against_the_sample_of_an_hour_before(listed, db_session):
    rows = [row(1), row(2), row(3, "slow.example", "", "active"), row(4, "slow.example", "", "hold")]
    listed(rows)
    assert standing(db_session).growth is None
    taken = live.last(QUEUE, db_session).taken_at
    for minutes, mails in ((55, 1), (30, 9), (180, 7)):
        at = taken - minutes * MINUTE
        db_session.add(QueueSample(at=at, mails=mails, oldest=at, destinations={"brimful.example": mails}))
    listed(rows)  # the list before is worked out
    found = standing(db_session)
    assert (found.mails, found.held, found.young, found.growth) == (4, 1, 4, 3)
    first, second = found.destinations
    assert (first.domain, first.mails, first.growth, first.reason, first.kind) == (
        "brimful.example",
        2,
        1,
        "mailbox-full",
        "wait",
    )
    assert (second.domain, second.growth, second.reason, second.next_try) == ("slow.example", 2, None, None)


def test_the_next_try_keeps_to_mailcows_pauses():
    young, old, held = read(
        [row(1, arrived=NOON), row(2, arrived=NOON - 240 * MINUTE), row(3, arrived=NOON, queue="hold")]
    )
    tried = {young.queue_id: NOON, old.queue_id: NOON, held.queue_id: NOON - 60 * MINUTE}
    assert next_try([young], tried) == NOON + SHORTEST
    assert next_try([old], tried) == NOON + LONGEST
    assert next_try([young, old, held], tried) == NOON + SHORTEST
    assert next_try([held], tried) is next_try([young], {}) is None


def test_the_line_breaks_where_the_queue_was_not_known(listed, db_session):
    assert queue_view(db_session).since is None
    moment = now()
    for minutes in (120, 115, 20, 15):
        at = moment - minutes * MINUTE
        db_session.add(QueueSample(at=at, mails=minutes, oldest=at - 90 * MINUTE, destinations={}))
    found = queue_view(db_session)
    assert len(found.mails.pieces) == len(found.waits.pieces) == 2
    assert (found.mails.top >= 120, found.waits.top) == (True, 2)
    known = [hour for hour in found.hours if hour.most is not None]
    assert 2 <= len(known) <= 4
    assert {hour.wait for hour in known} == {5400.0}
    assert max(hour.most for hour in known) == 120


def test_a_line_lies_within_its_drawing():
    drawn = line([(NOON, 0), (NOON + MINUTE, 10)], NOON, NOON + 2 * MINUTE, MINUTE)
    assert drawn.pieces == ["0,100.0 720,0.0"]
    assert line([], NOON, NOON + MINUTE, MINUTE).pieces == []


def test_the_api_tells_the_verdict_and_the_queue(client, listed):
    assert client.get("/api/stats/verdict").get_json()["grade"] == "note"
    listed([row(1), row(2)])
    told = client.get("/api/stats/verdict").get_json()
    assert "Queue 2" in told["sentence"]
    assert told["parts"][0]["url"] == "/status"
    assert told["queue"]["destinations"][0]["domain"] == "brimful.example"
    page = client.get("/dashboard").text
    assert "Queue 2, 2 of them of the last hour" in page
    assert "brimful.example" in page
