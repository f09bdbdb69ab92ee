"""Figures over all messages are exact, and big days are counted anew only where they changed."""

from dataclasses import replace

import pytest

from webapp import cache
from webapp.parse.words import UNKNOWN_DIRECTION, Outcome
from webapp.status import standing
from webapp.tables.db import db


@pytest.fixture
def tallied(recorded_viewer, monkeypatch):
    """A function that makes the tally of the recorded set; every day is a big one."""
    monkeypatch.setattr(standing, "SMALL", -1)
    with recorded_viewer.app.app_context():
        cache.forget(standing.TALLY)
        yield lambda **how: standing.tally(db.session.connection(), **how)
        cache.forget(standing.TALLY)


def counted(viewer, column, absent):
    rows = viewer.ask(
        f"SELECT coalesce({column}, '{absent}') AS word, count(*) AS n FROM messages GROUP BY 1"
    )
    return {row["word"]: row["n"] for row in rows}


def test_the_tally_is_what_the_table_holds(recorded_viewer, tallied):
    found = tallied(whole=True)
    assert found.by(0) == counted(recorded_viewer, "final_status", Outcome.PENDING)
    assert found.by(1) == counted(recorded_viewer, "direction", UNKNOWN_DIRECTION)
    assert found.by(2) == counted(recorded_viewer, "correlation", "none")


def test_a_day_never_counted_is_counted_whoever_asks(recorded_viewer, tallied):
    assert tallied().total == recorded_viewer.count("messages")


def test_an_unchanged_big_day_is_not_counted_again(tallied):
    tallied(whole=True)
    kept = cache.fetch(standing.TALLY, dict[str, standing.Day])
    name = max(kept, key=lambda part: len(kept[part].counts))
    cache.put(
        standing.TALLY,
        {**kept, name: replace(kept[name], counts=[("delivered", "inbound", "complete", 1_000_000)])},
    )
    assert tallied(whole=True).total >= 1_000_000


def test_a_changed_big_day_is_counted_again_by_the_job_alone(tallied):
    tallied(whole=True)
    kept = cache.fetch(standing.TALLY, dict[str, standing.Day])
    stale = {
        name: standing.Day("another", [("delivered", "inbound", "complete", 1_000_000)]) for name in kept
    }
    cache.put(standing.TALLY, stale)
    assert tallied().total >= 1_000_000
    assert tallied(whole=True).total < 1_000_000
