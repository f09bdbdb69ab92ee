"""How often a run looks while nothing is known yet of how fast lines come."""

import pytest

from tests.replay import KEY
from webapp.ingest.watch import watch_logs
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db, now

RING, BURST, MOST_LOOKS = 200, 1_000, 200


def line(number, second):
    message = f"warning: dict_nis_init {number}"
    return {"time": str(second), "program": "postfix/smtpd", "priority": "info", "message": message}


@pytest.fixture
def burst(make_viewer, replay, monkeypatch):
    """A viewer, a function that watches until all is read, and one by which more lines come."""
    monkeypatch.setattr("webapp.ingest.watch.time.sleep", lambda _: come())
    viewer = make_viewer(fetch_interval=60)
    second, shown = int(now().timestamp()) - 60, [0]
    replay.ring = {"postfix": RING}

    def come():
        shown[0] = min(shown[0] + RING // 2, BURST)
        replay.lists["postfix"] = [line(n, second + n // 50) for n in range(shown[0])]

    def watch():
        with viewer.app.app_context():
            for looks, _ in enumerate(
                watch_logs(db.session(), Mailcow(replay.url, KEY, 10), viewer.settings)
            ):
                db.session.commit()
                if looks > MOST_LOOKS or viewer.count("postfix_logs") == BURST:
                    return

    return viewer, watch, come


def test_a_burst_that_begins_with_the_first_look_is_read_whole(burst, monkeypatch):
    viewer, watch, _ = burst
    monkeypatch.setattr("webapp.ingest.watch.BEGINNING", 3_600)
    watch()
    assert (viewer.count("log_gaps"), viewer.count("postfix_logs")) == (0, BURST)


def test_one_regular_look_would_have_lost_most_of_it(burst):
    viewer, watch, come = burst
    watch()
    for _ in range(BURST // RING * 2):
        come()
    watch()
    assert viewer.count("postfix_logs") < BURST
