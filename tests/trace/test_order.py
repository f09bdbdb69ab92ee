"""What a message says depends on the set of its lines: not on their order, and not on how polls cut the
stream."""

import random
from collections import defaultdict
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.samples import recorded
from tests.trace.importing import POSTFIX, RSPAMD, SURROUNDINGS, WINDOW, numbered, scans, stored, take_in
from webapp.ingest.postfix import batch_of
from webapp.ingest.source import Context
from webapp.parse.postfix import parse_line
from webapp.tables.db import db
from webapp.tables.partitions import ensure_days
from webapp.trace import verdict
from webapp.trace.join import pair
from webapp.trace.trace import trace_queue_id

LINES, SCANS = recorded.rows("postfix"), recorded.rows("rspamd-history")
SEEDS = st.integers(0, 2**32 - 1)


def second(row):
    return int(row.get("time") or row["unix_time"])


def shuffled_within_seconds(rows, chance):
    """The rows in the order of their seconds, in any order within each."""
    return [row for _, _, row in sorted((second(row), chance.random(), row) for row in rows)]


def by_queue_id():
    found = defaultdict(list)
    for row in LINES:
        found[parse_line(row["program"], row["message"]).queue_id].append(row)
    return found


FAMILIES = by_queue_id()


def a_few_mails(chance, lines=150):
    """The lines of some whole mails with a few lines of no mail, and about half of all Rspamd rows among
    theirs."""
    chosen = chance.sample(FAMILIES[None], 20)
    ids = [queue_id for queue_id in FAMILIES if queue_id]
    while len(chosen) < lines:
        chosen += FAMILIES[ids.pop(chance.randrange(len(ids)))]
    names = " ".join(row["message"] for row in chosen)
    return chosen, [
        scan for scan in SCANS if scan["message-id"].strip("<>") in names or scan["message-id"] == "undef"
    ]


def cut(rows, chance, pieces):
    """The rows in so many consecutive pieces."""
    marks = sorted(chance.randrange(len(rows) + 1) for _ in range(pieces - 1))
    return [rows[start:end] for start, end in zip([0, *marks], [*marks, len(rows)], strict=True)]


@pytest.fixture
def viewer_in_context(viewer):
    """A viewer whose day partitions are there, in the application's context."""
    with viewer.app.app_context():
        ensure_days(
            db.session.connection(),
            {datetime.fromtimestamp(second(row), UTC).date() for row in (LINES[0], LINES[-1])},
        )
        db.session.commit()
        yield viewer
        db.session.rollback()


def imported(viewer, polls):
    """What is stored after these polls."""
    take_in(viewer, polls)
    found = stored()
    db.session.rollback()
    return found


@given(seed=SEEDS)
@settings(max_examples=4)
def test_any_order_within_a_second_and_any_cut_into_polls_tells_the_same(viewer_in_context, seed):
    chance = random.Random(seed)
    lines, rows = a_few_mails(chance)
    expected = imported(viewer_in_context, [(POSTFIX, sorted(lines, key=second)), (RSPAMD, rows)])
    polls = [
        (POSTFIX, piece)
        for piece in cut(shuffled_within_seconds(lines, chance), chance, chance.randint(1, 8))
    ]
    place = 0
    for piece in cut(shuffled_within_seconds(rows, chance), chance, chance.randint(1, 4)):
        place = chance.randint(place, len(polls))
        polls.insert(place, (RSPAMD, piece))
        place += 1
    assert len(expected[0]) > 10
    assert imported(viewer_in_context, polls) == expected


@given(seed=SEEDS)
@settings(max_examples=3)
def test_every_line_in_a_poll_of_its_own_tells_the_same(viewer_in_context, seed):
    chance = random.Random(seed)
    lines, rows = a_few_mails(chance, lines=60)
    expected = imported(viewer_in_context, [(RSPAMD, rows), (POSTFIX, sorted(lines, key=second))])
    polls = [(RSPAMD, rows), *((POSTFIX, [line]) for line in shuffled_within_seconds(lines, chance))]
    assert imported(viewer_in_context, polls) == expected


@given(seed=SEEDS)
@settings(max_examples=3)
def test_taking_the_same_rows_in_again_changes_nothing(viewer_in_context, seed):
    """As after a lost cursor: the window itself is counted, so that every row keeps its number."""
    chance = random.Random(seed)
    lines, rows = a_few_mails(chance)
    once = [(POSTFIX, sorted(lines, key=second)), (RSPAMD, rows)]
    expected = imported(viewer_in_context, once)
    take_in(viewer_in_context, once, aligned=False)
    take_in(viewer_in_context, once, aligned=False)
    assert imported(viewer_in_context, []) == expected


def whole_set(lines, rows):
    """The stories of the whole set with their verdicts, without any database."""
    events = batch_of(numbered(POSTFIX, lines), Context(SURROUNDINGS, WINDOW)).events
    stories = [
        story for queue_id, named in events.items() for story in trace_queue_id(queue_id, named.values())
    ]
    left = pair(stories, scans(rows), WINDOW)
    shown = {}
    for story in stories:
        people = verdict.settle_recipients(story)
        shown[story.correlation_key] = (
            story,
            people,
            story.scan,
            verdict.direction(story, people, SURROUNDINGS),
            verdict.final_status(story, people),
            verdict.correlation(story),
        )
    return shown, sorted(scan.identity for scan in left)


@given(seed=SEEDS)
@settings(max_examples=3)
def test_the_whole_set_in_any_order_gives_the_same_stories_pairs_and_verdicts(seed):
    chance = random.Random(seed)
    expected, left = whole_set(LINES, SCANS)
    got, got_left = whole_set(chance.sample(LINES, len(LINES)), chance.sample(SCANS, len(SCANS)))
    assert len(expected) > 300
    assert got == expected
    assert got_left == left
