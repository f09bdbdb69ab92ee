"""The Security page: one story per address or watched network; the chart's hours and days are those of the
configured zone."""

import re
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from webapp.lists.terms import common_beginning
from webapp.parse.netfilter import with_networks
from webapp.security.attackers import IN_STATE, MOST_BARS, Attacker, attackers, spans
from webapp.security.filter import NetfilterFilter
from webapp.tables.db import db

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TRIED = (
    "{0} matched rule id 3 (warning: unknown[{0}]: SASL LOGIN authentication failed: (reason unavailable), "
    "sasl_username={1})"
)
LEFT = "{1} more attempts in the next 600 seconds until {0} is banned"
EVENTS = (  # where netfilter is set to watch networks of 256 addresses, and of 64 bits
    TRIED.format("203.0.113.5", "info"),
    LEFT.format("203.0.113.0/24", 2),
    TRIED.format("203.0.113.77", "sales"),
    "Banning 203.0.113.0/24 for 30 minutes",
    TRIED.format("203.0.114.5", "root"),
    LEFT.format("203.0.114.0/24", 9),
    TRIED.format("2001:db8:1:2::66", "info"),
    LEFT.format("2001:db8:1:2::/64", 9),
    "Unbanning 203.0.113.0/24",
    "Banning 198.51.100.7/32 for 30 minutes",
)


@pytest.fixture
def attacked(viewer, replay):
    began = int(time.time()) - 600
    replay.lists["netfilter"] = [
        {"time": began + n, "priority": "warn", "message": message} for n, message in enumerate(EVENTS)
    ][::-1]
    viewer.fetch()
    return viewer


def seen(viewer, **filters) -> dict[str, Attacker]:
    with viewer.app.app_context():
        found, count = attackers(db.session(), NetfilterFilter(**filters))
    assert count == len(found)
    return {attacker.ip: attacker for attacker in found}


def test_a_network_that_netfilter_watches_as_one_has_one_story_with_its_hosts(attacked) -> None:
    found = seen(attacked)
    assert list(found) == ["198.51.100.7", "203.0.113.0/24", "2001:db8:1:2::/64", "203.0.114.0/24"]
    story = found["203.0.113.0/24"]
    assert (story.state, story.attempts, story.bans, story.attempts_left) == ("unbanned", 2, 1, 2)
    assert (story.hosts, story.usernames) == (["203.0.113.5", "203.0.113.77"], ["info", "sales"])
    assert found["2001:db8:1:2::/64"].hosts == ["2001:db8:1:2::66"]
    assert (found["198.51.100.7"].state, found["198.51.100.7"].hosts) == ("banned", None)


def test_addresses_are_listed_by_their_state(attacked) -> None:
    every = seen(attacked)
    with attacked.app.app_context():
        for state in IN_STATE:
            found, _ = attackers(db.session(), NetfilterFilter(), state)
            wanted = [ip for ip, attacker in every.items() if attacker.state == state]
            assert [attacker.ip for attacker in found] == wanted
            assert 0 < len(wanted) < len(every)
    page = attacked.app.test_client().get("/security?state=banned").text
    assert 'data-total="1"' in page
    assert "1 address banned" in page


def test_a_stored_name_that_is_no_address_hides_nothing(attacked) -> None:
    with attacked.app.app_context():
        db.session.execute(
            text(
                "INSERT INTO netfilter_logs (time, digest, ordinal, priority, message, ip, action) "
                "SELECT now(), n, 0, 'warn', 'x', name, 'warning' "
                "FROM unnest(ARRAY['fe80::1%eth0', 'x/y']) WITH ORDINALITY AS names (name, n)"
            )
        )
        db.session.commit()
    assert set(seen(attacked)) >= {"fe80::1%eth0", "x/y", "203.0.113.0/24"}


@pytest.mark.parametrize(
    "filters",
    [{"ip": "203.0.113.5"}, {"ip": "203.0.113.0/24"}, {"username": "sales"}, {"action": "unbanned"}],
)
def test_a_story_is_whole_whichever_of_its_events_the_filter_names(attacked, filters) -> None:
    (story,) = seen(attacked, **filters).values()
    assert (story.ip, story.events, story.host_count) == ("203.0.113.0/24", 5, 2)


@pytest.mark.parametrize(
    ("network", "count"),
    [
        ("203.0.113.0/24", 5),
        ("203.0.113.64/26", 1),
        ("203.0.112.0/22", 7),
        ("0.0.0.0/0", 8),
        ("2001:db8::/32", 2),
        ("2001:db8:1:2::66/128", 1),
        ("198.51.100.0/25", 1),
        ("192.0.2.0/24", 0),
    ],
)
def test_events_are_filtered_by_a_network(attacked, network, count) -> None:
    rows = (
        attacked.app.test_client().get("/api/logs/netfilter", query_string={"ip": network}).get_json()["data"]
    )
    assert len(rows) == count
    assert all(ip_network(row["ip"]).subnet_of(ip_network(network)) for row in rows)


def test_the_page_shows_a_network_with_its_hosts(attacked) -> None:
    shown = attacked.app.test_client().get("/security").text
    assert "10 events of 4 addresses" in shown
    row = re.search(r'<tr role="row" id="ip-203_2e_0_2e_113.*?</tr>', shown, re.DOTALL)
    assert row
    assert 'aria-label="and 2 more"' in row[0]
    assert "<span>203.0.113.77</span>" in row[0]


def test_a_page_that_was_counted_shows_the_next_event_at_once(attacked, replay) -> None:
    client = attacked.app.test_client()
    before = client.get("/security").text
    assert "10 events of 4 addresses" in before
    newest = {
        "time": int(time.time()),
        "priority": "warn",
        "message": "Banning 198.51.100.9/32 for 30 minutes",
    }
    replay.lists["netfilter"].append(newest)
    attacked.fetch()
    assert "11 events of 5 addresses" in client.get("/security").text
    attacked.forget()
    assert (
        "Nothing happened" in client.get("/security").text
        or "Nothing is known yet" in client.get("/security").text
    )


def test_messages_are_filtered_by_a_network_whatever_else_stands_for_an_address(viewer, replay) -> None:
    began, clients = (
        int(time.time()) - 60,
        ("192.0.2.7", "192.0.2.200", "192.0.20.7", "192.0.2.x", "192.0.2.", "192.0.2.7.7"),
    )
    replay.lists["postfix"] = [
        {
            "time": str(began + n),
            "program": "postfix/smtpd",
            "priority": "info",
            "message": f"NOQUEUE: reject: RCPT from x[{client}]: 550 5.1.1 no; from=<a@x.example> "
            f"to=<b{n}@y.example> proto=ESMTP helo=<x>",
        }
        for n, client in enumerate(clients)
    ][::-1]
    viewer.fetch()
    client = viewer.app.test_client()
    assert client.get("/api/messages").get_json()["total"] == len(clients)
    assert {row["ip"] for row in client.get("/api/messages?ip=192.0.2.0/24").get_json()["data"]} == {
        "192.0.2.7",
        "192.0.2.200",
    }
    assert [row["ip"] for row in client.get("/api/messages?ip=192.0.2.128/25").get_json()["data"]] == [
        "192.0.2.200"
    ]


@given(address=st.ip_addresses(), bits=st.integers(0, 128))
def test_all_addresses_of_a_network_begin_alike(address, bits) -> None:
    network = ip_network((address, min(bits, address.max_prefixlen)), strict=False)
    assert str(address).startswith(common_beginning(network))
    assert str(network[0]).startswith(common_beginning(network))


def test_an_address_is_known_by_its_networks_names() -> None:
    names = with_networks("203.0.113.77")
    assert names[0] == "203.0.113.77"
    assert {"203.0.113.0/24", "203.0.113.76/30", "0.0.0.0/0"} < set(names)
    assert all(ip_address("203.0.113.77") in ip_network(name) for name in names)
    assert with_networks("unknown") == ["unknown"]


def test_the_first_tab_keeps_what_was_asked(client) -> None:
    assert (
        client.get("/logs?search=a%26b&queue_id=X").headers["Location"]
        == "/logs/postfix?search=a%26b&queue_id=X"
    )
    assert client.get("/logs").headers["Location"] == "/logs/postfix"


def test_days_begin_at_the_zones_midnight_also_when_the_clock_changes() -> None:
    days = spans(datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), DAY, BERLIN)
    assert days == [
        datetime(2026, 10, 23, 22, tzinfo=UTC),
        datetime(2026, 10, 24, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
    ]


def test_no_hour_is_missing_or_doubled_when_the_clock_changes() -> None:
    start = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)
    hours = spans(start, start + 10 * HOUR, HOUR, BERLIN)
    assert hours == [datetime(2026, 10, 24, 20, tzinfo=UTC) + n * HOUR for n in range(11)]


def test_a_long_period_keeps_its_newest_days() -> None:
    end = datetime(2026, 11, 22, 12, tzinfo=UTC)
    days = spans(end - timedelta(days=3000), end, DAY, BERLIN)
    assert len(days) in (MOST_BARS - 1, MOST_BARS)
    assert days[-1] == datetime(2026, 11, 21, 23, tzinfo=UTC)
