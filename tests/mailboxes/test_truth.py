"""The recorded mail is counted for every mailbox and alias as it really happened."""

from collections import Counter, defaultdict

import pytest

from tests.samples import recorded
from tests.trace.judge import WITHOUT_TRACE, untagged

TRUTH = recorded.load("truth")
API = recorded.load("api")
BOXES = [row["username"] for row in API["get/mailbox/all"]]
ALIASES = [row["address"] for row in API["get/alias/all"]]
TARGET = {row["alias_domain"]: row["target_domain"] for row in API["get/alias-domain/all"]}
FAILED = ("bounced", "deferred", "rejected", "expired")


def address(told):
    """As counted: without +tag, in lower case, an alias domain as its target; unknown ones as the
    catch-all."""
    local, _, domain = untagged(told).rpartition("@")
    domain = TARGET.get(domain, domain)
    known = f"{local}@{domain}"
    return f"@{domain}" if f"@{domain}" in ALIASES and known not in (*BOXES, *ALIASES) else known


def answerer(mail):
    """Whose holiday note it is: the truth tells no sender of these, only which mail they answer."""
    parent = next((one for one in TRUTH["messages"] if one["n"] == mail["parent_n"]), None)
    return parent["recipients"][0]["address"] if parent else ""


def expected():
    counted = defaultdict(Counter)
    for mail in (mail for mail in TRUTH["messages"] if mail["scenario"] not in WITHOUT_TRACE):
        sender = counted[address(mail["user"] or mail["sender"] or answerer(mail))]
        got = set()
        for person in mail["recipients"]:
            sender.update(["sent_total", f"sent_{person['final']}"])
            sender["sent_failed"] += person["final"] in FAILED
            targets = [
                *(person.get("targets") or []),
                {"address": person["address"], "final": person["final"]},
            ]
            got |= {address(target["address"]) for target in targets if target["final"] == "delivered"}
        sender["messages_sent"] += 1
        for one in got:
            counted[one]["received_total"] += 1
    for notice in TRUTH["dsns"]:
        counted[address(notice["to"])]["received_total"] += notice["arrived_at"] == "INBOX"
    return counted


@pytest.fixture(scope="module")
def shown(recorded_viewer):
    client = recorded_viewer.app.test_client()
    answer = client.get("/api/mailbox-stats/all?date_range=7days&active_only=false&page_size=100").get_json()
    assert answer["total"] == len(BOXES)
    return {row["username"]: row for row in answer["mailboxes"]}


NAMES = ("sent_total", "sent_delivered", "sent_bounced", "sent_deferred", "sent_rejected", "sent_expired")
MORE = ("sent_discarded", "sent_failed", "received_total")


def test_every_mailbox_is_counted_as_it_really_happened(shown):
    truth = expected()
    wrong = {
        (username, name): (shown[username]["mailbox_counts"][name], truth[username][name])
        for username in BOXES
        for name in (*NAMES, *MORE)
        if shown[username]["mailbox_counts"][name] != truth[username][name]
    }
    assert wrong == {}
    assert sum(truth[username]["sent_total"] for username in BOXES) > 120
    assert sum(truth[username]["received_total"] for username in BOXES) > 200


def test_every_alias_is_counted_as_it_really_happened(shown):
    truth, seen = expected(), {}
    for row in shown.values():
        seen.update({alias["alias_address"]: alias for alias in row["aliases"]})
    wrong = {
        (name, key): (alias[key], truth[name][key])
        for name, alias in seen.items()
        for key in (*NAMES, *MORE)
        if alias[key] != truth[name][key]
    }
    assert wrong == {}
    assert {name for name in seen if truth[name]["received_total"]} >= {
        "verteiler1@nordlicht-kontor.example",
        "alle@nordlicht-kontor.example",
        "@shop.nordlicht-kontor.example",
    }


def test_what_came_through_an_alias_is_not_counted_twice(shown):
    for row in shown.values():
        assert row["combined_received"] == row["mailbox_counts"]["received_total"]
        assert row["combined_total"] == row["combined_sent"] + row["combined_received"]
        sent = row["mailbox_counts"]["sent_total"] + sum(alias["sent_total"] for alias in row["aliases"])
        assert row["combined_sent"] == sent


def test_the_summary_is_the_sum_of_the_mailboxes(recorded_viewer, shown):
    told = recorded_viewer.app.test_client().get("/api/mailbox-stats/summary?date_range=7days").get_json()
    assert (told["total_mailboxes"], told["active_mailboxes"], told["inactive_mailboxes"]) == (23, 22, 1)
    assert told["total_received"] == sum(row["combined_received"] for row in shown.values())
    assert told["total_sent"] == sum(row["combined_sent"] for row in shown.values())
    assert told["sent_failed"] == sum(row["combined_failed"] for row in shown.values())
    assert told["last_update"].endswith("Z")
