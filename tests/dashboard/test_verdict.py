"""What the dashboard's first line says of each state of things: it calls nothing good that is not known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from webapp.config import load_settings
from webapp.dashboard.verdict import Facts, Gap, Grade, verdict
from webapp.dashboard.waiting import Destination, Standing
from webapp.mailcow.connection import Answering, ConnectionState

NOON = datetime(2026, 1, 8, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BRIMFUL = Destination(
    "brimful.example", 14, 6, NOON - HOUR, "mailbox-full", "the mailbox is full", "wait", None
)
SMALL = Destination(
    "slow.example", 5, 5, NOON - HOUR, "no-answer", "the server does not answer", "wait", None
)
QUEUE = Standing(NOON, 22, 1, 9, NOON - HOUR, 13, [BRIMFUL, SMALL])
EMPTY = Standing(NOON, 0, 0, 0, None, 0, [])
WELL = Facts(
    NOON,
    ConnectionState(Answering.CONNECTED, last_success=NOON),
    NOON,
    NOON,
    EMPTY,
    {"postfix": "running", "clamd": "running"},
    [],
    0,
    0,
    0,
    50,
)
AWAY = ConnectionState(Answering.FAILING, NOON - HOUR, "timed out", NOON - HOUR)
SETTINGS = load_settings(_env_file=None, data_dir="unused")


def clock(moment):
    return f"{moment:%H:%M}"


def told(settings=SETTINGS, **changes):
    return verdict(replace(WELL, **changes), settings, clock)


@pytest.mark.parametrize(
    ("changes", "sentence", "grade"),
    [
        ({}, "Mail flows. The queue is empty.", "good"),
        ({"newest": NOON - 2 * HOUR}, "The newest mail is of 10:00. The queue is empty.", "note"),
        ({"newest": NOON - 7 * HOUR}, "No mail since 05:00. The queue is empty.", "warning"),
        ({"newest": None}, "No mail has been seen yet. The queue is empty.", "note"),
        ({"read_at": None}, "Nothing is known yet: mailcow's log is read for the first time.", "note"),
        (
            {"read_at": NOON - HOUR},
            "Whether mail flows is not known: the log was last read at 11:00. The queue is empty.",
            "warning",
        ),
        ({"connection": AWAY}, "mailcow cannot be read since 11:00: all else is as of 11:00.", "bad"),
        (
            {"connection": ConnectionState(Answering.FAILING), "read_at": None},
            "mailcow cannot be read: nothing is known of its mail.",
            "bad",
        ),
        ({"containers": {"postfix": "exited"}}, "Mail does not flow: postfix is down.", "bad"),
        ({"containers": None}, "Mail flows. The containers are not known yet. The queue is empty.", "note"),
        (
            {"containers": {"postfix": "running", "clamd": "exited"}},
            "Mail flows. clamd is down: no virus scan.",
            "warning",
        ),
        ({"containers": {"x": "paused"}}, "Mail flows. x is paused.", "warning"),
        (
            {"gaps": [Gap(NOON - HOUR, NOON - 30 * MINUTE)]},
            "Mail flows. Lines of the log were lost 11:00–11:30.",
            "warning",
        ),
        ({"filled": 95}, "Mail flows. The mail volume is 95 % full.", "bad"),
        ({"banned": 1, "alerts": 2}, "Mail flows. 2 alerts open. 1 address banned.", "warning"),
        (
            {"queue": QUEUE},
            "Mail flows. Queue 22, +9 in an hour, mostly to brimful.example (the mailbox is full).",
            "note",
        ),
        (
            {"queue": replace(QUEUE, hour_ago=None)},
            "Mail flows. Queue 22, 9 of them of the last hour",
            "note",
        ),
        ({"queue": replace(QUEUE, hour_ago=22)}, "Mail flows. Queue 22, as an hour ago", "note"),
        ({"queue": replace(QUEUE, mails=40)}, "Mail flows. Queue 40, +27 in an hour.", "warning"),
        (
            {"queue": Standing(None, 0, 0, 0, None, None, [])},
            "Mail flows. The queue is not known yet.",
            "note",
        ),
    ],
)
def test_the_verdict_says_what_is_known(changes, sentence, grade):
    found = told(**changes)
    assert found.sentence.startswith(sentence)
    assert found.grade == grade


def test_the_worst_comes_right_after_whether_mail_flows():
    found = told(queue=QUEUE, banned=1, filled=99, containers={"postfix": "running", "clamd": "exited"})
    assert [part.grade for part in found.parts] == ["good", "bad", "warning", "note", "note"]
    assert all(part.url.startswith("/") for part in found.parts)


@pytest.mark.parametrize("changes", [{"connection": AWAY}, {"read_at": NOON - HOUR}])
def test_nothing_is_good_while_mailcow_or_its_log_cannot_be_read(changes):
    found = told(**changes)
    assert found.as_of == NOON - HOUR
    assert Grade.GOOD not in {part.grade for part in found.parts}
    assert told().as_of is None


def test_a_container_that_may_be_stopped_is_not_told():
    may_stop = SETTINGS.model_copy(update={"alert_containers_ignored": ("clamd-mailcow",)})
    stopped = {"postfix": "running", "clamd": "exited"}
    assert "clamd" not in told(may_stop, containers=stopped).sentence
    assert "clamd" in told(containers=stopped).sentence


def test_many_containers_are_one_clause():
    found = told(containers={"postfix": "running", **dict.fromkeys("abcd", "exited")})
    assert "4 containers do not run: a, b, c, d." in found.sentence


def test_the_growth_is_told_of_the_destination_that_makes_it_up():
    growing = replace(SMALL, mails=9, hour_ago=0)
    assert replace(QUEUE, destinations=[BRIMFUL, growing]).main == growing
    assert replace(QUEUE, hour_ago=22, destinations=[BRIMFUL, SMALL]).main == BRIMFUL
    assert replace(QUEUE, mails=100, hour_ago=None).main is None
