"""What other rooms know of a search, over recorded traffic; and what an empty list says it looked through."""

from datetime import datetime

import pytest

from webapp.tables.db import now

BANNED, FREE, TRIED, REFUSED = "192.0.2.25", "192.0.2.26", "192.0.2.27", "192.0.2.77"


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


def facts(client, search):
    answer = client.get("/api/search/elsewhere", query_string={"search": search})
    assert answer.status_code == 200, answer.get_json()
    return {(fact["kind"], fact["subject"]): fact for fact in answer.get_json()["data"]}


@pytest.fixture
def attacked(viewer):
    """A viewer that knows of a ban, one that has ended, an address that tried, and a refused connection."""
    second = int(now().timestamp()) - 600

    def event(after, message):
        return {"time": second + after, "priority": "crit", "message": message}

    rule = "matched rule id 1 (warning: unknown[{0}]: SASL LOGIN authentication failed: x, sasl_username=a)"
    viewer.replay.lists["netfilter"] = [
        event(0, f"{BANNED} " + rule.format(BANNED)),
        event(1, f"{BANNED} " + rule.format(BANNED)),
        event(2, f"Banning {BANNED}/32 for 60 minutes"),
        event(3, f"Banning {FREE}/32 for 1 minutes"),
        event(4, f"Unbanning {FREE}/32"),
        event(5, f"{TRIED} " + rule.format(TRIED)),
    ]
    refusal = (
        f"NOQUEUE: reject: CONNECT from unknown[{REFUSED}]: 554 5.7.1 <unknown[{REFUSED}]>: Access denied"
    )
    line = {"time": str(second), "program": "postfix/smtpd", "priority": "info", "message": refusal}
    viewer.replay.lists["postfix"] = [line, {**line, "time": str(second + 1)}]
    viewer.fetch()
    return viewer.app.test_client(), second


def test_an_address_says_whether_it_is_banned_since_when_until_when_and_what_was_refused(attacked):
    client, second = attacked
    fact = facts(client, BANNED)["banned", BANNED]
    assert moments(fact) == (second + 2, second + 2 + 3600)
    assert (fact["sentence"], fact["url"]) == ("is banned, after 2 attempts", f"/security/address/{BANNED}")
    assert moments(facts(client, f"ip:{FREE}")["unbanned", FREE]) == (second + 4, None)
    assert facts(client, f"from:anna {TRIED}")["watched", TRIED]["sentence"].startswith("1 attempt ")
    fact = facts(client, REFUSED)["refused", REFUSED]
    assert fact["sentence"] == "2 connections were refused before a mail was sent"
    assert client.get("/api/logs/connections", query_string={"ip": REFUSED}).get_json()["total"] == 2
    page = client.get("/search/elsewhere", query_string={"search": BANNED}).text
    assert "is banned, after 2 attempts, since" in page
    assert ", until" in page


def moments(fact):
    return tuple(fact[name] and datetime.fromisoformat(fact[name]).timestamp() for name in ("since", "until"))


def test_an_address_without_events_is_nothing(client):
    assert facts(client, "192.0.2.254") == {}


def test_a_local_address_is_a_mailbox_an_alias_or_neither(client, recorded_viewer):
    recorded_viewer.read_mailboxes()
    box = recorded_viewer.ask("SELECT username, domain FROM mailboxes WHERE deleted_at IS NULL LIMIT 1")[0]
    alias = recorded_viewer.ask("SELECT address, goto FROM mailbox_aliases WHERE NOT is_catch_all LIMIT 1")[0]
    name = box["username"]
    assert facts(client, f"to:{name}")["mailbox", name]["url"] == f"/mailboxes/{name}"
    assert alias["goto"][0] in facts(client, alias["address"])["alias", alias["address"]]["sentence"]
    assert ("stranger", f"nobody-here@{box['domain']}") in facts(client, f"nobody-here@{box['domain']}")
    assert ("domain", box["domain"]) in facts(client, f"domain:{box['domain']}")
    assert facts(client, "somebody@elsewhere.example") == {}


def test_a_search_that_cannot_be_read_is_told(client):
    assert client.get("/api/search/elsewhere?search=status:lost").status_code == 400
    assert client.get("/search/elsewhere?search=status:lost").status_code == 400


def test_nothing_known_is_said_in_one_line(client):
    asked = {"search": "nothing-known"}
    line = client.get("/search/elsewhere", query_string=asked, headers={"HX-Request": "true"}).text
    assert "Nothing else is known" in line
    assert "<html" not in line
    assert "<html" in client.get("/search/elsewhere", query_string=asked).text


def test_the_list_asks_for_it_where_something_is_searched(client):
    assert 'hx-get="/search/elsewhere?search=invoice"' in client.get("/messages?search=invoice").text
    assert "/search/elsewhere" not in client.get("/messages?status=bounced").text


def test_an_empty_list_says_what_was_searched_through(client, recorded_viewer):
    page = " ".join(client.get("/messages?search=surely-nobody").text.split())
    assert "Searched everything from" in page
    assert "; no gap in the log." in page


def test_an_empty_list_names_the_gap_that_may_hold_the_message(viewer):
    viewer.do("INSERT INTO log_cursors (source, tail, fetched_at) VALUES ('postfix', '[]', now())")
    viewer.do(
        "INSERT INTO log_gaps (source, start, \"end\", detected_at) VALUES ('postfix', '2026-11-24 09:12Z', "
        "'2026-11-24 09:40Z', now())"
    )
    viewer.do(
        "INSERT INTO messages (id, first_seen, last_seen, correlation_key, content_digest, kind, mid_keys, "
        "recipients, recipient_count, outcomes, is_spam, correlation, recipient_keys, recipient_text, "
        "search_text, outcome_counts, received_by, domains) VALUES (1, '2026-11-20Z', '2026-11-20Z', 'k', 0, "
        "'queue', '{}', '{}', 0, '{}', false, 'complete', '{}', '', '', '{}', '{}', '{}')"
    )
    page = viewer.app.test_client().get("/messages?search=surely-nobody").text
    assert "Lines are missing" in page
    assert "24 Nov 09:12 to 24 Nov 09:40" in page
    early = viewer.app.test_client().get("/messages?search=surely-nobody&end_date=2026-11-23T00:00:00Z").text
    assert "no gap in the log in that time" in " ".join(early.split())
