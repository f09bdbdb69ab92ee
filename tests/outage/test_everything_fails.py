"""A short bad night: runs die, the database and Redis go away in the middle, mailcow breaks; afterwards every
line is stored once and told as if nothing had happened. And two installations share the work."""

import random
import threading

import pytest
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from tests.ingest.test_polls import LISTS, SMALL_PAGES, everything
from tests.samples import recorded
from webapp.mailcow.client import MailcowError

ROUNDS = 10
FAULTS = ("dies", "database", "cache", "cache hangs", "500", "html", "empty", "none")


def show(replay, chance, share):
    for name in LISTS:
        rows = recorded.rows(name)
        wanted = int(len(rows) * share)
        replay.lists[name] = rows[: chance.randint(min(len(replay.lists[name]), wanted), wanted)]


@pytest.mark.parametrize("seed", [1])
def test_a_bad_night_loses_and_doubles_nothing(
    make_viewer, replay, recorded_viewer, cache_door, database_door, database_url_of, monkeypatch, seed
):
    monkeypatch.setattr("webapp.cache.breaker.PAUSE", 0.05)
    monkeypatch.setattr("webapp.cache.breaker.PATIENCE", 0.1)
    chance = random.Random(seed)
    viewer = make_viewer(
        redis_url=f"redis://127.0.0.1:{cache_door.port}/0",
        database_url=database_url_of(database_door),
        **SMALL_PAGES,
    )
    met = set()
    for number in range(1, ROUNDS + 1):
        show(replay, chance, number / ROUNDS)
        fault = FAULTS[(number + seed) % len(FAULTS)]
        left = [chance.randint(0, 6)]

        def strike(_route, fault=fault, left=left):
            left[0] -= 1
            if left[0] == 0:
                if fault == "database":
                    database_door.become("shut")
                elif fault.startswith("cache"):
                    cache_door.become("hangs" if "hangs" in fault else "shut")

        replay.between = strike
        replay.fault = fault if fault in ("500", "html", "empty") else "ok"
        try:
            viewer.fetch(commits=chance.randint(1, 8) if fault == "dies" else None)
        except (MailcowError, SQLAlchemyError, RedisError, KeyboardInterrupt) as error:
            met.add(type(error).__name__)
        replay.between, replay.fault = (lambda _: None), "ok"
        database_door.become("open")
        cache_door.become("open")
    replay.lists = recorded.lists()
    viewer.fetch()
    viewer.settle()
    assert len(met) > 1
    assert everything(viewer) == everything(recorded_viewer)
    assert viewer.count("log_gaps") == 0


def test_two_installations_on_one_database_share_the_work(make_worker, replay, recorded_viewer, monkeypatch):
    """Each has its own timetable; the locks of the database see to it that a job runs once at a time."""
    from jobs import run, tasks

    monkeypatch.setattr("webapp.ingest.watch.LONGEST_WATCH", 0)  # one look a run
    first = make_worker(**SMALL_PAGES)
    chance, said = random.Random(3), []
    for number in range(1, 4):
        show(replay, chance, number / 3)
        both = [threading.Thread(target=lambda: said.append(tasks.fetch_logs())) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
    replay.lists = recorded.lists()
    said.append(tasks.fetch_logs())
    first.settle()
    assert run.JobState.SUCCESS in said
    assert set(said) <= {"success", "runs already"}
    assert everything(first) == everything(recorded_viewer)
    assert first.count("log_gaps") == 0
