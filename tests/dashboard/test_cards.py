"""Cards stand on their own: one that fails says so, and the page goes on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from redis.exceptions import ConnectionError as RedisGone
from sqlalchemy.exc import OperationalError, ProgrammingError

from webapp.dashboard import cards, queries
from webapp.dashboard.cube import Cell, Cube
from webapp.mailcow import snapshots
from webapp.tables.db import db

FRAGMENT = {"HX-Request": "true"}
NOON = datetime(2026, 3, 29, 12, 30, tzinfo=UTC)  # the day on which Berlin's clocks went forward


def fails_with(error):
    def broken(session, **options):
        raise error

    return broken


def test_the_first_page_is_the_dashboard(client):
    answer = client.get("/")
    assert (answer.status_code, answer.location) == (302, "/dashboard")


def test_an_empty_viewer_shows_every_card(client):
    page = client.get("/dashboard")
    assert page.status_code == 200
    assert all(f'id="card-{name}"' in page.text for name in cards.CARDS)
    assert "cannot be shown" not in page.text
    assert page.text.count("not known yet") == 6  # containers, storage, mailboxes, queue; two of the verdict


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OperationalError("SELECT", {}, Exception("gone")), "The database does not answer."),
        (ProgrammingError("SELECT", {}, Exception("what?")), "The database could not answer"),
        (RedisGone("gone"), "The cache (Redis) does not answer."),
    ],
)
@pytest.mark.parametrize("name", cards.CARDS)
def test_a_card_that_fails_says_why_and_the_others_stand(client, monkeypatch, name, error, reason):
    monkeypatch.setitem(cards.CARDS, name, replace(cards.CARDS[name], make=fails_with(error)))
    page = client.get("/dashboard")
    assert page.status_code == 200
    assert page.text.count("cannot be shown") == 1
    assert reason in page.text
    assert all(f'id="card-{other}"' in page.text for other in cards.CARDS)
    card = client.get(f"/dashboard/cards/{name}", headers=FRAGMENT)
    assert card.status_code == 200
    assert f'hx-get="/dashboard/cards/{name}"' in card.text
    assert reason in card.text


def test_a_failed_statement_does_not_spoil_the_next_cards(client, monkeypatch):
    broken = replace(
        cards.CARDS["figures"], make=lambda session: session.execute(db.text("SELECT nothing FROM nowhere"))
    )
    monkeypatch.setitem(cards.CARDS, "figures", broken)
    page = client.get("/dashboard")
    assert page.text.count("cannot be shown") == 1


def test_a_card_opened_directly_is_the_whole_page(client):
    assert "<html" in client.get("/dashboard/cards/timeline").text
    assert "<html" not in client.get("/dashboard/cards/timeline", headers=FRAGMENT).text
    assert client.get("/dashboard/cards/surely-not").status_code == 404


@pytest.mark.parametrize("asked", ["span=1y", "status=nonsense", "span=&status=", "status=failed"])
def test_a_chart_that_does_not_exist_is_the_usual_one(client, asked):
    page = client.get(f"/dashboard?{asked}")
    assert page.status_code == 200
    assert 'hx-get="/dashboard/cards/timeline?span=24h"' in page.text


def test_the_server_card_names_what_does_not_run_and_how_full_the_disk_is(client, db_session):
    connection = db_session.connection()
    snapshots.keep(
        connection,
        "containers",
        {
            "dovecot-mailcow": {"name": "dovecot", "state": "running", "started_at": None, "image": "x"},
            "clamd-mailcow": {"name": "clamd", "state": "exited", "started_at": None, "image": "x"},
        },
    )
    snapshots.keep(
        connection, "storage", {"disk": "/dev/sda1", "used": "95G", "total": "100G", "used_percent": "95%"}
    )
    snapshots.note_failure(connection, "storage", "mailcow did not answer within 10 seconds")
    db_session.commit()
    card = client.get("/dashboard/cards/server", headers=FRAGMENT).text
    assert "1 of 2 running" in card
    assert "clamd: exited" in card
    assert "95G of 100G used, 95%" in card
    assert "mailcow did not answer within 10 seconds" in card


@pytest.mark.parametrize(
    ("value", "before", "good", "words", "colour"),
    [
        (12, 10, "bad", "2</b> on the day before", "is-worse"),
        (10, 12, "bad", "2</b> on the day before", "is-better"),
        (12, 10, "neutral", "2</b> on the day before", None),
        (10, 10, "bad", "same as the day before", None),
        (10, 0, "bad", "none the day before", None),
        (10, None, "bad", "day before not recorded", None),
    ],
)
def test_a_change_is_coloured_only_where_it_is_known_to_be_good_or_bad(
    app, value, before, good, words, colour
):
    figure = cards.Figure("Spam", value, before, 0, "", "", None, good)
    with app.test_request_context():
        html = str(app.jinja_env.get_template("macros/dashboard.html").module.change(figure))
    assert words in html
    assert [name for name in ("is-worse", "is-better") if name in html] == ([colour] if colour else [])


def test_days_begin_at_the_zones_midnight_also_when_the_clocks_change():
    starts = queries.chart_starts(NOON, *queries.CHARTS["30d"], ZoneInfo("Europe/Berlin"))
    assert len(starts) == 30
    assert starts[-2:] == [datetime(2026, 3, 27, 23, tzinfo=UTC), datetime(2026, 3, 28, 23, tzinfo=UTC)]
    days = queries.chart_starts(NOON + timedelta(days=1), *queries.CHARTS["30d"], ZoneInfo("Europe/Berlin"))
    assert days[-1] - days[-2] == timedelta(hours=23)


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Chatham", "Pacific/Kiritimati"]
)
@pytest.mark.parametrize("span", queries.CHARTS)
def test_every_bar_begins_with_a_whole_hour_and_the_last_one_holds_the_present(zone, span):
    starts = queries.chart_starts(NOON, *queries.CHARTS[span], ZoneInfo(zone))
    assert starts == sorted(set(starts))
    assert all(start.minute == 0 for start in starts)
    assert NOON - queries.CHARTS[span][0] - queries.HOUR < starts[-1] <= NOON


def test_a_message_is_in_the_bar_of_its_hour_only():
    hours = [NOON.replace(minute=0) - queries.HOUR * back for back in (3, 1, 0)]
    cells = tuple(
        Cell(hour.timestamp(), 0, None, None, False, (), count) for count, hour in enumerate(hours, start=1)
    )
    bars = Cube(NOON, cells).bars([hours[1] - queries.HOUR, hours[2]], lambda cell: (cell.word,))
    assert [counts["pending"] for _, counts in bars] == [2, 3]
