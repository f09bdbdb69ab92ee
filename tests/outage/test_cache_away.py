"""Redis is a convenience: without it every page and every list answers from the database, and says so."""

from time import monotonic

import pytest

from webapp import cache
from webapp.cache.breaker import PATIENCE, Breaker, RedisAway
from webapp.jobqueue import enqueue
from webapp.mailcow import connection
from webapp.status.banners import ROOMS

PAGES = [path for path, _, _ in ROOMS] + [
    "/login",
    "/status/jobs",
    "/no-such-page",
    "/messages?status=nonsense",
]
LISTS = ["/api/messages", "/api/queue", "/api/quarantine", "/api/status/jobs", "/api/domains", "/api/info"]
WORDS = "Redis does not answer"


@pytest.fixture
def made(make_viewer, cache_door):
    viewer = make_viewer(redis_url=f"redis://127.0.0.1:{cache_door.port}/0")
    viewer.client = viewer.app.test_client()
    assert WORDS not in viewer.client.get("/messages").text
    return viewer


@pytest.fixture
def waits(monkeypatch):
    """Every time that Redis failed while it was asked; the pause after it is longer than the test."""
    found = []
    plain = Breaker._shut
    monkeypatch.setattr("webapp.cache.breaker.PAUSE", 3600.0)
    monkeypatch.setattr(Breaker, "_shut", lambda self, error: (found.append(error), plain(self, error)))
    return found


@pytest.mark.parametrize("state", ["shut", "hangs"])
def test_every_page_answers_from_the_database_and_says_so(made, cache_door, state, waits):
    cache_door.become(state)
    for path in PAGES:
        answer = made.client.get(path)
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html" and answer.status_code == 200 and path != "/login":
            assert WORDS in answer.text, path
    for path in LISTS:
        assert made.client.get(path).status_code < 500, path
    assert len(waits) == 1  # once for all pages: 0.3 seconds in which it was waited for
    assert PATIENCE < 0.5


@pytest.mark.parametrize("state", ["shut", "hangs"])
def test_health_tells_it_and_is_not_unhealthy(made, cache_door, state):
    assert made.client.get("/api/health").get_json()["redis"] == "connected"
    cache_door.become(state)
    answer = made.client.get("/api/health")
    assert answer.status_code == 200
    assert (answer.get_json()["status"], answer.get_json()["redis"]) == ("healthy", "disconnected")


def test_a_hanging_one_costs_its_patience_once_and_not_every_question(made, cache_door, waits):
    cache_door.become("hangs")
    with made.app.app_context():
        for _ in range(200):
            assert cache.fetch("anything", str) is None
        assert cache.is_away()
    assert len(waits) == 1


def test_it_is_used_again_when_it_is_back(made, cache_door, monkeypatch):
    monkeypatch.setattr("webapp.cache.breaker.PAUSE", 0.0)
    cache_door.become("shut")
    with made.app.app_context():
        cache.put("figure", 7)
        assert cache.is_away()
        assert cache.fetch("figure", int) == 7  # this process has kept it
        cache_door.become("open")
        assert cache.fetch("figure", int) is None
        assert not cache.is_away()
        cache.put("figure", 8)
        assert cache.fetch("figure", int) == 8
    assert WORDS not in made.client.get("/messages").text


def test_what_needs_the_queue_of_jobs_says_that_it_must_wait(made, cache_door):
    cache_door.become("shut")
    answer = made.client.post("/api/domains/check-all-dns")
    assert answer.status_code == 503
    assert "Redis" in answer.get_json()["detail"]
    with made.app.app_context(), pytest.raises(cache.CacheAway):
        enqueue("fetch_logs", made.settings)


def test_mailcow_s_state_and_the_jobs_are_told_from_the_history_of_runs(made, cache_door):
    made.do(
        "INSERT INTO job_runs (name, started_at, finished_at, status, error) VALUES "
        "('fetch_logs', now() - interval '3 min', now() - interval '2 min', 'success', NULL), "
        "('fetch_logs', now() - interval '1 min', now(), 'failed', 'mailcow is silent')"
    )
    cache_door.become("shut")
    with made.app.app_context():
        cache.fetch("anything", str)
        found = connection.state()
    assert (found.state, found.reason) == ("failing", "mailcow is silent")
    assert found.last_success is not None
    assert "mailcow is silent" in made.client.get("/status/jobs/fetch_logs").text


def test_a_refusal_of_mailcow_is_not_forgotten_for_want_of_redis(made, cache_door, replay):
    cache_door.become("shut")
    replay.fault = "401"
    replay.requests.clear()
    for _ in range(3):
        made.client.get("/api/queue")
    assert len(replay.requests) == 1


def test_one_thread_tries_again_and_the_others_do_without(monkeypatch):
    def fails():
        raise TimeoutError

    def ignored(*_):
        pass

    breaker = Breaker()
    with pytest.raises(TimeoutError):
        breaker.call_with_retry(fails, ignored)
    with pytest.raises(RedisAway):
        breaker.call_with_retry(lambda: 1, ignored)
    monkeypatch.setattr("webapp.cache.breaker.monotonic", lambda: monotonic() + 60)
    assert breaker.call_with_retry(lambda: breaker.call_with_retry(lambda: 1, ignored), ignored) == 1
    assert not breaker.is_shut
