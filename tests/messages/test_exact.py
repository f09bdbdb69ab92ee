"""The filters that find one group: exactly this address, domain or reason."""

import pytest

from webapp.lists.conditions import Conditions
from webapp.messages import exact


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def everything(client):
    return client.get("/api/messages", query_string={"limit": 500}).get_json()["data"]


def ask(client, **parameters):
    answer = client.get("/api/messages", query_string={"limit": 500, **parameters})
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["data"]


def keys(rows):
    return sorted(row["correlation_key"] for row in rows)


def an_account(everything):
    return next(row["user"] for row in everything if row["user"])


def test_a_domain_is_found_without_its_subdomains(client, everything):
    domain = an_account(everything).partition("@")[2]
    wanted = [row for row in everything if (row["sender"] or "").lower().endswith(f"@{domain}")]
    assert 0 < len(wanted) < len(everything)
    assert keys(ask(client, sender_domain=domain)) == keys(wanted)
    assert keys(ask(client, sender_domain=f"@{domain.upper()}")) == keys(wanted)
    assert ask(client, sender_domain=domain[2:]) == []


def test_angle_brackets_mean_just_this_address(client, everything):
    sender = next(row["sender"] for row in everything if row["sender"])
    wanted = [row for row in everything if (row["sender"] or "").lower() == sender.lower()]
    assert keys(ask(client, sender=f"<{sender.upper()}>")) == keys(wanted)
    assert ask(client, sender=f"<{sender[1:]}>") == []
    assert ask(client, sender="<>") == [row for row in everything if row["sender"] == ""]


def test_angle_brackets_find_an_odd_recipient(client, everything):
    odd = next(one for row in everything for one in row["recipients"] if '"' in one)
    found = ask(client, recipient=f"<{odd}>")
    assert 0 < len(found) < len(everything)
    assert all(odd in row["recipients"] for row in found)


def test_a_reason_finds_mixed_messages_too(client):
    found = ask(client, reason="no-mailbox")
    assert {row["final_status"] for row in found} >= {"bounced", "mixed"}


@pytest.mark.parametrize(
    ("typed", "address"),
    [("<a@b.example>", "a@b.example"), ("<Root>", "root"), ("<>", None), ("a@b.example", None), ("<a", None)],
)
def test_what_is_in_brackets(typed, address):
    assert exact.bracketed(typed) == address


def test_an_odd_domain_does_not_narrow_by_an_index_that_may_not_hold_it():
    plain, odd = Conditions(), Conditions()
    exact.by_sender_domain(plain, "example.org")
    exact.by_sender_domain(odd, 'exa"mple.org')
    assert (len(plain.texts), len(odd.texts)) == (1, 0)
