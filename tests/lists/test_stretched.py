"""Lines are found by the words of their stretches: exactly those that ILIKE finds, and as many."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from webapp.lists import daylist, stretched
from webapp.lists.daylist import DayList
from webapp.logs.filter import PostfixFilter
from webapp.tables import stretching
from webapp.tables.db import db
from webapp.tables.partitions import ensure_days
from webapp.tables.words import fold, joined, pieces_of

INSERT = text(
    "INSERT INTO postfix_logs (time, digest, ordinal, program, priority, message) "
    "SELECT time, n + (SELECT count(*) FROM postfix_logs), 0, 'postfix/smtpd', 'info', message FROM "
    "unnest(CAST(:times AS timestamptz[]), CAST(:messages AS text[])) WITH ORDINALITY "
    "AS line (time, message, n) ORDER BY n"
)
LATE = datetime(2026, 3, 1, 23, 50, tzinfo=UTC)
AGE = timedelta(days=9)
# a few letters and signs, so that terms hit; and what folds in strange ways
SIGNS = "aAiIkKsS1. -_@=<%\\ßẞİıſσςΣéÉÌ\N{KELVIN SIGN}\N{COMBINING DOT ABOVE}≠\xa0\x1c\t\nя"
TEXTS = st.text(alphabet=SIGNS, max_size=12)
WORDS = (
    "anna",
    "ANNA",
    "bert",
    "x.example",
    "1.2.3.4",
    "to=<anna@x.example>",
    "İnfo",
    "größe",
    "sent",
    "ter-mi_n",
)
COUNTED = text("SELECT count(*) FROM postfix_stretches")
FOLDS = (  # what lower case is in these locales, of all characters that it changes
    'SELECT n, lower(chr(n) COLLATE "{}") AS low FROM generate_series(1, 125258) AS n '
    'WHERE n NOT BETWEEN 55296 AND 57343 AND lower(chr(n) COLLATE "{}") <> chr(n)'
)


@pytest.fixture
def lines(db_session, monkeypatch):
    """The connection of an empty database with two days; every term is looked up by its words."""
    monkeypatch.setattr(stretched, "DENSE", 2)
    monkeypatch.setattr(daylist, "HOPE", 0)
    ensure_days(db.session.connection(), [LATE.date(), LATE.date() + timedelta(days=1)])
    return db.session.connection()


def store(connection, rows):
    """Lines (time, message), stored as the reader does it."""
    stretching.alone(connection, "postfix_logs")
    times, messages = [time for time, _ in rows], [message for _, message in rows]
    connection.execute(INSERT, {"times": times, "messages": messages})
    stretching.add(connection, "postfix_logs", stretching.words_of(times, messages))


def empty(connection):
    connection.execute(text("TRUNCATE postfix_logs, postfix_stretches"))


def expect(connection, term, start=None, end=None, most=10_000):
    """The search finds what ILIKE finds, newest first, and counts it."""
    chosen = PostfixFilter.model_validate({"search": term, "start_date": start, "end_date": end})
    conditions = chosen.conditions()
    told = DayList(connection, "postfix_logs", "id, time")
    told.days = [LATE.date() + timedelta(days=1), LATE.date()]
    if not conditions.texts:
        return
    values = {**conditions.values, "from": start or LATE - AGE, "to": end or LATE + AGE}
    asked = f"SELECT id FROM postfix_logs WHERE {conditions.where} AND time BETWEEN :from AND :to"
    wanted = list(connection.scalars(text(f"{asked} ORDER BY time DESC, id DESC"), values))
    rows, looked_up = told._page(conditions, 500, 0, None)
    assert [row.id for row in rows] == wanted[:500]
    for each in (conditions, looked_up):
        total, is_estimate = told.count(each, most)
        assert (total, is_estimate) == (len(wanted), False) if len(wanted) <= most else is_estimate


@given(before=TEXTS, term=TEXTS, after=TEXTS)
def test_what_a_text_has_in_it_its_words_have_too(before, term, after):
    words = joined(fold(before + term + after).split())
    assert all(piece in words for piece in pieces_of(term))
    assert all(piece in words for piece in pieces_of(term.swapcase()) if term.isascii())


@pytest.mark.parametrize(
    ("term", "pieces"),
    [
        ("anna@x.example", ["anna ", " x.example"]),
        ("192.0.2.1", ["192.0.2.1"]),
        ("to=<anna", [" anna"]),
        (" te", [" te"]),
        ("a b", []),
        ("<>", []),
        ("", []),
        ("GRÖSSE", ["grosse"]),
        ("größe", ["grosse"]),
        ("привет", []),
    ],
)
def test_a_term_is_cut_where_lines_are(term, pieces):
    assert pieces_of(term) == pieces


def test_no_letter_has_a_lower_case_that_is_none(db_session):
    """So that LIKE finds a term without letters where ILIKE does."""
    count = text(
        "SELECT count(*) FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n "
        "WHERE CASE WHEN n NOT BETWEEN 55296 AND 57343 THEN lower(chr(n)) ~ '[ -@[-`{-~]' END"
    )
    assert db_session.scalar(count, {"first": 128, "last": 0x1FFFF}) == 0
    assert db_session.scalar(count, {"first": 1, "last": 127}) == 43


def test_a_character_folds_as_its_lower_case_does_in_every_locale(db_session):
    known = set(db.session.scalars(text("SELECT collname FROM pg_collation")))
    asked = known & {
        "default",
        "C.UTF-8",
        "pg_c_utf8",
        "pg_unicode_fast",
        "und-x-icu",
        "tr-x-icu",
        "lt-x-icu",
    }
    assert "default" in asked
    for locale in asked:
        for row in db.session.execute(text(FOLDS.format(locale, locale))):
            assert fold(chr(row.n)) == fold(row.low), (locale, hex(row.n))


@given(seed=st.integers(0, 2**32), odd=st.lists(TEXTS, max_size=6))
@settings(max_examples=6)
def test_a_search_finds_exactly_what_ilike_finds(lines, seed, odd):
    chance = random.Random(seed)
    empty(lines)
    stretched_lines = []
    for _ in range(chance.randint(1, 4)):
        rows = [
            (
                LATE + timedelta(seconds=chance.choice((0, 0, 1, 2, 600, 900))),
                "".join(
                    chance.choice([*WORDS, *odd, chance.choice(SIGNS), f"anna{chance.randrange(99)}"])
                    + chance.choice(" =@,")
                    for _ in range(4)
                ),
            )
            for _ in range(chance.choice((1, 7, 9, 60, 150)))
        ]
        store(lines, rows)
        stretched_lines += rows
    whole = chance.choice(stretched_lines)[1]
    place = chance.randrange(len(whole))
    terms = [
        chance.choice(WORDS)[chance.randint(0, 2) :],
        whole[place : place + chance.randint(1, 9)],
        *odd[:2],
    ]
    for term in filter(None, map(str.strip, terms)):
        expect(lines, term)
        expect(lines, term, most=chance.randint(1, 40))
        expect(lines, term, start=LATE + timedelta(seconds=1), end=LATE + timedelta(seconds=700))


def test_days_of_lines_that_were_stored_before_are_told_alike(lines):
    rows = [(LATE + timedelta(seconds=5 * n), f"A{n % 7:05}: from=<user{n}@x.example>") for n in range(700)]
    store(lines, rows[:300])
    store(lines, rows[300:])
    lines.execute(text("TRUNCATE postfix_stretches"))
    stretching.fill(lines, "postfix_logs")
    for term in ("user12", "user699@x", "A00003", "from=<user5@", "nobody"):
        expect(lines, term)
    blocks = "SELECT sum(ids + 1) FROM postfix_stretches WHERE above IS NOT NULL"
    assert lines.scalar(text(blocks)) == len(rows)


def test_lines_that_came_by_the_handful_are_told_in_whole_chapters_once_their_day_is_over(lines):
    rows = [(LATE + timedelta(seconds=n), f"A{n % 7:05}: from=<user{n}@x.example>") for n in range(90)]
    for start in range(0, len(rows), 3):
        store(lines, rows[start : start + 3])
    assert lines.scalar(COUNTED) == 30
    stretching.write_anew(lines, "postfix_logs", LATE.date())
    assert lines.scalar(COUNTED) < 20
    store(lines, [(LATE, "late: from=<user200@x.example>")])
    for term in ("user12", "A00003", "x.example", "user200", "nobody"):
        expect(lines, term)


def test_a_common_term_is_counted_by_its_stretches_alone(lines, monkeypatch):
    store(lines, [(LATE, f"connect from unknown number{n}") for n in range(600)])
    expect(lines, "unknown", most=50)
    expect(lines, "number", most=50)
    monkeypatch.setattr(stretched, "DOUBTFUL", 0)
    monkeypatch.setattr(
        stretched, "_lines", lambda *_: "SELECT 1 FROM pg_class WHERE 1 / (relpages - relpages) = 1"
    )
    for term, most in (("unknown", 10), ("number", 50)):
        conditions = PostfixFilter.model_validate({"search": term}).conditions()
        assert DayList(lines, "postfix_logs", "id").count(conditions, most)[1]


def test_lines_that_are_removed_are_counted_no_more(lines):
    store(lines, [(LATE, f"number{n} of x.example") for n in range(40)])
    gone = lines.execute(
        text("DELETE FROM postfix_logs WHERE message LIKE 'number1%' RETURNING time, id")
    ).all()
    stretching.doubt(lines, "postfix_logs", gone)
    for term in ("number1", "number2", "x.example", "number"):
        expect(lines, term)
        expect(lines, term, most=5)
