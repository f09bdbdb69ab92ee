"""The cells of lists are HTML that nobody's name can break."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from webapp.web.cells import Moments, cut_address, row_name
from webapp.web.times import Times

NOON = datetime(2026, 1, 8, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize("address", ['"<b>&\' x"@a.example', "<script>@<i>", "<", "a&b"])
@pytest.mark.parametrize("url", [None, '/messages?a="1"&b=<2>'])
@pytest.mark.parametrize("term", [None, "<", "a"])
def test_an_address_cannot_leave_its_cell(address, url, term):
    cell = cut_address(address, url, term)
    tags = {tag.strip("/") for tag in re.findall(r"<(/?\w+)", cell)}
    assert tags <= {"a", "span", "bdi", "mark"}
    assert ("a" in tags) == bool(url)
    assert re.sub(r"<[^>]*>", "", cell).count("<") == 0
    assert cut_address(address).striptags() == address


def test_nobody_has_a_name_of_its_own():
    assert cut_address("").striptags() == "Mail server (notice)"
    assert cut_address(None).striptags() == "not known"
    assert row_name("Hello", "", None, 3, "Bounced") == (
        "Hello, from mail server to nobody known and 2 more, Bounced"
    )


def test_a_moment_of_today_is_told_otherwise_tomorrow():
    clock = [NOON + timedelta(hours=1)]
    time = Moments(Times("UTC", lambda: clock[0])).time
    assert time(NOON).striptags() == "12:00:05"
    clock[0] += timedelta(days=1)
    assert time(NOON).striptags() == "8 Jan 12:00"
    assert time(None).striptags() == "–"
