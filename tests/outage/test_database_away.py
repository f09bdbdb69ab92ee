"""Without its database the program says so on one plain page, for every URL, and nobody waits for it."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from webapp.status.banners import ROOMS
from webapp.tables import faults
from webapp.tables.watch import ANSWER, EASED, SUSPICIOUS, TICK

PAGES = [path for path, _, _ in ROOMS if path != "/api/docs"] + ["/status/cards/jobs"]


@pytest.fixture
def made(make_app, database_door, database_url_of):
    app = make_app(database_url=database_url_of(database_door))
    assert app.test_client().get("/messages").status_code == 200
    return app


def test_a_database_that_is_away_is_told_by_a_plain_page(made: Flask, database_door):
    database_door.become("shut")
    client = made.test_client()
    for path in PAGES:
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code == 503, path
        assert faults.AWAY in answer.text
        assert "sidebar" not in answer.text
        assert answer.headers["Retry-After"] == "5"
    assert 'href="/messages?search=a"' in client.get("/messages?search=a").text  # the way to try again
    assert client.get("/api/messages").get_json() == {"detail": faults.AWAY}
    health = client.get("/api/health")
    assert (health.status_code, health.get_json()["status"]) == (503, "unhealthy")
    assert health.get_json()["database"] == "disconnected"
    database_door.become("open")
    assert client.get("/messages").status_code == 200
    assert client.get("/api/health").get_json()["status"] == "healthy"


def test_one_that_hangs_keeps_nobody_waiting_and_is_left_alone_until_it_answers(
    made: Flask, database_door, monkeypatch
):
    """It would hang for ever: that the first answer comes shows that the waiting was ended."""
    assert SUSPICIOUS + TICK + ANSWER + EASED < 3
    monkeypatch.setattr("webapp.tables.watch.ANSWER", ANSWER)
    database_door.become("hangs")
    client = made.test_client()
    assert client.get("/messages").status_code == 503
    assert made.extensions["database_watch"].is_away
    for path in PAGES:
        assert client.get(path).status_code == 503, path
    assert client.get("/api/messages").get_json() == {"detail": faults.AWAY}
    assert client.get("/api/health").status_code == 503
    assert client.get("/static/app.css").status_code == 200
    database_door.become("open")
    monkeypatch.setattr("webapp.tables.watch.ANSWER", 60)
    watch = made.extensions["database_watch"]
    watch._note(watch._answers())
    assert client.get("/messages").status_code == 200


def test_a_long_question_is_not_taken_for_a_hanging_database(made: Flask, monkeypatch):
    monkeypatch.setattr("webapp.tables.watch.SUSPICIOUS", 0.0)
    monkeypatch.setattr("webapp.tables.watch.EASED", 0.0)
    monkeypatch.setattr("webapp.tables.watch.TICK", 0.01)
    monkeypatch.setattr(
        "webapp.status.queries.information",
        lambda session, _: {"slept": session.scalar(text("SELECT 1 FROM pg_sleep(0.3)"))},
    )
    assert made.test_client().get("/api/info").get_json() == {"slept": 1}


class Full(Exception):
    """What psycopg raises where the disk is full."""

    sqlstate = "53100"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OperationalError("INSERT", {}, Full("no space left on device")), "The disk of the database is full"),
        (PoolTimeout("QueuePool limit"), "The database takes no more connections"),
    ],
)
def test_a_full_database_is_told_too(made: Flask, monkeypatch, error, words):
    def fails(*_):
        raise error

    monkeypatch.setattr("webapp.status.queries.information", fails)
    answer = made.test_client().get("/api/info")
    assert (answer.status_code, answer.get_json()) == (503, {"detail": words})


def test_a_fault_of_ours_stays_one(made: Flask, monkeypatch):
    def fails(*_):
        raise OperationalError("SELECT nonsense", {}, Exception("syntax error"))

    monkeypatch.setattr("webapp.status.queries.information", fails)
    assert made.test_client().get("/api/info").status_code == 500
