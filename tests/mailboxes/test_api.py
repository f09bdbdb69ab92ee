"""/api/mailbox-stats: every parameter is checked, the order is the asked one, and what is gone says so."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from tests.guards.test_statements import counted
from webapp import cache
from webapp.tables.db import db
from webapp.tables.messages import DOMAINS

ALL = "/api/mailbox-stats/all?active_only=false"
TODAY = datetime.now(UTC).date()


@pytest.fixture
def client(recorded_viewer):
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
    return recorded_viewer.app.test_client()


def usernames(client, query=""):
    return [row["username"] for row in client.get(ALL + query).get_json()["mailboxes"]]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("date_range=week", "date_range"),
        ("date_range=custom", "start_date"),
        ("date_range=custom&start_date=soon", "start_date"),
        ("date_range=custom&start_date=2026-02-02&end_date=2026-02-01", "end_date"),
        ("active_only=perhaps", "active_only"),
        ("hide_zero=2", "hide_zero"),
        ("sort_by=name", "sort_by"),
        ("sort_order=up", "sort_order"),
        ("page=0", "page"),
        ("page_size=9", "page_size"),
        ("page_size=101", "page_size"),
        ("search=" + "x" * 501, "search"),
    ],
)
def test_a_bad_parameter_is_refused_and_named(client, query, word):
    answer = client.get(f"/api/mailbox-stats/all?{query}")
    assert answer.status_code == 400
    assert word in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("word", "days"), [("today", 0), ("7days", 7), ("30days", 30), ("90days", 90), ("", 30)]
)
def test_a_range_is_today_and_whole_days_before(client, word, days):
    told = client.get(f"/api/mailbox-stats/summary?date_range={word}").get_json()
    assert told["start_date"] == f"{TODAY - timedelta(days=days)}T00:00:00Z"
    assert told["end_date"] == f"{TODAY}T23:59:59Z"
    assert told["date_range"] == (word or "30days")


def test_a_custom_range_counts_its_days_only(client):
    ago = TODAY - timedelta(days=40)
    old = client.get(
        f"/api/mailbox-stats/summary?date_range=custom&start_date={ago}&end_date={ago}"
    ).get_json()
    assert (old["total_sent"], old["total_received"], old["failure_rate"]) == (0, 0, 0.0)
    assert old["start_date"] == f"{ago}T00:00:00Z"
    open_end = client.get(f"/api/mailbox-stats/summary?date_range=custom&start_date={ago}").get_json()
    assert open_end["total_sent"] > 100


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("sent_total", lambda row: row["combined_sent"]),
        ("received_total", lambda row: row["combined_received"]),
        ("failure_rate", lambda row: row["combined_failure_rate"]),
        ("quota_used", lambda row: row["quota_used"]),
        ("username", lambda row: row["username"]),
    ],
)
def test_the_list_is_in_the_asked_order(client, sort, key):
    for order in ("asc", "desc"):
        rows = client.get(f"{ALL}&sort_by={sort}&sort_order={order}").get_json()["mailboxes"]
        keys = [key(row) for row in rows if row["combined_sent"] or sort != "failure_rate"]
        assert len(keys) > 5
        assert keys == sorted(keys, reverse=order == "desc")


def test_pages_cut_the_list(client):
    every = usernames(client, "&page_size=100&sort_by=username&sort_order=asc")
    pages = [usernames(client, f"&page_size=10&sort_by=username&sort_order=asc&page={n}") for n in (1, 2, 3)]
    assert [name for part in pages for name in part] == every
    beyond = client.get(f"{ALL}&page_size=10&page=9").get_json()
    assert (beyond["mailboxes"], beyond["total"], beyond["total_pages"]) == ([], 23, 3)


def test_the_list_can_be_narrowed_down(client):
    assert len(usernames(client, "&domain=shop.nordlicht-kontor.example")) == 4
    assert usernames(client, "&search=Bernd") == []
    assert usernames(client, "&search=ANNA.schmidt@shop") == ["anna.schmidt@shop.nordlicht-kontor.example"]
    assert "eike@nordlicht-kontor.example" in usernames(client, "&search=verteiler3")
    assert usernames(client, "&search=%25") == []
    active = client.get("/api/mailbox-stats/all").get_json()
    assert active["total"] == 22
    busy = client.get(f"{ALL}&hide_zero=true").get_json()
    assert 0 < busy["total"] < 23
    assert all(row["combined_total"] for row in busy["mailboxes"])


def test_a_mailbox_is_told_as_documented(client):
    (row,) = client.get(f"{ALL}&search=b.jansen@nordlicht").get_json()["mailboxes"]
    assert (row["quota_formatted"], row["quota_used_formatted"], row["percent_in_use"]) == (
        "3.0 GB",
        "307 MB",
        10.0,
    )
    assert (row["messages_in_mailbox"], row["rl_value"], row["rl_frame"]) == (100, 300, "h")
    assert row["last_pop3_login"] is None
    assert row["last_imap_login"].endswith("Z")
    assert row["attributes"]["imap_access"] == "1"
    assert {alias["alias_address"] for alias in row["aliases"]} == {
        "alle@nordlicht-kontor.example",
        "@shop.nordlicht-kontor.example",
    }
    assert row["alias_count"] == 2


def test_domains_are_told_with_their_mailboxes(client):
    assert client.get("/api/mailbox-stats/domains").get_json() == {
        "domains": [
            {"domain": "nordlicht-kontor.example", "mailbox_count": 19},
            {"domain": "shop.nordlicht-kontor.example", "mailbox_count": 4},
        ]
    }


def test_the_last_refresh_is_told(client):
    told = client.get("/api/mailbox-stats/refresh").get_json()
    assert told["last_mailbox_update"].endswith("Z")
    assert told["last_alias_update"].endswith("Z")
    assert (told["mailbox_error"], told["alias_error"]) == (None, None)


def test_the_days_of_a_domain_add_up_to_its_messages(client, recorded_viewer):
    days = client.get("/api/mailbox-stats/daily?domain=nordlicht-kontor.example").get_json()["days"]
    (stored,) = recorded_viewer.ask(
        "SELECT count(*) FILTER (WHERE direction = 'inbound') AS inbound, "
        "count(*) FILTER (WHERE 'bounced' = ANY(outcomes)) AS bounced, "
        "count(*) FILTER (WHERE is_spam OR final_status = 'spam') AS spam "
        f"FROM messages WHERE 'nordlicht-kontor.example' = ANY({DOMAINS.format(message='')})"
    )
    assert {name: sum(day[name] for day in days) for name in stored} == stored
    assert stored["inbound"] > 50


def test_the_days_come_as_csv_too(client):
    answer = client.get("/api/mailbox-stats/daily?format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))
    told = client.get("/api/mailbox-stats/daily").get_json()["days"]
    assert [(row["Date"], row["Domain"], int(row["Inbound"])) for row in rows] == [
        (day["date"], day["domain"], day["inbound"]) for day in told
    ]
    assert answer.headers["Content-Type"].startswith("text/csv")


def test_the_list_costs_three_statements_and_from_the_cache_none(client, recorded_viewer):
    for query, statements in (("", 3), ("", 0), ("&page_size=10&search=a", 3)):
        with counted(recorded_viewer) as sent:
            assert client.get(f"{ALL}{query}").status_code == 200
        assert len(sent) <= statements, sent


def test_every_combination_of_parameters_is_kept_on_its_own(client, recorded_viewer):
    assert usernames(client, "&page_size=10") != usernames(client, "&page_size=10&page=2")
    with recorded_viewer.app.app_context():
        assert cache.clear_stats_cache() == 2
        db.session.rollback()


def test_what_mailcow_no_longer_has_stays_with_its_history(viewer, replay):
    viewer.read_mailboxes()
    gone = replay.objects["get/mailbox/all"][0]["username"]
    replay.objects["get/mailbox/all"] = replay.objects["get/mailbox/all"][1:]
    viewer.read_mailboxes()
    client = viewer.app.test_client()
    (row,) = client.get(f"{ALL}&search={gone}").get_json()["mailboxes"]
    assert row["active"] is False
    assert row["deleted_at"].endswith("Z")
    assert client.get(f"/api/mailbox-stats/all?search={gone}").get_json()["total"] == 0
    assert client.get("/api/mailbox-stats/summary").get_json()["total_mailboxes"] == 22


def test_a_viewer_that_has_read_no_mailboxes_yet_answers(client, make_viewer):
    fresh = make_viewer().app.test_client()
    assert fresh.get("/api/mailbox-stats/all").get_json()["mailboxes"] == []
    told = fresh.get("/api/mailbox-stats/summary").get_json()
    assert (told["total_mailboxes"], told["last_update"]) == (0, None)
    assert fresh.get("/api/mailbox-stats/domains").get_json() == {"domains": []}
