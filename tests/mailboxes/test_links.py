"""Every figure of a mailbox is the number of messages in the list behind it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from webapp import cache
from webapp.mailboxes.filter import DayRange
from webapp.mailboxes.links import received_url, sent_url
from webapp.mailboxes.queries import entries
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.tables.db import db

START = (datetime.now(UTC) - timedelta(days=7)).date()
PERIOD = f"start_date={START}"
CATCH_ALL = "@shop.nordlicht-kontor.example"
SENT = ("delivered", "bounced", "deferred", "rejected", "expired")


@pytest.fixture(scope="module")
def client(recorded_viewer):
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def boxes(client):
    told = client.get("/api/mailbox-stats/all?date_range=7days&active_only=false&page_size=100").get_json()
    return told["mailboxes"]


def listed(client, url):
    """How many messages the list at a page's address has."""
    answer = client.get("/api" + url)
    assert answer.status_code == 200, url
    return answer.get_json()["total"]


def test_what_a_mailbox_sent_is_listed(client, boxes):
    figures = {}
    for row in boxes:
        counts, name = row["mailbox_counts"], row["username"]
        figures[name, "sent"] = (counts["messages_sent"], listed(client, sent_url(name, PERIOD)))
        if counts["messages_sent"]:
            for word in SENT:
                figures[name, word] = (
                    counts[f"messages_{word}"],
                    listed(client, sent_url(name, PERIOD, word)),
                )
            figures[name, "failed"] = (
                counts["messages_failed"],
                listed(client, sent_url(name, PERIOD, "undelivered")),
            )
    assert {key: pair for key, pair in figures.items() if pair[0] != pair[1]} == {}
    assert sum(1 for pair in figures.values() if pair[0]) > 30


def test_what_a_mailbox_or_an_alias_received_is_listed(client, boxes):
    figures = {
        row["username"]: (
            row["mailbox_counts"]["received_total"],
            listed(client, received_url(row["username"], PERIOD)),
        )
        for row in boxes
    }
    for row in boxes:
        for alias in row["aliases"]:
            address = alias["alias_address"]
            figures[address] = (alias["received_total"], listed(client, received_url(address, PERIOD)))
    assert {key: pair for key, pair in figures.items() if pair[0] != pair[1]} == {}
    assert figures["@shop.nordlicht-kontor.example"][0] > 0


BEHIND = """
    SELECT m.* FROM mailboxes m JOIN mailbox_aliases a ON m.username = ANY(a.mailboxes)
    WHERE a.counted_as = :name LIMIT 1"""
SEVERAL = """
    INSERT INTO messages SELECT (jsonb_populate_record(m, jsonb_build_object('id', 1, 'received_by',
        ARRAY['anna.schmidt@' || :domain, 'one@' || :domain, 'two@' || :domain]))).*
    FROM messages m WHERE :domain = split_part(recipients[1], '@', 2) ORDER BY first_seen DESC LIMIT 1"""
EACH = """
    INSERT INTO address_days SELECT (jsonb_populate_record(a, jsonb_build_object('address', name,
        'received_total', 1))).*
    FROM address_days a, unnest(ARRAY['one@' || :domain, 'two@' || :domain]) AS name
    WHERE (a.day, a.address) = (SELECT day, address FROM address_days ORDER BY day DESC, address LIMIT 1)"""


def test_a_mail_to_two_unknown_addresses_is_one_of_their_catch_all(recorded_viewer):
    with recorded_viewer.app.test_request_context():
        session = db.session()
        box = session.execute(text(BEHIND), {"name": CATCH_ALL}).one()
        days, asked = DayRange(date_range="7days").days, MessageFilter(received_by=CATCH_ALL, limit=1)

        def both():
            (entry,) = entries(session, [box], days)
            return entry.of(CATCH_ALL)["received_total"], MESSAGES.search(session, asked, 10_000).total

        before = both()
        assert before[0] == before[1]
        for statement in (SEVERAL, EACH):
            assert session.execute(text(statement), {"domain": CATCH_ALL[1:]}).rowcount > 0
        assert both() == (before[0] + 1, before[1] + 1)
        session.rollback()


def test_a_tag_and_letter_case_do_not_matter(client):
    plain = listed(client, "/messages?received_by=anna.schmidt@shop.nordlicht-kontor.example")
    assert (
        plain == listed(client, "/messages?received_by=Anna.Schmidt%2Btag@SHOP.nordlicht-kontor.example") > 0
    )


def test_the_messages_of_a_day_of_a_domain_are_listed(client):
    told = client.get("/api/mailbox-stats/daily?domain=nordlicht-kontor.example").get_json()["days"]
    for day in told:
        address = f"/messages?domain=nordlicht-kontor.example&start_date={day['date']}&end_date={day['date']}"
        assert listed(client, f"{address}&direction=inbound") == day["inbound"]
        assert listed(client, f"{address}&outcome=bounced") == day["bounced"]


def test_an_unknown_outcome_is_refused(client):
    answer = client.get("/api/messages?outcome=lost")
    assert answer.status_code == 400
    assert "outcome" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "query", ["account=x@y.example", "received_by=@nowhere.example", "domain=nowhere.example"]
)
def test_what_is_of_nobody_is_an_empty_list(client, query):
    assert listed(client, f"/messages?{query}") == 0
