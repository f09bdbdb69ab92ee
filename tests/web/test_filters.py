"""What the pages' formats say, for ordinary and for extreme values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from markupsafe import Markup

from webapp.web import filters
from webapp.web.times import Times

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Symbol:
    name: str
    score: float


@pytest.fixture
def berlin() -> Times:
    return Times("Europe/Berlin", lambda: NOW)


def test_times_are_shown_in_the_configured_zone_and_given_in_utc(berlin: Times) -> None:
    moment = datetime(2026, 7, 1, 12, 2, 11, tzinfo=UTC)
    assert berlin.clock(moment) == "14:02:11"
    assert berlin.iso(moment) == "2026-07-01T12:02:11Z"
    assert berlin.full(moment) == "Wed 1 Jul 2026, 14:02:11 CEST"


def test_today_is_the_day_of_the_zone_not_of_utc(berlin: Times) -> None:
    assert berlin.today().isoformat() == "2026-11-23"
    assert berlin.day(NOW) == ""
    assert berlin.day(NOW - timedelta(hours=1)) == "22 Nov"
    assert berlin.minute(NOW) == "00:30"
    assert berlin.minute(NOW - timedelta(hours=1)) == "22 Nov 23:30"


def test_another_year_is_named(berlin: Times) -> None:
    assert berlin.day(datetime(2025, 3, 4, 12, tzinfo=UTC)) == "4 Mar 2025"


@pytest.mark.parametrize("name", ["iso", "clock", "minute", "day", "full", "age"])
def test_a_missing_time_is_empty(berlin: Times, name: str) -> None:
    assert getattr(berlin, name)(None) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s ago"),
        (12, "12 s ago"),
        (60, "1 min ago"),
        (7200, "2 h ago"),
        (172_799, "47 h ago"),
        (172_800, "2 days ago"),
    ],
)
def test_age(berlin: Times, seconds: int, words: str) -> None:
    assert berlin.age(NOW - timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (None, None, ""),
        ("2026-11-22T23:00:00Z", None, "today"),
        ("2026-11-21T23:00:00Z", "2026-11-22T22:59:59Z", "yesterday"),
        ("2026-11-16T23:00:00Z", None, "last 7 days"),
        ("2026-10-24T22:00:00Z", None, "last 30 days"),
        ("2026-10-31T23:00:00Z", None, "since 1 Nov"),
        ("2026-11-01", None, "since 1 Nov 01:00"),
        (None, "2025-11-01T22:59:59Z", "until 1 Nov 2025"),
        (None, "2025-11-01", "until 2 Nov 2025 01:00"),
        ("2026-10-31T23:00:00Z", "2026-11-05T22:59:59Z", "1 Nov to 5 Nov"),
        ("2026-11-04T23:00:00Z", "2026-11-05T22:59:59Z", "on 5 Nov"),
        ("2026-11-05", "2026-11-05", "5 Nov 01:00 to 6 Nov 01:00"),
        ("soon", None, "soon"),
        ("2026-11-20T17:00:00Z", "2026-11-20T17:59:59.999999Z", "20 Nov 18:00–19:00"),
        ("2026-11-20T22:00:00Z", "2026-11-20T22:59:59Z", "20 Nov 23:00–00:00"),
        ("2026-11-20T22:00:00Z", "2026-11-21T05:30:00Z", "20 Nov 23:00 to 21 Nov 06:30"),
        ("2026-11-20T22:00:00Z", "2026-11-20T22:00:00Z", "at 20 Nov 23:00"),
        ("2026-11-20T22:00:00", "Tuesday", "2026-11-20T22:00:00 to Tuesday"),
    ],
)
def test_period_words(berlin: Times, start: str | None, end: str | None, words: str) -> None:
    assert berlin.period(start, end) == words


def test_presets_begin_at_midnight_of_the_zone_or_so_long_ago(berlin: Times) -> None:
    assert [(preset.label, preset.start, preset.end) for preset in berlin.presets()] == [
        ("Last hour", berlin.iso(NOW - timedelta(hours=1)), None),
        ("Last 24 hours", berlin.iso(NOW - timedelta(days=1)), None),
        ("Today", "2026-11-22T23:00:00Z", None),
        ("Yesterday", "2026-11-21T23:00:00Z", "2026-11-22T22:59:59Z"),
        ("Last 7 days", "2026-11-16T23:00:00Z", None),
        ("Last 30 days", "2026-10-24T22:00:00Z", None),
    ]


def test_no_preset_reaches_beyond_what_is_kept(berlin: Times) -> None:
    assert [preset.label for preset in berlin.presets(7)][-1] == "Last 7 days"
    assert [preset.label for preset in berlin.presets(1)][-1] == "Today"


@pytest.mark.parametrize(
    ("moment", "last", "field"),
    [
        ("2026-11-20T17:00:00Z", False, "2026-11-20T18:00"),
        ("2026-11-20T17:59:59Z", True, "2026-11-20T19:00"),
        ("2026-11-20T17:59:12Z", True, "2026-11-20T18:59:12"),
        (None, False, ""),
        ("soon", False, ""),
    ],
)
def test_a_field_shows_the_moment_in_the_zone_and_gives_it_back(
    berlin: Times, moment: str | None, last: bool, field: str
) -> None:
    assert berlin.field(moment, last) == field
    assert berlin.absolute(field, last) == (moment if field else None)


@pytest.mark.parametrize(
    "typed", ["", "soon", "2026-11-20", "2026-11-20T18:00:00Z", "2026-11-20T18:00+02:00"]
)
def test_what_names_its_zone_or_is_a_day_stays_as_it_is(berlin: Times, typed: str) -> None:
    assert berlin.absolute(typed) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0.00"),
        (-0.001, "0.00"),
        (8.2, "8.20"),
        (-0.1, "\N{MINUS SIGN}0.10"),
        (15.825, "15.82"),
    ],
)
def test_score(value: float | None, text: str) -> None:
    assert filters.score(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (48_213, "48.2 kB"),
        (999_999, "1.0 MB"),
        (5_300_000_000_000, "5,300.0 GB"),
    ],
)
def test_size(value: int | None, text: str) -> None:
    assert filters.size(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (-0.1, "0.00 s"),
        (2.0, "2 s"),
        (0.42, "0.42 s"),
        (12.34, "12.3 s"),
        (60, "1 min"),
        (192, "3 min 12 s"),
        (7500, "2 h 5 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert filters.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, ""),
        (0, "+0 s"),
        (12.0, "+12 s"),
        (59.1, "+59.10 s"),
        (-1, "+0 s"),
        (125, "+2:05"),
        (3725, "+1:02:05"),
    ],
)
def test_offset(seconds: float | None, text: str) -> None:
    assert filters.offset(seconds) == text


def test_numbers_have_separators_and_their_noun() -> None:
    assert filters.number(2431) == "2,431"
    assert filters.count(1, "message") == "1 message"
    assert filters.count(2431, "message") == "2,431 messages"
    assert filters.count(2, "entry", "entries") == "2 entries"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("Grüße 🎉", "Grüße 🎉"),
        ("annexe\u202egpj.exe", "annexe\\u202egpj.exe"),
        ("bell\x07 tab\t line\n", "bell\\u0007 tab\t line\\u000a"),
        ("👩\u200d👩", "👩\u200d👩"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_characters_that_disguise_text_are_written_out(text: str | None, shown: str) -> None:
    assert filters.visible(text) == shown


@pytest.mark.parametrize(
    ("text", "term", "html"),
    [
        ("status=sent", None, "status=sent"),
        ("Status=sent, STATUS", "status", "<mark>Status</mark>=sent, <mark>STATUS</mark>"),
        ("a<b>&", "<B>", "a<mark>&lt;b&gt;</mark>&amp;"),
        ("50% of (a.b)", "(a.b)", "50% of <mark>(a.b)</mark>"),
        ("abc", ".", "abc"),
        ("re: more", "re", "<mark>re</mark>: more"),
        ("x\u202ey", "\u202e", "x\u202ey"),
        ("evil\u202egpj", "evil\u202e", "<mark>evil\\u202e</mark>gpj"),
        (None, "abc", ""),
    ],
)
def test_matches_are_marked_and_everything_is_escaped(text: str | None, term: str | None, html: str) -> None:
    assert str(filters.highlight(text, term)) == html.replace("x\u202ey", "x\\u202ey")


@pytest.mark.parametrize(
    ("text", "known", "term", "left_out"),
    [
        ("4cAB: removed", "4cAB: ", None, 6),
        ("4cAB: removed", "other: ", None, 0),
        ("4cAB: removed", "4cAB: ", "removed", 6),
        ("x" * 100 + "needle", "", "NEEDLE", 100 - filters.CONTEXT),
        ("x" * 100 + "needle", "", "elsewhere", 0),
    ],
)
def test_a_cut_line_begins_where_the_match_is_seen(
    text: str, known: str, term: str | None, left_out: int
) -> None:
    assert filters.lead(text, known, term) == left_out


def test_addresses_of_the_list_leave_out_what_is_empty_and_quote_the_rest() -> None:
    assert filters.messages_url() == "/messages"
    assert filters.messages_url(search=None, sender="") == "/messages"
    assert filters.messages_url(search="<a&b@x>") == "/messages?search=%3Ca%26b%40x%3E"


@pytest.mark.parametrize(
    ("address", "part"), [(None, ""), ("", ""), ("root", ""), ("a@b", "b"), ('"a@b"@c.example', "c.example")]
)
def test_domain(address: str | None, part: str) -> None:
    assert filters.domain(address) == part


def test_symbol_bars_share_one_scale_around_zero() -> None:
    zero, bars = filters.symbol_bars([Symbol("SPAM", 6.0), Symbol("HAM", -2.0), Symbol("NOTHING", 0.0)], 200)
    assert zero == 50.0
    assert [(bar.symbol.name, bar.x, bar.width) for bar in bars] == [
        ("SPAM", 50.0, 150.0),
        ("HAM", 0.0, 50.0),
    ]


def test_a_tiny_weight_does_not_fill_the_drawing() -> None:
    _, (bar,) = filters.symbol_bars([Symbol("MIME_GOOD", -0.1)], 200)
    assert bar.width < 20


@pytest.mark.parametrize("scores", [[], [0.0], [5.0], [-5.0], [1000.0, -0.1], [-1000.0, 0.1]])
def test_symbol_bars_stay_inside_the_drawing(scores: list[float]) -> None:
    zero, bars = filters.symbol_bars([Symbol("X", value) for value in scores], 200)
    assert 0 < zero < 200
    assert all(bar.width > 0 and bar.x >= 0 and bar.x + bar.width <= 200 for bar in bars)


def test_element_ids_are_distinct_and_safe() -> None:
    assert filters.element_id("4cAB-1_z") == "4cAB-1_z"
    assert filters.element_id("a b") == "a_20_b"


@pytest.mark.parametrize("text", ["it failed", "it failed.", "it failed. "])
def test_a_sentence_ends_with_one_full_stop(text: str) -> None:
    assert filters.full_stop(text) == "it failed."


def test_a_remembered_macro_runs_once_for_each_word() -> None:
    ran: list[tuple[object, ...]] = []

    def macro(*given: object) -> Markup:
        ran.append(given)
        return Markup("<b>{}</b>").format(given[0])

    drawn = filters.remembered(macro)
    assert [drawn("a"), drawn("a", ["x"]), drawn("a", ["x"]), drawn("b")] == [
        "<b>a</b>", "<b>a</b>", "<b>a</b>", "<b>b</b>"
    ]  # fmt: skip
    assert ran == [("a",), ("a", ("x",)), ("b",)]


def test_a_moment_is_short_today_and_on_other_days() -> None:
    times = Times("Europe/Berlin", lambda: datetime(2026, 11, 26, 12, tzinfo=UTC))
    moments = [datetime(2026, 11, 26, 8, 2, 11, tzinfo=UTC), datetime(2026, 11, 21, 13, 2, tzinfo=UTC), None]
    assert [times.short(moment) for moment in moments] == ["09:02:11", "21 Nov 14:02", ""]
