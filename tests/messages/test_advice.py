"""What to do about a reply: the provider's code first, then its words, then its enhanced code."""

from dataclasses import dataclass

import pytest

from webapp.messages.advice import advice_for, joined
from webapp.messages.providers import PROVIDERS
from webapp.messages.reasons import REASON, REASONS, reason_for
from webapp.messages.remedies import RECEIVED, SENT, Kind


@dataclass
class Delivery:
    response: str | None
    dsn: str | None = None
    relay: str | None = "mx.other.example[192.0.2.1]:25"
    status: str = "bounced"


GMAIL = "gmail-smtp-in.l.google.com[192.0.2.9]:25"
OUTLOOK = "other-example.mail.protection.outlook.com[192.0.2.8]:25"


@pytest.mark.parametrize(
    ("provider", "kind", "delivery"),
    [
        ("Gmail", "fix authentication", Delivery("550-5.7.26 Your email has been blocked", "5.7.26", GMAIL)),
        ("Gmail", "fix the reputation", Delivery("550-5.7.1 likely unsolicited mail", "5.7.1", GMAIL)),
        ("Gmail", "fix the reputation", Delivery("421-4.7.28 unusual rate", "4.7.28", GMAIL, "deferred")),
        ("Outlook", "fix authentication", Delivery("550 5.7.515 Access denied", "5.7.515", OUTLOOK)),
        ("Outlook", "fix the reputation", Delivery("550 5.7.1 on our block list (S3150).", "5.7.1", OUTLOOK)),
        ("Microsoft 365", "fix the address", Delivery("550 5.4.1 AS(201806281)", "5.4.1", OUTLOOK)),
        (
            "Yahoo",
            "fix the reputation",
            Delivery("421 4.7.0 [TSS04] Messages deferred", "4.7.0", status="deferred"),
        ),
        ("Apple", "fix the reputation", Delivery("554 5.7.1 [CS01] Message rejected", "5.7.1")),
        ("Spamhaus", "fix the reputation", Delivery("554 5.7.1 blocked using zen.spamhaus.org", "5.7.1")),
        ("Gmail", "wait", Delivery("450-4.2.1 receiving mail at a rate", "4.2.1", GMAIL, "deferred")),
        ("Outlook", "wait", Delivery("451 4.7.650 rate limited (S775)", "4.7.650", OUTLOOK, "deferred")),
        (
            "Microsoft 365",
            "fix the address",
            Delivery("550 5.4.1 Recipient address rejected", "5.4.1", OUTLOOK),
        ),
        ("Yahoo", "fix the reputation", Delivery("421 4.7.1 [TS02] deferred", "4.7.1", status="deferred")),
        ("Apple", "fix the reputation", Delivery("550 5.7.1 [HM08] Message rejected", "5.7.1")),
        ("Spamhaus", "server trouble", Delivery("554 zen.spamhaus.org; Error: open resolver", "5.7.1")),
        (None, "wait", Delivery("mx[64.2.1.26] said: 452-4.2.2 out of storage", "4.2.2", GMAIL, "deferred")),
        (None, "fix the address", Delivery("[5.7.1.9] said: 550-5.1.1 does not exist", "5.1.1", GMAIL)),
        (None, "fix authentication", Delivery("550 5.7.26 unauthenticated", "5.7.26")),
        (None, "fix the address", Delivery("550 5.1.1 User unknown", "5.1.1")),
        (None, "wait", Delivery("552 5.2.2 over quota", "5.2.2")),
        (None, "wait", Delivery("451 4.7.1 Greylisted", "4.7.1", status="deferred")),
        (None, "server trouble", Delivery("connect to mx: Connection refused", "4.4.1", None, "deferred")),
        (None, "server trouble", Delivery("554 No.", "5.0.0")),
    ],
)
def test_a_reply_has_an_action(provider, kind, delivery):
    found = advice_for(delivery, "outbound")
    assert (found.provider, found.kind) == (provider, kind)
    assert (found.url is None) == (provider is None)


def test_yahoo_says_when_trying_again_does_not_help():
    reply = "421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred"
    found = advice_for(
        Delivery(reply, "4.7.1", "mta5.am0.yahoodns.net[192.0.2.7]:25", "deferred"), "outbound"
    )
    assert found.provider == "Yahoo"
    assert "does not help" in found.action


@pytest.mark.parametrize("status", ["delivered", "discarded", "spam"])
def test_what_needs_nothing_has_none(status):
    assert advice_for(Delivery("250 2.0.0 Saved", "2.0.0", status=status), "outbound") is None
    assert advice_for(Delivery(None, None, None), "outbound") is None


def test_what_this_server_refused_has_another_action_than_what_was_refused_elsewhere():
    delivery = Delivery("550 5.1.1 User unknown", "5.1.1", status="rejected")
    here, there = advice_for(delivery, "inbound"), advice_for(delivery, "outbound")
    assert "alias in mailcow" in here.action
    assert here.action != there.action


def test_every_reason_has_an_action_and_every_kind_is_one_of_six():
    assert set(SENT) == set(REASONS)
    assert set(RECEIVED) < set(REASONS)
    kinds = {each.kind for each in (*SENT.values(), *RECEIVED.values(), *PROVIDERS)}
    assert kinds == set(Kind)
    for each in (*SENT.values(), *RECEIVED.values(), *PROVIDERS):
        assert each.meaning.endswith(".")
        assert each.action.endswith(".")


def test_marks_are_as_they_are_looked_for():
    assert all(mark == mark.lower() for rule in PROVIDERS for mark in (*rule.marks, *rule.hosts))
    assert all(rule.url.startswith("https://") for rule in PROVIDERS)


def test_the_reason_is_the_one_that_sql_tells(recorded_viewer):
    rows = recorded_viewer.ask(f"SELECT DISTINCT dsn, response, {REASON} AS reason FROM deliveries")
    assert len({row["reason"] for row in rows}) > 5
    assert [reason_for(row["dsn"], row["response"]) for row in rows] == [row["reason"] for row in rows]


@pytest.mark.parametrize(
    ("reply", "whole"),
    [
        ("550 5.1.1 no", "550 5.1.1 no"),
        ("550-5.1.1 The account 550-5.1.1 does not 550 5.1.1 exist", "550-5.1.1 The account does not exist"),
        ("host mx[192.0.2.1] said: 550 no such user", "host mx[192.0.2.1] said: 550 no such user"),
    ],
)
def test_a_reply_of_several_lines_is_read_as_one(reply, whole):
    assert joined(reply) == whole


def test_the_page_says_what_to_do_and_gives_it_as_text(recorded_viewer):
    client = recorded_viewer.app.test_client()
    row = client.get("/api/messages?status=bounced&direction=outbound&limit=1").get_json()["data"][0]
    detail = client.get(f"/api/message/{row['correlation_key']}/details").get_json()
    delivery = next(each for each in detail["deliveries"] if each["status"] == "bounced")
    assert delivery["advice"]["action"]
    page = client.get(f"/messages/{row['correlation_key']}").text
    assert "Copy explanation" in page
    assert "What to do: " in page
