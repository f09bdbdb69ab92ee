"""What a source is, what to do about it, and what deserves a word."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.reports.samples import one_tls, tls
from webapp.reports import tlswords
from webapp.reports.advice import Picture, SourceSeen, Topic, advise, effective_policy
from webapp.reports.days import Span, span
from webapp.reports.records import Policy
from webapp.reports.senders import SERVICES, Kind, service_of
from webapp.reports.signs import Day, Sign, signs
from webapp.reports.sources import SourceClass, SourceFacts, classify

TODAY = date(2025, 11, 25)
FACTS = SourceFacts("192.0.2.1", messages=100, passed=0, spf_aligned=0, dkim_aligned=0)
GOOD = replace(FACTS, passed=100, spf_aligned=100, dkim_aligned=100)
SES, GATEWAY, MAILBOX = (
    service_of("a.smtp-out.amazonses.com"),
    service_of("mx1.pphosted.com"),
    service_of("mail.google.com"),
)


@pytest.mark.parametrize(("facts", "wanted"), [
    (replace(GOOD, is_ours=True), SourceClass.OURS),
    (replace(FACTS, is_ours=True), SourceClass.FIXABLE),
    (replace(FACTS, is_ours=True, messages=0), SourceClass.OURS),
    (GOOD, SourceClass.AUTHORISED),
    (replace(GOOD, dkim_aligned=0), SourceClass.AUTHORISED),
    (replace(FACTS, in_spf=True), SourceClass.FIXABLE),
    (replace(GOOD, spf_aligned=0, service=SES), SourceClass.AUTHORISED),
    (replace(FACTS, service=SES), SourceClass.FIXABLE),
    (replace(FACTS, arc_passed=80, service=SES), SourceClass.FORWARDER),
    (replace(FACTS, reasons={"mailing_list": 60}), SourceClass.FORWARDER),
    (replace(FACTS, reasons={"trusted_forwarder": 30, "forwarded": 30}), SourceClass.FORWARDER),
    (replace(FACTS, reasons={"mailing_list": 10}), SourceClass.UNKNOWN),
    (replace(FACTS, reasons={"local_policy": 100}), SourceClass.UNKNOWN),
    (replace(GOOD, spf_aligned=0), SourceClass.FORWARDER),
    (replace(GOOD, spf_aligned=0, service=MAILBOX), SourceClass.FORWARDER),
    (replace(FACTS, service=GATEWAY), SourceClass.FORWARDER),
    (replace(FACTS, service=MAILBOX), SourceClass.FIXABLE),
    (FACTS, SourceClass.UNKNOWN),
    (replace(GOOD, is_ours=True, set_by_operator=SourceClass.STALE), SourceClass.STALE),
])  # fmt: skip
def test_the_class_of_a_source(facts: SourceFacts, wanted: SourceClass) -> None:
    found = classify(facts)
    assert found.kind is wanted
    assert found.why


def test_the_signs_of_a_forwarder_are_asked_in_their_order() -> None:
    every = replace(GOOD, spf_aligned=0, service=GATEWAY, reasons={"mailing_list": 90}, arc_passed=90)
    words = ["ARC", "mailing_list", "unbroken", "Proofpoint"]
    steps = [
        every,
        replace(every, arc_passed=0),
        replace(every, arc_passed=0, reasons={}),
        replace(FACTS, service=GATEWAY),
    ]
    for facts, word in zip(steps, words, strict=True):
        assert word in classify(facts).why


def test_the_table_of_services() -> None:
    assert len(SERVICES) >= 100
    assert {service.kind for service in SERVICES.values()} == set(Kind)
    assert all(domain == domain.lower() and service.name for domain, service in SERVICES.items())


@pytest.mark.parametrize(("host", "name"), [
    ("o1.sendgrid.net", "Twilio SendGrid"), ("SENDGRID.NET.", "Twilio SendGrid"),
    ("mail-a.google.com", "Google"),
    ("bendel.lists.debian.org", "Debian lists"), ("notgoogle.com", None),
    ("google.com.evil.example", None), ("", None), ("com", None),
])  # fmt: skip
def test_a_service_is_found_by_a_hosts_name(host: str, name: str | None) -> None:
    found = service_of(host)
    assert (found.name if found else None) == name


def seen(facts: SourceFacts, last_failed: date | None = None) -> SourceSeen:
    return SourceSeen(facts, classify(facts), last_failed)


def picture(
    *sources: SourceFacts, p: str = "none", days: int = 28, reporters: int = 2, **more: object
) -> Picture:
    policy = Policy("example.com", p=p, **more)  # type: ignore[arg-type]
    return Picture("example.com", policy, days, reporters, tuple(seen(facts) for facts in sources), TODAY)


def topics(found: Picture) -> list[Topic]:
    return [advice.topic for advice in advise(found)]


OURS = replace(GOOD, is_ours=True)


@pytest.mark.parametrize(("found", "topic", "text"), [
    (picture(OURS), Topic.READY, "p=quarantine"), (picture(OURS, p="quarantine"), Topic.READY, "p=reject"),
    (picture(OURS, p="reject"), Topic.DONE, "reject"),
    (picture(OURS, p="reject", testing="y"), Topic.READY, "without t=y"),
    (picture(OURS, p="quarantine", testing="y"), Topic.READY, "p=quarantine without t=y"),
    (picture(OURS, p="reject", pct=50), Topic.READY, "pct=100"),
    (picture(OURS, FACTS), Topic.READY, "p=quarantine"),
    (picture(OURS, replace(FACTS, service=GATEWAY)), Topic.READY, "p=quarantine"),
    (picture(OURS, days=27), Topic.UNPROVED, "27 of 28 days"),
    (picture(OURS, reporters=1), Topic.UNPROVED, "1 of 2 reporters"),
    (picture(replace(OURS, messages=99, passed=99)), Topic.UNPROVED, "99 of 100 messages"),
    (picture(replace(OURS, passed=99)), Topic.UNPROVED, "1 authorised source did not"),
    (picture(OURS, replace(FACTS, service=SES)), Topic.UNPROVED, "did not pass"),
])  # fmt: skip
def test_the_next_step_of_the_policy(found: Picture, topic: Topic, text: str) -> None:
    last = advise(found)[-1]
    assert last.topic is topic
    assert text in last.text


def test_no_mail_is_no_failure() -> None:
    assert topics(picture()) == [Topic.NO_MAIL]
    assert topics(picture(replace(FACTS, messages=0))) == [Topic.NO_MAIL]


def test_what_to_fix_and_how() -> None:
    found = advise(picture(replace(FACTS, service=SES), replace(OURS, passed=60, dkim_aligned=0), OURS))
    assert [advice.topic for advice in found] == [Topic.FIX, Topic.FIX, Topic.UNPROVED]
    assert "100 of 100 messages from Amazon SES (192.0.2.1)" in found[0].text
    assert "turn on DKIM for example.com at Amazon SES" in found[0].text
    assert "include:amazonses.com" in found[0].text
    assert "Our own server" in found[1].text
    assert "sign the mail of example.com with DKIM" in found[1].text


def test_a_forwarders_address_never_goes_into_spf() -> None:
    found = advise(picture(OURS, replace(FACTS, service=GATEWAY)))
    [forwarded] = [advice for advice in found if advice.topic is Topic.FORWARDER]
    assert "do not belong into SPF" in forwarded.text
    assert not any("include:" in advice.text for advice in found)


@pytest.mark.parametrize(
    ("p", "testing", "word"),
    [
        ("none", "", "Nothing stops"),
        ("quarantine", "", "junk"),
        ("reject", "", "refuse"),
        ("reject", "y", "junk"),
        ("quarantine", "y", "Nothing stops"),
    ],
)
def test_what_the_policy_does_to_unknown_sources(p: str, testing: str, word: str) -> None:
    found = advise(picture(OURS, FACTS, p=p, testing=testing))
    assert any(advice.topic is Topic.UNKNOWN and word in advice.text for advice in found)


def test_a_source_that_fails_no_more_is_not_proved_yet() -> None:
    facts = replace(OURS, passed=90)
    for last, wanted in (
        (TODAY - timedelta(days=5), True),
        (TODAY, False),
        (TODAY - timedelta(days=1), False),
    ):
        found = replace(picture(OURS), sources=(seen(facts, last),))
        assert ("not proved yet" in advise(found)[0].text) is wanted


def test_test_mode_is_one_step_weaker() -> None:
    assert [effective_policy(Policy("a", p=p)) for p in ("none", "quarantine", "reject", "", "x")] == [
        "none",
        "quarantine",
        "reject",
        "none",
        "none",
    ]
    assert [effective_policy(Policy("a", p=p, testing="y")) for p in ("none", "quarantine", "reject")] == [
        "none",
        "none",
        "quarantine",
    ]


def days(*rows: tuple[int, int]) -> list[Day]:
    return [Day(TODAY - timedelta(days=len(rows) - 1 - at), *row) for at, row in enumerate(rows)]


@pytest.mark.parametrize(("rows", "wanted"), [
    ([(100, 0), (100, 14)], []), ([(100, 0), (100, 15)], [Sign.FAILURES]), ([(100, 30), (100, 30)], []),
    ([(100, 20), (100, 26)], [Sign.FAILURES]), ([(100, 0), (19, 19)], []), ([(100, 0),
    (20, 5)], [Sign.FAILURES]),
    ([(100, 0), (249, 0)], []), ([(100, 0), (250, 0)], [Sign.VOLUME]), ([(10, 0), (59, 0)], []), ([(10, 0),
    (60, 0)], [Sign.VOLUME]),
    ([(100, 30)], [Sign.FAILURES]), ([(100, 0)], []), ([], []),
])  # fmt: skip
def test_failures_and_volume(rows: list[tuple[int, int]], wanted: list[Sign]) -> None:
    assert [noted.sign for noted in signs(days(*rows), TODAY, ["a"], ["a"], 3)] == wanted


def test_new_sources_and_silence() -> None:
    rows = days((100, 0), (100, 0))
    [noted] = signs(rows, TODAY, ["a"], ["a", "b", "c", "d", "e"], 3)
    assert (noted.sign, "b, c, d and 1 more" in noted.text) == (Sign.NEW_SOURCE, True)
    assert signs(days((100, 0)), TODAY, [], ["a"], 3) == []
    assert [noted.sign for noted in signs(rows, TODAY + timedelta(days=4), [], ["b"], 3)] == [Sign.SILENCE]
    assert Sign.SILENCE not in [noted.sign for noted in signs(rows, TODAY + timedelta(days=3), [], ["b"], 3)]


@pytest.mark.parametrize(("begin", "hours", "wanted"), [
    (datetime(2025, 11, 25, tzinfo=UTC), 24, Span(date(2025, 11, 25), False)),
    (datetime(2025, 11, 24, 22, tzinfo=UTC), 24, Span(date(2025, 11, 25), True)),
    (datetime(2025, 11, 24, 6, tzinfo=UTC), 1, Span(date(2025, 11, 24), False)),
    (datetime(2025, 11, 24, tzinfo=UTC), 24 * 7, Span(date(2025, 11, 24), True)),
    (datetime(2025, 11, 24, tzinfo=UTC), 0, Span(date(2025, 11, 24), False)),
])  # fmt: skip
def test_the_day_of_a_report(begin: datetime, hours: int, wanted: Span) -> None:
    assert span(begin, begin + timedelta(hours=hours)) == wanted


@pytest.mark.parametrize(
    ("pattern", "host", "wanted"),
    [
        ("mx.example.com", "mx.example.com", True),
        ("*.example.com", "mx.example.com", True),
        ("*.example.com", "a.mx.example.com", False),
        ("*.example.com", "example.com", False),
    ],
)
def test_patterns_of_mta_sts(pattern: str, host: str, wanted: bool) -> None:
    assert tlswords.matches(pattern, host) is wanted


def test_a_tls_policy_beside_our_own_checks() -> None:
    now = tlswords.TlsNow(mx_hosts=("mail.example.com",), certificate="valid until 2026-03-01", tlsa="none")
    listed = tls()
    listed["policies"][0]["policy"]["policy-string"] = ["version: STSv1", "mode: enforce", "mx: example.com"]
    [policy] = one_tls(listed).policies
    assert tlswords.remarks(policy, now) == [
        "The policy lists the domain example.com, not its MX host mail.example.com.",
        "Our own check of the certificate now: valid until 2026-03-01",
    ]
    assert tlswords.remarks(policy, tlswords.TlsNow()) == []
    [other] = one_tls(tls()).policies
    assert "does not list the MX host mail.example.com" in tlswords.remarks(other, now)[0]


def test_result_types_in_words() -> None:
    assert len(tlswords.MEANINGS) == 11
    assert "expired" in tlswords.meaning("certificate-expired")
    assert "own word: odd" in tlswords.meaning("odd")
