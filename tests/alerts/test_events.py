"""Trouble is told when it begins and when it is over, once each, whatever happens in between."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from webapp.alerts import check as checking
from webapp.alerts.finding import Finding, Rule
from webapp.alerts.notice import Severity
from webapp.alerts.words import RuleName
from webapp.mailcow import connection
from webapp.mailcow.connection import Answering, ConnectionState
from webapp.tables.db import db

START = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def trouble(monkeypatch) -> dict[RuleName, list[Finding] | None]:
    """What each rule finds, as the test says; only these rules are there."""
    found: dict[RuleName, list[Finding] | None] = {}
    patience = {RuleName.QUEUE_LENGTH: 15 * MINUTE}
    calm = {RuleName.CONTAINER: 5 * MINUTE}

    def rule(name: RuleName) -> Rule[list[Finding]]:
        return Rule(
            name,
            Severity.WARNING,
            lambda *_: found.get(name, []),
            lambda these, *_: these,
            lambda _: "",
            patience=lambda _: patience.get(name, 0 * MINUTE),
            calm=calm.get(name, 0 * MINUTE),
            is_momentary=name is RuleName.DNS_CHANGE,
        )

    monkeypatch.setattr(checking, "RULES", {name: rule(name) for name in RuleName})
    return found


@pytest.fixture
def look(app, trouble):
    """Look at all rules at a moment; returns the notices that were new."""

    def run(moment: datetime, **fields):
        with app.app_context():
            settings = app.config["SETTINGS"].model_copy(update=fields)
            before = _keys()
            for _ in checking.check(db.session(), settings, moment):
                db.session.commit()
            return [row for row in _notices() if row.key not in before]

    return run


def _notices():
    return db.session.execute(text("SELECT * FROM notices ORDER BY made_at, key")).all()


def _keys():
    return {row.key for row in _notices()}


def events(app):
    with app.app_context():
        return db.session.execute(text("SELECT * FROM alert_events ORDER BY id")).all()


def full(percent: float = 95) -> list[Finding]:
    return [Finding("", f"{percent:g} % is used", {"percent": percent}, link="/status")]


def test_trouble_is_told_when_it_begins_and_when_it_is_over(app, trouble, look):
    trouble[RuleName.DISK] = full()
    (begun,) = look(START)
    assert begun.title == "The mail volume is nearly full"
    assert begun.lines == ["95 % is used (since 2026-03-01T10:00:00Z)"]
    assert (begun.kinds, begun.severity, begun.link) == (["disk"], "warning", "/status")
    trouble[RuleName.DISK] = full(97)
    assert [look(START + minutes * MINUTE) for minutes in (1, 2, 59)] == [[], [], []]
    trouble[RuleName.DISK] = []
    (over,) = look(START + HOUR)
    assert over.title == "Over: The mail volume is nearly full"
    assert over.lines == ["97 % is used (from 2026-03-01T10:00:00Z to 2026-03-01T11:00:00Z)"]
    assert look(START + 2 * HOUR) == []
    (event,) = events(app)
    assert (event.began_at, event.ended_at, event.ended_by) == (START, START + HOUR, "over")
    assert event.numbers == {"percent": 97}


def test_what_is_not_known_neither_begins_nor_ends(app, trouble, look):
    trouble[RuleName.DISK] = full()
    look(START)
    trouble[RuleName.DISK] = None
    assert look(START + HOUR) == []
    (event,) = events(app)
    assert event.ended_at is None
    with app.app_context():
        asked = text("SELECT judged_at, unknown_since FROM alert_looks WHERE rule = 'disk'")
        assert tuple(db.session.execute(asked).one()) == (START, START + HOUR)


def test_what_does_not_last_leaves_no_trace(app, trouble, look):
    trouble[RuleName.QUEUE_LENGTH] = full()
    assert look(START) == look(START + 14 * MINUTE) == []
    trouble[RuleName.QUEUE_LENGTH] = []
    assert look(START + 15 * MINUTE) == []
    assert events(app) == []
    trouble[RuleName.QUEUE_LENGTH] = full()
    look(START + HOUR)
    assert len(look(START + HOUR + 15 * MINUTE)) == 1
    assert [event.began_at for event in events(app)] == [START + HOUR]


def test_a_value_that_swings_about_its_threshold_is_one_event(app, trouble, look):
    strong = full()
    weak = [Finding("", "89 % is used", is_weak=True)]
    trouble[RuleName.DISK] = weak
    assert look(START) == []
    told = []
    for minute, found in enumerate([strong, weak, strong, weak, weak], start=1):
        trouble[RuleName.DISK] = found
        told += look(START + minute * MINUTE)
    assert len(told) == len(events(app)) == 1
    trouble[RuleName.DISK] = []
    assert len(look(START + 9 * MINUTE)) == 1


def test_what_comes_again_at_once_was_not_over(app, trouble, look):
    down = [Finding("sogo", "sogo is exited")]
    told = []
    for minute in range(20):
        trouble[RuleName.CONTAINER] = down if minute % 3 else []
        told += look(START + minute * MINUTE)
    assert len(told) == len(events(app)) == 1
    trouble[RuleName.CONTAINER] = []
    assert [len(look(START + minute * MINUTE)) for minute in (20, 23, 24, 25)] == [0, 0, 1, 0]


def test_500_domains_that_turn_bad_at_once_are_one_notice(app, trouble, look):
    trouble[RuleName.DNS] = [
        Finding(f"d{n:03}.example", "SPF turned worse", aspect="spf") for n in range(500)
    ]
    trouble[RuleName.DISK] = full()
    (told,) = look(START)
    assert told.title == "The mail volume is nearly full, A domain's DNS turned worse (500)"
    assert told.kinds == ["disk", "dns"]
    assert len(told.lines) == 1 + 10 + 1
    assert told.lines[-1] == "A domain's DNS turned worse: 490 more"
    assert look(START + MINUTE) == []
    trouble[RuleName.DNS] = []
    (over,) = look(START + HOUR)
    assert over.title == "Over: A domain's DNS turned worse (500)"
    assert len(events(app)) == 501


def test_more_of_a_kind_waits_for_the_quiet_time(app, trouble, look):
    def stopped(*names):
        return [Finding(name, f"{name} is exited") for name in names]

    trouble[RuleName.CONTAINER] = stopped("sogo")
    assert len(look(START)) == 1
    trouble[RuleName.CONTAINER] = stopped("sogo", "clamd", "olefy")
    trouble[RuleName.DISK] = full()
    (other,) = look(START + MINUTE)
    assert other.kinds == ["disk"]
    trouble[RuleName.CONTAINER] = stopped("sogo", "clamd", "redis")
    assert look(START + 10 * MINUTE) == look(START + 29 * MINUTE) == []
    (later,) = look(START + 31 * MINUTE)
    assert later.title == "A container is stopped (2)"
    trouble[RuleName.CONTAINER] = []
    (over,) = look(START + 40 * MINUTE)
    assert over.title == "Over: A container is stopped (3)"
    told = {event.subject: bool(event.begin_told_at) for event in events(app) if event.subject}
    assert told == {"sogo": True, "clamd": True, "olefy": False, "redis": True}


def test_what_stays_open_is_told_again_once_a_day(app, trouble, look):
    trouble[RuleName.DISK] = full()
    look(START)
    trouble[RuleName.CONTAINER] = [Finding("clamd", "clamd is exited")]
    look(START + 12 * HOUR)
    told = [(hour, one.title) for hour in range(18, 80, 6) for one in look(START + hour * HOUR)]
    title = "Still open: The mail volume is nearly full, A container is stopped"
    assert told == [(24, title), (48, title), (72, title)]
    assert look(START + 99 * HOUR, alert_reminder_hours=0) == []


def test_what_happened_and_was_over_at_once_is_told_once(trouble, look):
    trouble[RuleName.DNS_CHANGE] = [Finding("a.example", "The SPF record changed", aspect="spf")]
    assert len(look(START)) == 1
    trouble[RuleName.DNS_CHANGE] = []
    assert look(START + DAY) == []


def test_a_rule_that_is_switched_off_ends_its_events_without_a_word(app, trouble, look):
    trouble[RuleName.DISK] = full()
    look(START)
    assert look(START + HOUR, alert_rules_off=("disk",)) == []
    (event,) = events(app)
    assert (event.ended_by, event.end_told_at) == ("off", None)


def test_two_workers_and_a_restart_tell_an_outage_once_when_it_begins_and_once_when_it_ends(app):
    """Both look at the same time for an hour and a bit; half of the time one of them dies before its end."""
    settings = app.config["SETTINGS"].model_copy(update={"mailcow_url": "http://127.0.0.1:1"})
    both = threading.Barrier(2)

    def worker(number: int, minutes: range) -> None:
        with app.app_context():
            for minute in minutes:
                if not both.wait():
                    state = Answering.FAILING if minute < 60 else Answering.CONNECTED
                    told = ConnectionState(state, START, "timed out", START - MINUTE)
                    connection.cache.put(connection.STATE, told)
                both.wait()
                for done in checking.check(db.session(), settings, START + minute * MINUTE):
                    if done and number == minute % 2 and minute % 4 < 2:
                        db.session.rollback()
                    else:
                        db.session.commit()

    for minutes in (range(0, 30, 3), range(30, 72, 3)):  # the second pair is the restarted program
        threads = [threading.Thread(target=worker, args=(number, minutes)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    with app.app_context():
        told = [row.title for row in _notices()]
    assert told == ["mailcow does not answer", "Over: mailcow does not answer"]
    (event,) = events(app)
    assert event.began_at == START
    assert START + 60 * MINUTE <= event.ended_at <= START + 66 * MINUTE
