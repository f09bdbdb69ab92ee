"""What a form tells of a period in the pages' zone stands in the URL as moments in UTC."""

from urllib.parse import parse_qs, urlsplit

import pytest


@pytest.fixture
def settings(make_settings):
    return make_settings(tz="Europe/Berlin")


def moved(client, **asked):
    answer = client.get("/logs/postfix", query_string=asked)
    if answer.status_code == 200:
        return None
    assert answer.status_code == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.location).query).items()}


def test_both_ends_are_made_absolute_and_the_filters_stay(client):
    asked = {
        "start_date": "2026-11-25T18:00",
        "end_date": "2026-11-25T19:00",
        "search": "removed",
        "page": "3",
    }
    assert moved(client, **asked) == {
        "start_date": "2026-11-25T17:00:00Z",
        "end_date": "2026-11-25T17:59:59Z",
        "search": "removed",
    }


def test_a_while_around_a_moment_becomes_a_period(client):
    around = {"around": "2026-11-25T18:00", "within": "5"}
    wanted = {"start_date": "2026-11-25T16:55:00Z", "end_date": "2026-11-25T17:05:00Z"}
    assert moved(client, **around, search="x") == {**wanted, "search": "x"}
    assert moved(client, around="2026-11-25T18:00", within="soon") == {
        "start_date": "2026-11-25T16:30:00Z",
        "end_date": "2026-11-25T17:30:00Z",
    }


@pytest.mark.parametrize("asked", ["2026-11-25T17:00:00Z", "2026-11-25", ""])
def test_what_is_absolute_is_not_moved(client, asked):
    assert moved(client, start_date=asked) is None


def test_the_page_tells_the_period_in_its_zone_once(client):
    asked = {"start_date": "2026-11-25T17:00:00Z", "end_date": "2026-11-25T17:59:59Z"}
    page = client.get("/logs/postfix", query_string=asked).text
    assert ">Time</b> <bdi>25 Nov 18:00–19:00</bdi>" in page
    assert 'name="start_date" value="2026-11-25T18:00"' in page
    assert 'name="end_date" value="2026-11-25T19:00"' in page
    assert "From, CE" in page


def test_the_api_takes_a_time_without_a_zone_as_utc(client):
    assert client.get("/api/logs/postfix?start_date=2026-11-25T18:00").status_code == 200
