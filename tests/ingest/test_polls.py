"""Looking again and again at lists without row ids: nothing is lost, nothing is doubled, and what was lost is
told."""

import random
from collections import Counter

import pytest

from tests.samples import recorded
from webapp.ingest import read as ingest
from webapp.mailcow.client import MailcowError

LISTS = ("postfix", "rspamd-history", "netfilter", "dovecot")
TABLES = ("postfix_logs", "rspamd_logs", "netfilter_logs", "dovecot_logs")
SMALL_PAGES = {
    "fetch_count_postfix": 50,
    "fetch_count_rspamd": 50,
    "fetch_count_netfilter": 50,
    "fetch_count_dovecot": 50,
}


def line(second, message, program="postfix/smtpd"):
    return {"time": str(second), "program": program, "priority": "info", "message": message}


def stored(*rows):
    return Counter((int(row["time"]), row["message"]) for row in rows)


def start_of(rows):
    return int(rows[-1]["time"])


def everything(viewer):
    """All that was stored, but for the row ids of the lines."""
    return (
        viewer.table("messages"),
        viewer.table("deliveries"),
        *(viewer.table(name, "id") for name in TABLES),
        viewer.table("sign_ins"),
    )


@pytest.mark.parametrize(
    "counts", [SMALL_PAGES, {"fetch_count_postfix": 100, "fetch_count_rspamd": 100}], ids=["50", "100"]
)
def test_small_pages_read_the_same_as_one_big_one(make_viewer, replay, recorded_viewer, counts):
    replay.lists = recorded.lists()
    viewer = make_viewer(**counts)
    viewer.fetch()
    assert everything(viewer) == everything(recorded_viewer)


def test_growing_lists_tell_the_same_as_one_look(make_viewer, replay, recorded_viewer):
    chance, viewer = random.Random(7), make_viewer(**SMALL_PAGES)
    for part in range(1, 9):
        for name in LISTS:
            rows = recorded.rows(name)
            replay.lists[name] = rows[
                : len(rows) if part == 8 else chance.randint(len(replay.lists[name]), len(rows) * part // 8)
            ]
        viewer.fetch()
    assert everything(viewer) == everything(recorded_viewer)


def test_rows_that_arrive_between_two_pages_are_neither_lost_nor_read_twice(make_viewer, replay):
    rows, viewer = recorded.rows("postfix")[:900], make_viewer(**SMALL_PAGES)
    replay.lists["postfix"] = rows[:50]
    viewer.fetch()
    replay.lists["postfix"] = rows[:500]

    def more_rows(route):
        if "postfix" in route:
            replay.lists["postfix"] = rows[: len(replay.lists["postfix"]) + 17]

    replay.between = more_rows
    while len(replay.lists["postfix"]) < len(rows):
        viewer.fetch()
    viewer.fetch()
    assert viewer.lines() == stored(*rows)
    assert viewer.count("log_gaps") == 0


def test_a_lost_cursor_changes_nothing(viewer, replay):
    replay.lists = {name: rows[:500] for name, rows in recorded.lists().items()}
    viewer.fetch()
    tables = ("messages", "deliveries", *TABLES, "sign_ins")
    before = [viewer.table(name) for name in tables]
    viewer.do("DELETE FROM log_cursors")
    viewer.fetch()
    assert [viewer.table(name) for name in tables] == before


def test_looking_again_without_new_rows_changes_nothing(viewer, replay):
    replay.lists = {name: rows[:300] for name, rows in recorded.lists().items()}
    viewer.fetch()
    before = everything(viewer)
    progress = viewer.fetch()
    assert not any(progress.as_dict().values())
    assert everything(viewer) == before


@pytest.mark.parametrize("commits", [1, 7])
def test_a_run_that_dies_in_the_middle_is_continued_without_loss_or_doubling(
    make_viewer, replay, commits, monkeypatch
):
    monkeypatch.setattr(ingest, "CHUNK", 120)
    replay.lists = {name: rows[:500] for name, rows in recorded.lists().items()}
    viewer = make_viewer(fetch_count_postfix=100)
    viewer.fetch()
    expected = everything(viewer)
    viewer.forget()
    with pytest.raises(KeyboardInterrupt):
        viewer.fetch(commits)
    viewer.fetch()
    assert everything(viewer) == expected
    assert viewer.count("log_gaps") == 0


def test_an_overflowing_ring_leaves_exactly_one_gap_with_its_times(make_viewer, replay):
    rows, viewer = recorded.rows("postfix"), make_viewer(fetch_count_postfix=100)
    replay.ring["postfix"] = 400
    replay.lists["postfix"] = rows[:1000]
    viewer.fetch()
    replay.lists["postfix"] = rows[:2500]
    viewer.fetch()
    viewer.fetch()
    replay.lists["postfix"] = rows[:2600]
    viewer.fetch()
    (gap,) = viewer.table("log_gaps")
    assert gap["source"] == "postfix"
    assert int(gap["start"].timestamp()) == int(rows[999]["time"])
    assert int(gap["end"].timestamp()) == int(rows[2100]["time"])
    assert viewer.lines() == stored(*rows[600:1000], *rows[2100:2600])


def test_a_ring_that_overflows_within_one_second_leaves_a_gap(make_viewer, replay):
    viewer, now = make_viewer(fetch_count_postfix=50), start_of(recorded.rows("postfix"))
    rows = [line(now - 1, f"before {n}") for n in range(60)] + [
        line(now, f"connect from host{n}[192.0.2.1]") for n in range(300)
    ]
    replay.ring["postfix"] = 80
    replay.lists["postfix"] = rows[:100]
    viewer.fetch()
    replay.lists["postfix"] = rows
    viewer.fetch()
    viewer.fetch()
    (gap,) = viewer.table("log_gaps")
    assert (int(gap["start"].timestamp()), int(gap["end"].timestamp())) == (now, now)
    assert viewer.lines() == stored(*rows[20:100], *rows[280:])


def test_two_overflows_in_one_second_are_one_gap_that_reaches_to_the_later_end(make_viewer, replay):
    viewer, now = make_viewer(fetch_count_postfix=50), start_of(recorded.rows("postfix"))
    burst = [line(now, f"connect from host{n}[192.0.2.1]") for n in range(400)]
    replay.ring["postfix"] = 80
    for rows in (burst[:100], burst[:250], [*burst, *(line(now + 5, f"after {n}") for n in range(200))]):
        replay.lists["postfix"] = rows
        viewer.fetch()
    (gap,) = viewer.table("log_gaps")
    assert (int(gap["start"].timestamp()), int(gap["end"].timestamp())) == (now, now + 5)


def test_a_ring_that_ends_just_below_the_cursor_leaves_no_gap(make_viewer, replay):
    rows, viewer = recorded.rows("postfix"), make_viewer(fetch_count_postfix=100)
    replay.ring["postfix"] = 400
    replay.lists["postfix"] = rows[:1000]
    viewer.fetch()
    replay.lists["postfix"] = rows[:1385]
    viewer.fetch()
    assert viewer.count("log_gaps") == 0
    assert viewer.lines() == stored(*rows[600:1385])


@pytest.mark.parametrize("vanished", [1, 39, 200])
def test_a_list_that_went_back_in_time_is_read_on_without_loss_or_doubling(make_viewer, replay, vanished):
    """After a crash Redis restores an older snapshot: the newest rows are gone, then new ones come."""
    rows, viewer = recorded.rows("postfix"), make_viewer(fetch_count_postfix=100)
    replay.lists["postfix"] = rows[:1000]
    viewer.fetch()
    replay.lists["postfix"] = rows[: 1000 - vanished]
    viewer.fetch()
    assert viewer.lines() == stored(*rows[:1000])
    replay.lists["postfix"] = rows[: 1000 - vanished] + rows[1100:1250]
    viewer.fetch()
    replay.lists["postfix"] += rows[1250:1300]
    viewer.fetch()
    assert viewer.lines() == stored(*rows[:1000], *rows[1100:1300])


def test_byte_identical_rows_of_one_second_are_all_kept(make_viewer, replay):
    now = start_of(recorded.rows("postfix"))
    same = line(now, "connect from unknown[1.2.3.4]")
    viewer = make_viewer()
    for count in (3, 4, 7, 7, 60, 61):
        replay.lists["postfix"] = [line(now - 1, "first"), *[same] * count]
        viewer.fetch()
        assert viewer.lines()[now, same["message"]] == count


def test_an_emptied_list_is_a_failure_and_no_reason_to_begin_anew(viewer, replay):
    rows = recorded.rows("rspamd-history")
    replay.lists["rspamd-history"] = rows[:40]
    viewer.fetch()
    replay.lists["rspamd-history"] = []
    with pytest.raises(MailcowError, match="rspamd log is empty, though it had rows before"):
        viewer.fetch()
    replay.lists["rspamd-history"] = rows[:60]
    viewer.fetch()
    assert viewer.count("rspamd_logs") == 60
