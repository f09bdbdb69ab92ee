"""The server's clock may jump, by any step, at any place: no mail is lost, doubled or told otherwise."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.samples import recorded
from tests.trace.test_order import FAMILIES, SCANS
from webapp.ingest.clock import jumps
from webapp.ingest.postfix import POSTFIX
from webapp.ingest.read import Reading
from webapp.ingest.rows import Record
from webapp.parse.postfix import parse_line

LINES = recorded.rows("postfix")
DAY = 86400
START = 1_795_000_000
TOLD = (
    "kind", "queue_id", "message_id", "sender", "recipients", "recipient_count", "subject", "username", "ip",
    "service", "size", "direction", "final_status", "outcomes", "is_spam", "spam_score", "correlation",
    "notices",
)  # fmt: skip
PLACE = {id(row): place for place, row in enumerate(LINES)}
SECONDS = [int(row["time"]) for row in LINES]


def line(second, message, program="postfix/smtpd"):
    return {"time": str(second), "program": program, "priority": "info", "message": message}


def told(viewer):
    """What is told of every mail and of every recipient, but for times and what is made of them."""
    messages = viewer.table("messages")
    names = {(row["id"], row["first_seen"]): row for row in messages}
    people = Counter()
    for row in viewer.table("deliveries"):
        message = names[row["message_id"], row["message_time"]]
        people[
            repr((message["queue_id"], message["sender"], row["recipient"], row["orig_to"], row["status"]))
        ] += 1
    return Counter(repr([row[name] for name in TOLD]) for row in messages), people


def some_mails(chance, lines=250):
    """Whole mails with lines of no mail, in the order of the recording, and their Rspamd rows with the place
    of their mail's Message-ID in it."""
    ids = [queue_id for queue_id in FAMILIES if queue_id]
    chosen = chance.sample(FAMILIES[None], 30)
    while len(chosen) < lines:
        chosen += FAMILIES[ids.pop(chance.randrange(len(ids)))]
    chosen.sort(key=lambda row: PLACE[id(row)])
    named = {}
    for row in chosen:
        found = parse_line(row["program"], row["message"]).message_id
        if found:
            named.setdefault(found.strip("<>"), []).append(PLACE[id(row)])
    scans = []
    for scan in SCANS:
        places = named.get(scan["message-id"].strip("<>"))
        if places:
            near = min(places, key=lambda place: abs(SECONDS[place] - scan["unix_time"]))
            scans.append((near, scan))
    return chosen, scans


def shifted(row, clock, by):
    return {**row, clock: type(row[clock])(int(row[clock]) + by)}


class Jumps:
    """One or several jumps of up to a day between rows, such that no time is more than a day off."""

    def __init__(self, chance, lines):
        self.places = sorted(PLACE[id(row)] for row in chance.sample(lines, chance.randint(1, 3)))
        self.steps = [
            chance.choice((-1, 1)) * chance.choice((40, 170, 3600, DAY - 1, DAY)) for _ in self.places
        ]

    def by(self, place):
        passed = sum(start <= place for start in self.places)
        return max(-DAY, min(DAY, sum(self.steps[:passed])))


def read_in_polls(viewer, replay, chance, lines, scans, looks):
    """Let both lists grow together, in steps at random, with a look after each."""
    marks = [*sorted(chance.randrange(1, len(lines)) for _ in range(looks - 1)), len(lines)]
    for mark in marks:
        replay.lists["postfix"] = [row for _, row in lines[:mark]]
        later = next((n for n, (place, _) in enumerate(scans) if place > lines[mark - 1][0]), len(scans))
        replay.lists["rspamd-history"] = [row for _, row in scans[:later]]
        viewer.fetch()


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3)
def test_jumps_of_up_to_a_day_change_nothing_that_is_told(make_viewer, replay, seed):
    chance = random.Random(seed)
    viewer = make_viewer(fetch_count_postfix=60, fetch_count_rspamd=60)
    viewer.forget()
    lines, scans = some_mails(chance)
    read_in_polls(viewer, replay, chance, [(PLACE[id(row)], row) for row in lines], scans, 3)
    expected = told(viewer)
    viewer.forget()
    jumps = Jumps(chance, lines)
    read_in_polls(
        viewer,
        replay,
        chance,
        [(PLACE[id(row)], shifted(row, "time", jumps.by(PLACE[id(row)]))) for row in lines],
        [(place, shifted(row, "unix_time", jumps.by(place))) for place, row in scans],
        chance.randint(2, 7),
    )
    assert sum(expected[0].values()) > 20
    found = told(viewer)
    for got, wanted in zip(found, expected, strict=True):
        assert (sorted(got - wanted), sorted(wanted - got)) == ([], [])
    assert viewer.count("log_gaps") == 0


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=3)
def test_every_row_is_read_or_a_gap_tells_of_it(make_viewer, replay, seed):
    """Also where a small ring overflows while the clock jumps."""
    chance = random.Random(seed)
    viewer = make_viewer(fetch_count_postfix=50)
    viewer.forget()
    rows, second = [], SECONDS[0]
    jumps = {chance.randrange(50, 900): chance.choice((-1, 1)) * chance.randint(31, DAY) for _ in range(2)}
    for number in range(900):
        second += jumps.get(number, 0) + chance.choice((0, 0, 0, 1))
        rows.append(line(second, f"connect from host{number}[192.0.2.1]"))
    replay.ring["postfix"] = 300
    mark, lost = 0, 0
    while mark < len(rows):
        step = min(chance.choice((40, 250, 289, 340, 500)), len(rows) - mark)
        lost += max(0, step - 300)
        mark += step
        replay.lists["postfix"] = rows[:mark]
        assert viewer.fetch().gaps == (step > 300 and mark > step)
    assert viewer.count("postfix_logs") == len(rows) - lost


def test_a_row_far_ahead_hides_nothing_that_follows(make_viewer, replay):
    viewer, now = make_viewer(fetch_count_postfix=100), SECONDS[-1]
    rows = [line(now - 900 + n // 4, f"connect from host{n}[192.0.2.1]") for n in range(500)]
    replay.lists["postfix"] = [*rows[:200], line(now + 170, "ahead")]
    viewer.fetch()
    replay.lists["postfix"] = [*rows[:200], line(now + 170, "ahead"), *rows[200:]]
    viewer.fetch()
    assert viewer.count("postfix_logs") == 501
    assert viewer.count("log_gaps") == 0
    told = [
        (int(row["before"].timestamp()), int(row["after"].timestamp())) for row in viewer.table("clock_jumps")
    ]
    assert (now + 170, int(rows[200]["time"])) in told


@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_a_clock_that_is_set_leaves_no_row_unread_and_no_gap(make_viewer, replay, hours):
    viewer, now = make_viewer(fetch_count_postfix=100), SECONDS[-1] - 2 * DAY
    rows = [line(now + n // 4 + (3600 * hours if n >= 300 else 0), f"line {n}") for n in range(3000)]
    for end in (280, 2900, 3000):
        replay.lists["postfix"] = rows[:end]
        viewer.fetch()
    assert viewer.count("postfix_logs") == 3000
    assert viewer.count("log_gaps") == 0
    assert viewer.count("clock_jumps") == (hours < 0)


@pytest.mark.parametrize(
    ("known", "steps", "wanted"),
    [
        ([], [0, 10, 3610, 3620, 25], [(10, 3610), (3620, 25)]),  # set forward and back
        ([0, 10, 3610, 3620], [25, 26], [(10, 3610), (3620, 25)]),  # set back in a later look
        ([0, 10, 3610, 3620, 25], [26], []),  # told already
        ([], [0, 10, 3610, 3600, 3625, 20], [(10, 3610), (3625, 20)]),  # rows of two programs out of order
        ([], [0, 600, 565], [(600, 565)]),  # a silence, then set back
        ([], [0, 9, 18, 27, 36, 0], [(36, 0)]),
        ([], [0, 100, 200, 5, 6], [(0, 100), (100, 200), (200, 5)]),
        ([], [0, 7200, 7210], []),  # a silence, or set forward up to the present
        ([], [0, 90_000, 90_001], [(0, 90_000)]),  # ahead of our own clock
    ],
)
def test_a_jump_is_seen_by_the_order_of_the_log(known, steps, wanted):
    rows = [Record(START + step, 0, None) for step in steps]
    reading = Reading(POSTFIX, rows, passed=[START + step for step in known])
    found = [(jump.before - START, jump.after - START) for jump in jumps(reading, START + 7300)]
    assert found == wanted


def test_a_jump_forward_stays_told_once_our_clock_has_passed_it(make_viewer, replay):
    viewer, now = make_viewer(), SECONDS[-1] - 7 * 3600
    rows = [line(now + n + 3600 * (60 <= n < 90), f"line {n}") for n in range(140)]
    for end in (70, 80, 140):
        replay.lists["postfix"] = rows[:end]
        viewer.fetch()
    page = viewer.app.test_client().get("/status/cards/reading").get_data(as_text=True)
    assert "2 times the clock of the mailcow server jumped" in page
    assert "1 h forward" in page
    assert " back)" in page


def test_a_ring_that_was_emptied_is_read_on_and_leaves_a_gap(make_viewer, replay):
    viewer, now = make_viewer(fetch_count_postfix=100), SECONDS[-1]
    replay.lists["postfix"] = [line(now - 500 + n, f"before {n}") for n in range(200)]
    viewer.fetch()
    replay.lists["postfix"] = [line(now - 3900 + n, f"after {n}") for n in range(30)]
    viewer.fetch()
    viewer.fetch()
    assert viewer.count("postfix_logs") == 230
    (gap,) = viewer.table("log_gaps")
    assert int(gap["end"].timestamp()) == now - 301


@pytest.mark.parametrize(("ring", "gaps"), [(300, 1), (900, 0)])
def test_a_list_that_may_have_been_full_after_an_empty_look_is_judged_by_the_next(
    make_viewer, replay, ring, gaps
):
    viewer, now = make_viewer(), SECONDS[-1] + 3600
    replay.ring["postfix"] = ring
    rows = [line(now + n // 10, f"line {n}") for n in range(310)]
    for end, doubts in ((0, 0), (300, 1), (310, gaps)):
        replay.lists["postfix"] = rows[:end]
        viewer.fetch()
        assert viewer.count("log_gaps") == doubts
    assert all(gap["length"] is None for gap in viewer.table("log_gaps"))


def test_the_status_page_tells_of_a_jump_with_both_times(make_viewer, replay):
    viewer, now = make_viewer(), SECONDS[-1]
    replay.lists["postfix"] = [line(now, "one"), line(now - 3600, "two")]
    viewer.fetch()
    page = viewer.app.test_client().get("/status/cards/reading").get_data(as_text=True)
    assert "the clock of the mailcow server jumped" in page
    assert "1 h" in page
