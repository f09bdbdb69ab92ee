"""Lists that were never read before: their newest rows are seen first, and a run that dies loses and doubles
nothing."""

import pytest

from tests.ingest.test_polls import SMALL_PAGES, everything, line, start_of, stored
from tests.samples import recorded
from webapp.ingest import descent, first, read
from webapp.mailcow.client import MailcowError

ROWS = 300


@pytest.fixture
def backlog(make_viewer, replay, monkeypatch):
    """A viewer that has read nothing, of a mailcow with six pages in each list."""
    monkeypatch.setattr(descent, "PORTION", 100)
    monkeypatch.setattr(read, "CHUNK", 100)
    replay.lists = {name: rows[:ROWS] for name, rows in recorded.lists().items()}
    return make_viewer(**SMALL_PAGES)


def test_the_newest_lines_are_stored_before_the_oldest_are_read(backlog, replay):
    looks = []
    replay.between = lambda _: looks.append(backlog.lines())
    backlog.fetch()
    rows = replay.lists["postfix"]
    seen = next(lines for lines in looks if lines)
    assert set(stored(*rows[-20:])) <= set(seen)
    assert set(stored(*rows[:20])).isdisjoint(seen)
    assert backlog.lines() == stored(*rows)


def test_killed_twice_in_the_middle_it_is_done_anew_without_loss_or_doubling(backlog):
    backlog.fetch()
    expected = everything(backlog)
    backlog.forget()
    for commits in (9, 7):
        with pytest.raises(KeyboardInterrupt):
            backlog.fetch(commits)
        assert 0 < backlog.count("postfix_logs") < ROWS
    backlog.fetch()
    assert everything(backlog) == expected
    assert not any(backlog.fetch().as_dict().values())


def test_rows_keep_their_order_within_a_second(make_viewer, replay):
    now, viewer = start_of(recorded.rows("postfix")), make_viewer(**SMALL_PAGES)
    rows = [line(now + n // 40, f"connect from host{n}[192.0.2.1]") for n in range(170)]
    replay.lists["postfix"] = rows
    viewer.fetch()
    shown = viewer.ask("SELECT message FROM postfix_logs ORDER BY time, id")
    assert [row["message"] for row in shown] == [row["message"] for row in rows]


def test_byte_identical_rows_across_pages_are_all_kept(make_viewer, replay, monkeypatch):
    monkeypatch.setattr(descent, "PORTION", 60)
    now, viewer = start_of(recorded.rows("postfix")), make_viewer(**SMALL_PAGES)
    rows = [line(now + n // 90, f"connect from unknown[192.0.2.{n % 3}]") for n in range(300)]
    rows[180] = line(now, "connect from unknown[192.0.2.0]")
    replay.lists["postfix"] = rows
    viewer.fetch()
    assert viewer.lines() == stored(*rows)
    assert not any(viewer.fetch().as_dict().values())


def test_a_list_in_which_the_clock_jumped_is_seen_as_a_whole(backlog, replay, monkeypatch):
    begun = []
    monkeypatch.setattr(first, "store_portion", _noted(first.store_portion, begun))
    rows = replay.lists["postfix"]
    rows[: ROWS // 2] = [{**row, "time": str(int(row["time"]) + 3600)} for row in rows[: ROWS // 2]]
    backlog.fetch()
    assert begun
    assert backlog.lines() == stored(*rows)
    assert backlog.count("clock_jumps") == 1
    assert not any(backlog.fetch().as_dict().values())


def test_a_failure_in_the_middle_is_told_and_the_rest_is_read_later(backlog, replay):
    replay.broken_route = "get/logs/postfix"

    def break_down(_):
        if sum("postfix" in route for route in replay.requests) == 6:
            replay.fault = "500"

    replay.between = break_down
    with pytest.raises(MailcowError, match="500"):
        backlog.fetch()
    assert 0 < backlog.count("postfix_logs") < ROWS
    replay.between, replay.fault = lambda _: None, "ok"
    backlog.fetch()
    assert backlog.lines() == stored(*replay.lists["postfix"])


def _noted(whole, begun):
    def noting(*given):
        begun.append(given)
        return whole(*given)

    return noting
