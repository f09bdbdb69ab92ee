"""Alignment: reading goes on exactly where it stopped, whatever rows look alike."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.replay import KEY, Replay
from webapp.ingest.align import TAIL_ROWS, Cursor, continuation, cursor_tail, find_run, new_rows
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.read import known_length, read_new
from webapp.ingest.rspamd import RSPAMD
from webapp.mailcow.client import Mailcow, MailcowGarbage

START = 1_795_374_576
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def server():
    running = Replay()
    yield running
    running.close()


@pytest.fixture
def mailcow(server):
    server.ring.clear()
    return Mailcow(server.url, KEY)


def rows_of(stream):
    times = itertools.accumulate((step for step, _ in stream), initial=START)
    return [
        {"time": str(second), "program": "postfix/smtpd", "priority": "info", "message": word}
        for second, (_, word) in zip(times, stream, strict=False)
    ]


def scan(second, number):
    return {"unix_time": second, "message-id": f"{number}@example.org", "action": "no action", "symbols": []}


class Reader:
    """Reads a list as the import does, and keeps what it got."""

    def __init__(self, mailcow, source, count=50):
        self.mailcow, self.source, self.count = mailcow, source, count
        self.cursor, self.got, self.gaps = Cursor(), [], []

    def look(self):
        reading = read_new(self.mailcow, self.source, self.cursor, self.count)
        column = "message" if self.source is POSTFIX else "message_id"
        self.got += [getattr(row.fields, column) for row in reading.rows]
        self.gaps += [reading.gap] if reading.gap else []
        if reading.rows:
            tail = cursor_tail([row.key for row in reversed(reading.rows)] + reading.older)
            newest = max(row.time for row in reading.rows)
            self.cursor = Cursor(tail, max(newest, self.cursor.newest or 0), START)
        return reading


def some_ends(chance, length):
    return [*sorted(chance.randrange(3, length) for _ in range(chance.randint(1, 6))), length]


@given(seed=SEEDS)
@settings(max_examples=60)
def test_every_row_is_read_once_even_where_rows_look_alike(server, mailcow, seed):
    chance = random.Random(seed)
    words, pace = "aaab"[chance.randrange(4) :], chance.choice((0.02, 0.2, 0.6))
    begin = [
        (1, word) for word in "xyz"
    ]  # a list that begins with look-alikes has no place to count them from
    rows = rows_of(
        [
            *begin,
            *((int(chance.random() < pace), chance.choice(words)) for _ in range(chance.randint(1, 600))),
        ]
    )
    reader = Reader(mailcow, POSTFIX)
    for end in some_ends(chance, len(rows)):
        server.lists["postfix"] = rows[:end]
        reader.look()
        assert len(reader.got) == len(rows[:end])
    assert reader.got == [row["message"] for row in rows]
    assert reader.gaps == []


@given(seed=SEEDS)
@settings(max_examples=20)
def test_rspamd_rows_whose_times_jump_back_are_read_once(server, mailcow, seed):
    chance = random.Random(seed)
    rows = [
        scan(START + number // 4 - chance.randrange(9), number) for number in range(chance.randint(100, 500))
    ]
    reader = Reader(mailcow, RSPAMD)
    for end in some_ends(chance, len(rows)):
        server.lists["rspamd-history"] = rows[:end]
        reader.look()
    assert reader.got == [f"{number}@example.org" for number in range(len(rows))]
    assert reader.gaps == []


def test_a_slow_scan_at_the_end_of_the_ring_does_not_hide_a_gap(server, mailcow):
    """A row's time is the start of the scan, so the oldest row left can be older than the newest one read."""
    rows = [scan(START + number // 10, number) for number in range(400)]
    rows[302] = scan(START + 3, 302)
    server.ring["rspamd-history"] = 100
    reader = Reader(mailcow, RSPAMD, count=100)
    for end in (150, 400):
        server.lists["rspamd-history"] = rows[:end]
        reader.look()
    assert reader.gaps == [(START + 14, START + 30)]


def look_after_an_empty_one(server, mailcow, rows, ring, step=0):
    """The gaps found where the list was empty at first and then holds these rows; `step` more come with each
    request."""
    server.ring["postfix"] = ring
    reader = Reader(mailcow, POSTFIX, count=200)
    reader.cursor = Cursor(looked_at=START)
    grown = itertools.count(len(rows) - 100 * step, step)
    server.lists["postfix"] = rows[: next(grown)]
    server.between = lambda _: server.lists.update(postfix=rows[: next(grown)])
    reader.look()
    server.between = lambda _: None
    return reader.gaps


def test_a_full_ring_after_an_empty_list_leaves_a_gap(server, mailcow):
    rows = rows_of([(number % 2, str(number)) for number in range(700)])
    assert look_after_an_empty_one(server, mailcow, rows, 300) == [(START, START + 200)]
    assert look_after_an_empty_one(server, mailcow, rows, 300, step=4)


def test_a_list_that_has_room_after_an_empty_one_leaves_no_gap(server, mailcow):
    rows = rows_of([(1, str(number)) for number in range(700)])
    assert look_after_an_empty_one(server, mailcow, rows, 800, step=4) == []
    assert look_after_an_empty_one(server, mailcow, rows[:90], 600) == []
    begun_before = [{**row, "time": str(int(row["time"]) - 900)} for row in rows]
    assert look_after_an_empty_one(server, mailcow, begun_before, 300) == []


def test_the_first_page_is_a_plain_count_and_pages_overlap(server, mailcow):
    server.lists["rspamd-history"] = [scan(START + number, number) for number in range(130)]
    server.requests.clear()
    Reader(mailcow, RSPAMD).look()
    assert server.requests[0] == "get/logs/rspamd-history/50"
    assert server.requests[1] == "get/logs/rspamd-history/25-74"


def test_a_list_that_moves_faster_than_pages_can_be_read_is_a_failure(server, mailcow):
    rows = rows_of([(1, str(number)) for number in range(60_000)])
    server.lists["postfix"] = rows[:50]
    reader = Reader(mailcow, POSTFIX)
    reader.look()
    server.lists["postfix"] = rows[:200]

    def flood(route):
        server.lists["postfix"] = rows[: len(server.lists["postfix"]) + 500]

    server.between = flood
    try:
        with pytest.raises(MailcowGarbage, match="grows faster than it can be read, 50 rows at a time"):
            reader.look()
    finally:
        server.between = lambda _: None


def test_the_length_of_a_list_is_found_by_asking_for_single_rows(server, mailcow):
    server.lists["postfix"] = rows_of([(0, "a")] * 900)
    server.requests.clear()
    assert known_length(mailcow, POSTFIX, 400, 10_000) == 800
    assert len(server.requests) == 2


def test_a_cursor_holds_rows_of_an_earlier_second_where_one_second_is_full():
    keys = [(2, 7)] * 200 + [(1, n) for n in range(10)]
    assert cursor_tail(keys) == [(2, 7)] * 200 + [(1, 0), (1, 1), (1, 2)]
    assert len(cursor_tail([(n, n) for n in range(500, 0, -1)])) == TAIL_ROWS
    assert cursor_tail([]) == []


def test_a_run_is_found_only_whole():
    assert find_run([1, 2, 1, 2, 3], [1, 2, 3]) == 2
    assert find_run([1, 2, 1, 2], [1, 2, 3]) is None
    assert find_run([1, 2], []) is None


def test_new_rows_are_those_above_the_cursor():
    tail = [(5, n) for n in range(20)]
    assert new_rows([(6, 0), (6, 1), *tail], tail, exhausted=False) == 2
    assert new_rows([(6, 0), *tail[5:]], tail, exhausted=True) == 1
    assert new_rows([(6, 0), *tail[:12]], tail, exhausted=True) == 1
    assert new_rows([(6, 0), *tail[:12]], tail, exhausted=False) is None
    assert new_rows([(6, 0), (6, 1)], tail, exhausted=True) is None


def test_a_page_goes_on_below_all_that_was_read():
    read = [(9, n) for n in range(60)]
    assert continuation(read, [*read[-25:], (8, 0)], 25) == 25
    assert continuation(read, [*read[-40:], (8, 0)], 25) == 40
    assert continuation(read, [(8, 0)] * 30, 25) is None
