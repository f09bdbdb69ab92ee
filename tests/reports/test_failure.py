"""Failure reports are recognised, are no aggregate reports, and give facts without bodies."""

import base64
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from tests.reports.samples import gz, mail, read, xml
from webapp.reports import failure
from webapp.reports.refusal import Limits, NoReport

ARF = b"""From: dmarc-noreply@receiver.example
To: ruf@example.com
Subject: FW: a message
Content-Type: multipart/report; report-type=feedback-report; boundary="b"

--b
Content-Type: text/plain

This is an email abuse report for an email message received from IP 192.0.2.9.

--b
Content-Type: message/feedback-report

Feedback-Type: auth-failure
User-Agent: Lua/1.0
Version: 1.0
Original-Mail-From: secret.sender@example.com
Original-Rcpt-To: <someone@receiver.example>
Arrival-Date: Tue, 25 Nov 2025 02:09:00 +0100
Source-IP: 192.0.2.9
Delivery-Result: Delivered
Auth-Failure: DMARC
Reported-Domain: Example.com

--b
Content-Type: message/rfc822

From: Secret Sender <secret.sender@example.com>
Subject: very private
Content-Type: text/plain

private body
--b--
"""
PLAIN = b"""From: no-reply@node.example.net
Subject: DMARC Forensic Report for example.com from IP 203.0.113.68
Content-Type: multipart/report; boundary="b"

--b
Content-Type: text/plain; charset="us-ascii"

A message claiming to be from you has failed the published DMARC policy for your domain.

  Sender Domain: example.com
  Sender IP Address: 203.0.113.68
  Received date: Mon, 07 Apr 2025 23:16:09 +0200
  SPF Alignment: no
  DKIM Alignment: no
  DMARC Results: None, Accept

------ This is a copy of the headers

From: <user@example.com>
Subject: private
--b--
"""


def facts(data: bytes) -> failure.FailureReport:
    return failure.read(message_from_bytes(data), Limits())


@pytest.mark.parametrize(
    "data",
    [
        ARF,
        PLAIN,
        ARF.replace(b"\n", b"\r\n"),
        gz(ARF),
        b"From x Tue Nov 25 00:00:00 2025\n" + ARF,
        ARF.replace(b"multipart/report; report-type=feedback-report;", b"multipart/mixed;"),
    ],
)
def test_failure_reports_are_said_to_be_ones(data: bytes) -> None:
    [(found, records)] = read(data)
    assert isinstance(found.report, failure.FailureReport)
    assert records == []
    assert "failure report about a single message for example.com" in failure.why_not_stored(found.report)


def test_the_facts_of_a_report_in_arf() -> None:
    found = facts(ARF)
    assert (found.domain, found.source, found.failure, found.delivery) == (
        "example.com",
        "192.0.2.9",
        "dmarc",
        "delivered",
    )
    assert found.arrived_at == datetime(2025, 11, 25, 1, 9, tzinfo=UTC)
    assert (found.mail_from, found.rcpt_to) == ("…@example.com", "…@receiver.example")
    assert found.reporter == "…@receiver.example"


def test_the_facts_of_a_report_in_plain_words() -> None:
    found = facts(PLAIN)
    assert (found.domain, found.source, found.delivery) == ("example.com", "203.0.113.68", "none, accept")
    assert found.arrived_at == datetime(2025, 4, 7, 21, 16, 9, tzinfo=UTC)


@pytest.mark.parametrize("data", [ARF, PLAIN])
def test_neither_names_nor_bodies_are_kept(data: bytes) -> None:
    said = str(facts(data))
    assert all(word not in said for word in ("secret", "private", "someone", "user@"))


def test_a_complaint_is_no_dmarc_failure() -> None:
    with pytest.raises(NoReport, match="complaint"):
        read(ARF.replace(b"auth-failure", b"abuse"))


def test_an_aggregate_reports_mail_is_none() -> None:
    assert not failure.is_failure_report(mail(gz(xml())), Limits())


@pytest.mark.parametrize(
    "data",
    [
        ARF.replace(b"Tue, 25 Nov 2025 02:09:00 +0100", b"never"),
        ARF.replace(b"192.0.2.9", b"unknown"),
        ARF.replace(b"Reported-Domain: Example.com\n", b""),
        ARF.replace(b"message/feedback-report", b"message/feedback-report; x=\xff"),
        ARF.replace(b"Subject: FW: a message", b"Subject: =?no-such?Q?x?= \xff"),
        ARF[:400],
    ],
)
def test_facts_that_are_missing(data: bytes) -> None:
    [(found, _)] = read(data)
    assert isinstance(found.report, failure.FailureReport)


def test_the_domain_is_told_by_the_message_where_the_report_does_not() -> None:
    lines = b"Reported-Domain: Example.com\n"
    assert facts(ARF.replace(lines, b"")).domain == "example.com"
    other = ARF.replace(lines, b"").replace(
        b"From: Secret Sender <secret.sender@example.com>", b"From: x@other.example"
    )
    assert facts(other).domain == "other.example"


def test_a_feedback_part_in_base64() -> None:
    """Netease's reports come so after a way through Exchange."""
    head, feedback, rest = ARF.partition(b"Feedback-Type")[0], ARF.partition(b"\n\nFeedback-Type")[2], b""
    feedback, _, rest = (b"Feedback-Type" + feedback).partition(b"\n\n--b")
    coded = base64.encodebytes(feedback.replace(b"\n", b"\r\n"))
    head = head.rstrip() + b"\nContent-Transfer-Encoding: base64\n\n"
    found = facts(head + coded + b"\n--b" + rest)
    assert (found.domain, found.source, found.failure) == ("example.com", "192.0.2.9", "dmarc")


def test_the_same_report_on_another_way_has_the_same_id() -> None:
    again = b"Received: by another.example\n" + ARF.replace(b"\n", b"\r\n")
    assert facts(again).report_id == facts(ARF).report_id
    assert facts(ARF.replace(b"192.0.2.9", b"192.0.2.10")).report_id != facts(ARF).report_id


def test_names_in_free_text_are_masked() -> None:
    told = facts(
        ARF.replace(b"Delivery-Result: Delivered", b"Delivery-Result: bounced to joe.doe@example.com")
    )
    assert told.delivery == "bounced to …@example.com"


@pytest.mark.parametrize(("said", "number"), [("7", 7), ("0", 1), ("-3", 1), ("9" * 40, 1), ("many", 1)])
def test_incidents(said: str, number: int) -> None:
    assert facts(ARF.replace(b"Version: 1.0", f"Incidents: {said}".encode())).incidents == number
