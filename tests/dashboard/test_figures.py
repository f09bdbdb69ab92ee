"""Every figure is what its link counts: on the dashboard, in the chart, in the lists and in the CSV files."""

import re
from datetime import timedelta
from html import unescape

import pytest

from webapp.dashboard import cards, queries
from webapp.dashboard.cube import cube
from webapp.parse.words import Direction
from webapp.status.coverage import Coverage, Gap
from webapp.tables.db import db, iso

SPANS = ("24h", "7d", "30d")


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture
def session(recorded_viewer):
    with recorded_viewer.app.test_request_context():
        yield db.session()
        db.session.rollback()


def answer(client, path, **parameters):
    got = client.get(path, query_string=parameters or None)
    assert got.status_code == 200, got.get_data(as_text=True)
    return got.get_json()


def rows_at(client, url):
    """How many rows the list at a page's URL has, as the API counts them."""
    path, _, asked = url.partition("?")
    api = {
        "/messages": "/api/messages",
        "/security/events": "/api/logs/netfilter",
        "/logs/rspamd": "/api/logs/rspamd",
    }[path]
    return answer(client, f"{api}?{asked}")["total"]


def period(session, span):
    counted = cube(session)
    return {"start_date": iso(counted.since(span)), "end_date": iso(counted.taken_at)}


def links(html, pattern):
    return [(unescape(url), int(number.replace(",", ""))) for url, number in re.findall(pattern, html)]


def test_the_api_tells_the_totals_of_the_lists(client, session):
    told = answer(client, "/api/stats/dashboard")
    for span in SPANS:
        assert told["messages"][span] == answer(client, "/api/messages", **period(session, span))["total"]
    for span in ("24h", "7d"):
        assert (
            told["spam"][span]
            == answer(client, "/api/messages", status="spam", **period(session, span))["total"]
        )
        assert (
            told["failed_deliveries"][span]
            == answer(client, "/api/messages", status="failed", **period(session, span))["total"]
        )
        assert (
            told["deferred"][span]
            == answer(client, "/api/messages", status="deferred", **period(session, span))["total"]
        )
        listed = {
            row["correlation_key"]
            for status in ("spam", "bounced", "rejected")
            for row in answer(client, "/api/messages", status=status, limit=500, **period(session, span))[
                "data"
            ]
        }
        assert told["blocked"][span] == len(listed) > 0
        assert (
            told["auth_failures"][span]
            == answer(client, "/api/logs/netfilter", action="attempt", **period(session, span))["total"]
        )
    for way in Direction:
        assert (
            told["direction"][f"{way}_24h"]
            == answer(client, "/api/messages", direction=way, **period(session, "24h"))["total"]
        )
    assert told["messages"]["24h"] > 300
    assert told["auth_failures"]["24h"] > 0


def test_the_timelines_add_up_to_the_dashboards_messages(client, session):
    hours = answer(client, "/api/stats/timeline", hours=48)["timeline"]
    total = answer(client, "/api/stats/dashboard")["messages"]["30d"]
    assert sum(hour["total"] for hour in hours) == total
    assert sum(hour["spam"] + hour["clean"] for hour in hours) == total
    assert sum(hour["spam"] for hour in hours) == answer(client, "/api/stats/dashboard")["spam"]["7d"]
    for span in ("7d", "30d"):
        assert (
            sum(counts.total() for _, counts in queries.chart(cube(session), span, "Europe/Berlin")) == total
        )


@pytest.mark.parametrize("status", ["", "spam", "failed", "delivered", "mixed", "rejected"])
def test_the_csv_file_has_as_many_rows_as_the_list(client, session, status):
    asked = {"status": status, **period(session, "24h")}
    file = client.get("/api/export/messages/csv", query_string=asked)
    total = answer(client, "/api/messages", **asked)["total"]
    assert int(file.headers["X-Export-Rows"]) == total > 0


def test_every_figure_leads_to_as_many_rows(client, session):
    figures = [*cards.figures(session).figures, *cards.direction(session).figures]
    for figure in figures:
        assert rows_at(client, figure.url) == figure.value, figure.label
        if figure.week_url:
            assert rows_at(client, figure.week_url) == figure.week, figure.label
    assert sum(figure.value > 0 for figure in figures) >= 8


def test_known_and_unknown_directions_make_the_whole(session):
    found = cards.direction(session)
    assert sum(figure.value for figure in found.figures) + found.unknown == found.total


@pytest.mark.parametrize(
    ("span", "status"), [*((span, "") for span in SPANS), *(("24h", word) for word in cards.STACK)]
)
def test_every_column_of_the_chart_leads_to_as_many_messages(client, span, status):
    html = client.get(
        "/dashboard/cards/timeline",
        query_string={"span": span, "status": status},
        headers={"HX-Request": "true"},
    ).text
    columns = links(html, r'class="chart-column[^"]*" href="([^"]+)" aria-label="[^"]*: ([\d,]+) message')
    assert len(columns) == len(re.findall("chart-column ", html)) >= 24
    filled = [(url, number) for url, number in columns if number]
    assert filled or status not in ("", "delivered", "junk")
    for url, number in filled:
        assert rows_at(client, url) == number, url
    empty = next(url for url, number in columns if not number)
    assert rows_at(client, empty) == 0


def test_the_page_shows_the_numbers_that_its_links_count(client):
    html = client.get("/dashboard").text
    shown = links(html, r'<dd class="figure-[^"]+"><a [^>]*?href="([^"]+)" aria-label="[^"]*: ([\d,]+)"')
    assert len(shown) == 12
    for url, number in shown:
        assert rows_at(client, url) == number, url


def test_every_ranked_symbol_and_address_leads_to_as_many_rows(client, session):
    triggers, blocked = cards.symbols(session), cards.addresses(session)
    assert len(triggers) == cards.RANKING
    assert blocked
    for row in [*triggers, *blocked]:
        assert rows_at(client, row.url) == row.count, row


def test_the_change_is_against_the_24_hours_before(client, session, monkeypatch):
    recorded = Coverage(cube(session).taken_at - timedelta(days=3), None, [])
    monkeypatch.setattr(cards, "coverage", lambda *_: recorded)
    counted = cube(session)
    before = {
        "start_date": iso(counted.since("24h") - timedelta(hours=24)),
        "end_date": iso(counted.since("24h") - timedelta(seconds=1)),
    }
    (messages, *_) = cards.figures(session).figures
    assert messages.before == answer(client, "/api/messages", **before)["total"]
    assert messages.change == messages.value - messages.before


def test_there_is_no_trend_against_a_day_that_was_not_recorded(client, session):
    (messages, *_) = cards.figures(session).figures
    assert messages.before is messages.change is None
    assert "day before not recorded" in client.get("/dashboard").text


def test_there_is_no_trend_against_a_day_of_which_lines_were_lost(session, monkeypatch):
    moment = cube(session).taken_at
    lost = Coverage(moment - timedelta(days=3), None, [Gap(moment - timedelta(hours=30), moment)])
    monkeypatch.setattr(cards, "coverage", lambda *_: lost)
    assert {figure.change for figure in cards.figures(session).figures} == {None}
