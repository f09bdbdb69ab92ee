"""Who a mail is counted for: the login, else the envelope sender of ours; letter case and +tag do not
matter."""

import pytest

from webapp.trace import accounts
from webapp.trace.story import Recipient
from webapp.trace.verdict import Surroundings

SURROUNDINGS = Surroundings(
    frozenset({"ours.example", "second.example", "xn--bcher-kva.example", "also-ours.example"}),
    alias_domains={"also-ours.example": "ours.example"},
)


def person(recipient, status="delivered", orig_to=None):
    return Recipient(recipient, orig_to, status, 0)


@pytest.mark.parametrize(
    ("user", "sender", "account"),
    [
        ("anna@ours.example", "info@ours.example", "anna@ours.example"),
        ("Anna@Ours.example", "", "anna@ours.example"),
        (None, "Anna+news@OURS.example", "anna@ours.example"),
        (None, "anna@also-ours.example", "anna@ours.example"),
        (None, "anna@bücher.example", "anna@xn--bcher-kva.example"),
        (None, '"anna"@ours.example', "anna@ours.example"),
        (None, "stranger@elsewhere.example", None),
        (None, "", None),
        (None, None, None),
        (None, "root", None),
        ("admin", None, "admin"),
        (None, "ours.example", None),
    ],
)
def test_the_account_is_the_login_else_the_envelope_sender_of_ours(user, sender, account):
    assert accounts.account(user, sender, SURROUNDINGS) == account


def test_a_mail_through_two_aliases_is_received_once_by_its_mailbox():
    people = [
        person("anna@ours.example", orig_to="info@ours.example"),
        person("Anna@ours.example", orig_to="sales@ours.example"),
    ]
    assert accounts.received_by(people, SURROUNDINGS) == [
        "anna@ours.example",
        "info@ours.example",
        "sales@ours.example",
    ]


def test_only_what_was_delivered_is_received():
    people = [person("a@ours.example", status) for status in ("bounced", "deferred", "rejected", "discarded")]
    assert accounts.received_by(people, SURROUNDINGS) == []


def test_a_target_elsewhere_is_received_by_the_alias_alone():
    people = [person("klaus@elsewhere.example", orig_to="weiter@ours.example")]
    assert accounts.received_by(people, SURROUNDINGS) == ["weiter@ours.example"]


def test_an_alias_domain_stands_for_its_target():
    people = [person("anna@ours.example", orig_to="anna@also-ours.example")]
    assert accounts.received_by(people, SURROUNDINGS) == ["anna@ours.example"]


def test_a_mail_concerns_the_domains_of_its_account_and_of_its_recipients():
    envelope = ["x@elsewhere.example", "b@second.example", "c+tag@SECOND.example"]
    assert accounts.domains("anna@ours.example", envelope, SURROUNDINGS) == ["ours.example", "second.example"]
    assert accounts.domains(None, envelope, SURROUNDINGS) == ["second.example"]


def test_outcomes_are_counted_by_recipient():
    people = [person("a@x.example"), person("b@x.example", "bounced"), person("c@x.example")]
    assert accounts.outcome_counts(people, None) == (["bounced", "delivered"], [1, 2])


def test_an_alias_is_one_recipient_and_counts_by_the_worst_of_its_targets():
    people = [
        person("a@x.example", orig_to="list@x.example"),
        person("b@x.example", "deferred", orig_to="List@x.example"),
        person("c@x.example"),
    ]
    assert accounts.outcome_counts(people, None) == (["deferred", "delivered"], [1, 1])
    assert accounts.outcome_counts(people[:2], None) == (["deferred", "delivered"], [1, 0])


def test_a_mail_refused_before_its_recipients_were_told_had_one():
    assert accounts.outcome_counts([], "rejected") == (["rejected"], [1])
    assert accounts.outcome_counts([], None) == ([], [])
