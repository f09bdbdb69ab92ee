"""Replies of servers are grouped by what they mean, whatever words and codes they use."""

import pytest
from sqlalchemy import text

from webapp.messages.reasons import REASON, REASONS


@pytest.fixture
def reason(db_session):
    """A function that gives the word for a code and a reply."""
    statement = text(f"SELECT {REASON} FROM (SELECT :dsn AS dsn, :response AS response) AS delivery")

    def find(dsn, response):
        return db_session.scalar(statement, {"dsn": dsn, "response": response})

    return find


CASES = [
    ("mailbox-full", "5.2.2", "552 5.2.2 Quota exceeded"),
    ("mailbox-full", "4.0.0", "452 The email account that you tried to reach is over quota"),
    ("no-mailbox", "5.1.1", "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown"),
    ("no-mailbox", "5.0.0", "554 delivery error: dd This user doesn't have an account (a@b.example) [-5]"),
    ("no-mailbox", "5.0.0", "550 No such user here"),
    ("no-mailbox", "5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [x]"),
    ("no-mailbox", None, "550 No such user here"),
    ("greylisted", "4.7.1", "451 4.7.1 <a@b.example>: Recipient address rejected: Greylisted, see https://x"),
    ("greylisted", "4.2.0", "450 4.2.0 Greylisting in action"),
    ("spam", "5.7.1", "554 5.7.1 Our system has detected that this message is likely unsolicited mail."),
    ("spam", "5.7.1", "5.7.1 This message does not meet our delivery requirements"),
    ("blocklist", "5.7.1", "Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org"),
    ("relay", "4.7.1", "<a@b.example>: Relay access denied"),
    ("authentication", "5.7.26", "550-5.7.26 This mail is unauthenticated"),
    ("authentication", "5.7.0", "550 5.7.0 SPF check failed"),
    ("client-name", "5.7.25", "550 5.7.25 The IP address sending this message does not have a PTR record"),
    ("tls", "5.7.4", "TLS is required, but was not offered"),
    ("tls", "5.7.1", "Session encryption is required"),
    ("too-much", "4.7.0", "421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume"),
    ("too-much", "4.7.28", "421-4.7.28 Gmail has detected an unusual rate"),
    ("too-much", "4.7.1", '4.7.1 Ratelimit "mailcow" exceeded'),
    ("too-big", "5.3.4", "Message size exceeds fixed limit"),
    ("no-answer", "4.4.1", "connect to mx.b.example[192.0.2.1]:25: Connection refused"),
    ("connection-lost", "4.4.2", "conversation with mx.b.example timed out while receiving the greeting"),
    ("lookup", "4.4.3", "Host or domain name not found. Name service error for name=b.example"),
    ("no-domain", "5.4.4", "Host or domain name not found. Name service error for name=b.example"),
    ("no-domain", "5.1.0", "Domain b.example does not accept mail (nullMX)"),
    ("sender-domain", "4.1.8", "<a@b.example>: Sender address rejected: Domain not found"),
    ("sender-not-allowed", "5.7.1", "<a@b.example>: Sender address rejected: not owned by user c@d.example"),
    ("lookup", "4.3.0", "451 4.3.0 Temporary lookup failure"),
    ("system", "4.3.2", "451 4.3.2 Please try again"),
    ("protocol", "5.5.1", "Protocol error"),
    ("policy", "5.7.1", "550 5.7.1 No."),
    ("other", "5.0.0", "554 Transaction failed"),
    ("other", None, None),
    ("other", "", ""),
]


@pytest.mark.parametrize(("word", "dsn", "response"), CASES)
def test_a_reply_has_its_reason(reason, word, dsn, response):
    assert reason(dsn, response) == word


def test_letters_names_and_numbers_do_not_matter(reason):
    for reply in ("550 USER UNKNOWN <x@y.example>", "550 #5.1.0 address rejected, User Unknown (7h3k)"):
        assert reason("5.0.0", reply) == "no-mailbox"


def test_the_end_of_a_very_long_reply_is_not_looked_at(reason):
    assert reason("5.0.0", "x" * 5000 + " user unknown") == "other"


def test_every_reason_has_words_of_its_own():
    labels = [each.label for each in REASONS.values()]
    assert len(set(labels)) == len(labels) > 20
