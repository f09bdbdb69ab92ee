"""Times as people type them into a search."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from webapp.lists.typed import terms_of
from webapp.lists.when import Clock, span_of

CLOCK = Clock(
    datetime(2026, 11, 25, 14, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")
)  # a Wednesday, 15:30 there
FIELDS = ("before", "after", "from")


def span(typed):
    """The period in Berlin's time, to the minute past its end, and the words that stay."""
    terms = terms_of(typed, FIELDS)
    found = span_of(terms, CLOCK)
    if found is None:
        return None
    ends = [
        moment and moment.astimezone(CLOCK.zone).strftime("%d %b %H:%M:%S")
        for moment in (found.start, found.end)
    ]
    return (*ends, " ".join(term.text for term in terms if term not in found.terms))


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("today", ("25 Nov 00:00:00", "25 Nov 23:59:59", "")),
        ("invoice yesterday", ("24 Nov 00:00:00", "24 Nov 23:59:59", "invoice")),
        ("monday", ("23 Nov 00:00:00", "23 Nov 23:59:59", "")),
        ("wednesday", ("25 Nov 00:00:00", "25 Nov 23:59:59", "")),
        ("25 Nov 9-11", ("25 Nov 09:00:00", "25 Nov 10:59:59", "")),
        ("Nov 24 9:30-11:00 bob", ("24 Nov 09:30:00", "24 Nov 10:59:59", "bob")),
        ("24th November", ("24 Nov 00:00:00", "24 Nov 23:59:59", "")),
        ("24.11. 22-2", ("24 Nov 22:00:00", "25 Nov 01:59:59", "")),
        ("2026-11-24 10:00", ("24 Nov 09:30:00", "24 Nov 10:30:00", "")),
        ("10:00 from:anna", ("25 Nov 09:30:00", "25 Nov 10:30:00", "anna")),
        ("16:00", ("24 Nov 15:30:00", "24 Nov 16:30:00", "")),
        ("9:00-11:00", ("25 Nov 09:00:00", "25 Nov 10:59:59", "")),
        ("after:2026-11-24", ("24 Nov 00:00:00", None, "")),
        ("before:yesterday bob", (None, "23 Nov 23:59:59", "bob")),
        ("after:yesterday before:2026-11-25T12:00", ("24 Nov 00:00:00", "25 Nov 11:59:59", "")),
        ("9-11", None),
        ('"yesterday"', None),
        ("-today", None),
        ("31 Feb", None),
        ("25:00", None),
        ("from:monday", None),
        ("may", None),
        ("4711 nov", None),
    ],
)
def test_days_hours_and_moments(typed, wanted):
    assert span(typed) == wanted


def test_a_day_without_a_year_is_the_last_one_that_has_been():
    assert span("24 Dec") == ("24 Dec 00:00:00", "24 Dec 23:59:59", "")
    found = span_of(terms_of("24 Dec", FIELDS), CLOCK)
    assert str(found and found.start) == "2025-12-23 23:00:00+00:00"


def test_a_bound_that_is_no_time_is_told():
    with pytest.raises(ValueError, match="after: needs a day or a time"):
        span_of(terms_of("after:soon", FIELDS), CLOCK)
