"""Which seven days are told of, and when two weeks may be compared."""

from datetime import date

import pytest

from webapp.errors import BadParameter
from webapp.mailboxes.filter import Days
from webapp.weekly.week import Kept, asked_week, week_until

TODAY = date(2026, 11, 26)
WEEK = week_until(date(2026, 11, 25))


def test_the_week_ends_with_yesterday_and_the_one_before_joins_it() -> None:
    assert asked_week(None, TODAY) == WEEK
    assert WEEK.days == Days(date(2026, 11, 19), date(2026, 11, 25))
    assert WEEK.before.days == Days(date(2026, 11, 12), date(2026, 11, 18))
    assert WEEK.period == {"start_date": "2026-11-19", "end_date": "2026-11-25"}


@pytest.mark.parametrize("last", [TODAY, date(2025, 10, 1), date(2027, 1, 1)])
def test_a_week_that_is_not_over_or_long_gone_is_refused(last: date) -> None:
    with pytest.raises(BadParameter):
        asked_week(last, TODAY)


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (date(2026, 11, 25), "19 to 25 Nov 2026"),
        (date(2026, 12, 3), "27 Nov to 3 Dec 2026"),
        (date(2027, 1, 3), "28 Dec 2026 to 3 Jan 2027"),
    ],
)
def test_a_week_in_words(last: date, words: str) -> None:
    assert week_until(last).words == words


@pytest.mark.parametrize(
    ("first", "closed", "counts", "messages"),
    [
        (None, date.min, False, False),
        (date(2026, 11, 19), date.min, False, False),  # that day may have begun in the middle
        (date(2026, 11, 18), date.min, True, True),
        (date(2026, 11, 1), date(2026, 11, 19), True, True),
        (date(2026, 11, 1), date(2026, 11, 20), True, False),
    ],
)
def test_a_week_is_whole_only_where_every_day_was_recorded(
    first: date | None, closed: date, counts: bool, messages: bool
) -> None:
    known = Kept(first, closed)
    assert (known.counts(WEEK), known.messages(WEEK)) == (counts, messages)
