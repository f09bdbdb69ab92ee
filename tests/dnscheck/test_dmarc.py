"""DMARC by RFC 9989: what a record says, where it is found, and who takes its reports."""

from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, Silenced, asked
from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.dmarc import DmarcGrade, grade_dmarc, judge_dmarc
from webapp.dnscheck.dmarcrecord import is_dmarc, parse_dmarc
from webapp.dnscheck.dmarcwalk import Discovery, FoundBy, list_domain, walk_names
from webapp.dnscheck.findings import Status

RUA = "rua=mailto:dmarc@example.com"


def judged(text: str) -> DmarcGrade:
    record = parse_dmarc(text)
    return judge_dmarc(
        Discovery(
            domain="example.com",
            record=record,
            found_at="example.com",
            found_by=FoundBy.DOMAIN,
            older="example.com",
        )
    )


def codes(grade: DmarcGrade) -> set[str]:
    return {finding.code.removeprefix("dmarc-") for finding in grade.findings}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("v=DMARC1", True),
        ("v=DMARC1;p=none", True),
        ("v = DMARC1 ; p=none", True),
        ("v=DMARC1; p=none; " + "x" * 60000, True),
        ("v=dmarc1; p=none", False),
        ("V=DMARC1; p=none", False),
        (" v=DMARC1; p=none", False),
        ("v=DMARC1 p=none", False),
        ("v=DMARC12; p=none", False),
        ("p=none; v=DMARC1", False),
        ("v=spf1 -all", False),
        ("", False),
        ("\xff\x00", False),
    ],
)
def test_only_what_begins_with_the_version_is_a_record(text: str, counts: bool) -> None:
    assert is_dmarc(text) is counts


@pytest.mark.parametrize(
    ("text", "status", "policy", "strong"),
    [
        (f"v=DMARC1; p=reject; {RUA}", Status.SUCCESS, "reject", True),
        (f"v=DMARC1; p=REJECT; {RUA};", Status.SUCCESS, "reject", True),
        (f"v=DMARC1; {RUA}; p=reject", Status.SUCCESS, "reject", True),
        ("v=DMARC1; p=reject", Status.SUCCESS, "reject", True),
        (f"v=DMARC1; p=reject; pct=100; {RUA}", Status.SUCCESS, "reject", True),
        (f"v=DMARC1; p=reject; sp=reject; np=reject; {RUA}", Status.SUCCESS, "reject", True),
        (f"v=DMARC1; p=reject; pct=50; {RUA}", Status.WARNING, "reject", False),
        (f"v=DMARC1; p=reject; t=y; {RUA}", Status.WARNING, "reject", False),
        (f"v=DMARC1; p=reject; sp=none; {RUA}", Status.WARNING, "reject", True),
        (f"v=DMARC1; p=reject; np=quarantine; {RUA}", Status.WARNING, "reject", True),
        (f"v=DMARC1; p=quarantine; {RUA}", Status.WARNING, "quarantine", False),
        (f"v=DMARC1; p=none; {RUA}", Status.WARNING, "none", False),
        (f"v=DMARC1; {RUA}", Status.WARNING, "none", False),
        (f"v=DMARC1; p=block; {RUA}", Status.WARNING, "none", False),
        (f"v=DMARC1; p=reject; sp=block; {RUA}", Status.WARNING, "none", False),
        ("v=DMARC1; p=block", Status.ERROR, "none", False),
        ("v=DMARC1; p=block; rua=dmarc@example.com", Status.ERROR, "none", False),
    ],
)
def test_the_policy_decides_the_documented_status(
    text: str, status: Status, policy: str, strong: bool
) -> None:
    grade = judged(text)
    assert (grade.status, grade.policy, grade.is_strong) == (status, policy, strong)


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ("", None),
        ("pct=100", "removed-tag"),
        ("rf=afrf; ri=86400", "removed-tag"),
        ("pct=20", "pct"),
        ("psd=y", "psd"),
        ("psd=n", None),
        ("x=1", "unknown-tag"),
        ("adkim=x", "invalid-value"),
        ("fo=1:d:s; ruf=mailto:a@example.com", None),
        ("fo=q; ruf=mailto:a@example.com", "invalid-value"),
        ("fo=1", "fo-alone"),
        ("nonsense", "broken-tag"),
        ("p=none", "repeated-tag"),
        ("t=n", None),
    ],
)
def test_every_oddity_has_its_finding(tags: str, code: str | None) -> None:
    assert codes(judged(f"v=DMARC1; p=reject; {RUA}; {tags}")) == ({code} if code else set())


@pytest.mark.parametrize(
    ("rua", "code"),
    [
        ("mailto:a@example.com,mailto:b@example.com", None),
        ("MAILTO:a@example.com", None),
        ("mailto:a@example.com!10m", "size-limit"),
        ("a@example.com", "rua-unusable"),
        ("mailto:nobody", "rua-unusable"),
        ("mailto:a@example.com,https://example.com/dmarc", "rua-unusable"),
        ("", "no-rua"),
        (",,", "no-rua"),
    ],
)
def test_reports_need_an_address(rua: str, code: str | None) -> None:
    assert codes(judged(f"v=DMARC1; p=reject; rua={rua}")) == ({code} if code else set())


def test_the_record_to_publish_keeps_what_was_right() -> None:
    grade = judged(f"v=DMARC1; p=none; sp=reject; pct=20; x=1; {RUA}")
    published = {finding.code: finding.publish.value for finding in grade.findings if finding.publish}
    assert published["dmarc-none"] == f"v=DMARC1; p=quarantine; sp=reject; pct=20; {RUA}"
    assert published["dmarc-pct"] == f"v=DMARC1; p=none; sp=reject; {RUA}"


BELOW = ("e.f.g.h.i", "f.g.h.i", "g.h.i", "h.i", "i")


@pytest.mark.parametrize(
    ("domain", "names"),
    [
        ("example.com", ["example.com", "com"]),
        ("A.example.com.", ["a.example.com", "example.com", "com"]),
        ("a.b.c.d.e.f.g.h.i", ["a.b.c.d.e.f.g.h.i", "c.d.e.f.g.h.i", "d.e.f.g.h.i", *BELOW]),
        (
            "a.b.c.d.e.f.g.h",
            ["a.b.c.d.e.f.g.h", "b.c.d.e.f.g.h", "c.d.e.f.g.h", "d.e.f.g.h", "e.f.g.h", "f.g.h", "g.h", "h"],
        ),
    ],
)
def test_the_walk_asks_at_most_eight_times(domain: str, names: list[str]) -> None:
    assert list(walk_names(domain)) == names


def test_a_name_of_a_hundred_labels_is_cut_too() -> None:
    assert len(walk_names(".".join("x" * 100))) == 8


def zone(**records: str) -> dict[str, Any]:
    return {f"_dmarc.{name.replace('__', '.')}": {"TXT": [text]} for name, text in records.items()}


def look(server: NameServer, domain: str = "a.mail.example.com", patience: float = 5.0) -> DmarcGrade:
    return asked(server, lambda resolver: grade_dmarc(domain, resolver), lifetime=patience)


REJECT, NONE = f"v=DMARC1; p=reject; {RUA}", f"v=DMARC1; p=none; {RUA}"


@pytest.mark.parametrize(
    ("records", "found_at", "policy"),
    [
        ({"a__mail__example__com": REJECT, "example__com": NONE}, "a.mail.example.com", "reject"),
        ({"mail__example__com": REJECT, "example__com": NONE}, "example.com", "none"),
        ({"mail__example__com": REJECT}, "mail.example.com", "reject"),
        ({"example__com": f"v=DMARC1; p=none; sp=reject; {RUA}"}, "example.com", "reject"),
        ({"mail__example__com": REJECT + "; psd=n", "example__com": NONE}, "mail.example.com", "reject"),
        ({"example__com": NONE, "com": REJECT + "; psd=y"}, "example.com", "none"),
        ({"com": f"v=DMARC1; p=none; sp=quarantine; psd=y; {RUA}"}, "com", "quarantine"),
        ({"mail__example__com": REJECT, "example__com": NONE + "; psd=y"}, "mail.example.com", "reject"),
        ({}, None, None),
    ],
)
def test_the_walk_finds_the_organizational_domain(
    serve: Serve, records: dict[str, str], found_at: str | None, policy: str | None
) -> None:
    grade = look(serve(zone(**records)))
    assert (grade.found_at, grade.policy) == (found_at, policy)
    if found_at:
        assert grade.found_by == ("domain" if found_at == "a.mail.example.com" else "tree walk")
    else:
        assert (grade.status, grade.message) == (Status.ERROR, "DMARC record not found")


def test_the_walk_stops_at_the_domains_own_record(serve: Serve) -> None:
    server = serve(zone(a__mail__example__com=REJECT))
    look(server)
    assert server.questions == [("_dmarc.a.mail.example.com", "TXT")]


def test_what_older_receivers_find_otherwise_is_told(serve: Serve) -> None:
    inherited = look(serve(zone(mail__example__com=REJECT, com="v=DMARC1; p=none; psd=y")))
    assert "older-receivers" in codes(inherited)
    assert "older-receivers" not in codes(look(serve(zone(example__com=REJECT))))


def test_two_records_count_as_none(serve: Serve) -> None:
    grade = look(serve({"_dmarc.example.com": {"TXT": [REJECT, NONE, "other text"]}}), "example.com")
    assert (grade.status, grade.policy) == (Status.ERROR, None)
    assert grade.message == "Multiple DMARC records found (2). Only one is allowed"


@pytest.mark.parametrize(
    ("host", "consent", "refused"),
    [
        ("example.com", None, False),
        ("reports.example.com", None, False),
        ("example.net", None, True),
        ("example.net", "v=DMARC1", False),
        ("example.net", "v=DMARC1; rua=mailto:other@example.net", False),
        ("example.net", "yes", True),
    ],
)
def test_reports_go_to_others_only_with_their_consent(
    serve: Serve, host: str, consent: str | None, refused: bool
) -> None:
    records: dict[str, Any] = zone(example__com=f"v=DMARC1; p=reject; rua=mailto:a@{host}")
    if consent:
        records["*._report._dmarc.example.net"] = {"TXT": [consent]}
    grade = look(serve(records), "example.com")
    assert ("rua-unauthorised" in codes(grade)) is refused
    assert grade.status is (Status.WARNING if refused else Status.SUCCESS)
    if refused:
        fix = next(finding.publish for finding in grade.findings if finding.code == "dmarc-rua-unauthorised")
        assert fix is not None
        assert (fix.name, fix.value) == ("example.com._report._dmarc.example.net", "v=DMARC1")


@pytest.mark.parametrize("fault", [Fault.SERVFAIL, Fault.SILENCE])
@pytest.mark.parametrize("name", ["_dmarc.a.mail.example.com", "_dmarc.example.com"])
def test_no_answer_on_the_way_is_no_missing_record(serve: Serve, fault: Fault, name: str) -> None:
    grade = look(serve(zone(example__com=REJECT), faults={name: fault}), patience=0.3)
    assert grade.status is Status.UNKNOWN


def test_a_silent_report_host_is_not_told_to_refuse(serve: Serve) -> None:
    records = zone(example__com="v=DMARC1; p=reject; rua=mailto:a@example.net")
    grade = asked(
        serve(records), lambda resolver: grade_dmarc("example.com", Silenced(resolver, "example.net"))
    )
    assert grade.status is Status.SUCCESS


@pytest.mark.parametrize(
    ("domain", "organization"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("example.com", "example.com"),
        ("co.uk", "co.uk"),
        ("someone.github.io", "someone.github.io"),
        ("x.y.unknown-tld", "y.unknown-tld"),
    ],
)
def test_the_list_knows_where_organizations_end(domain: str, organization: str) -> None:
    assert list_domain(domain) == organization
