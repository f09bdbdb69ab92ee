"""MX, addresses, TLS-RPT, DNSSEC, BIMI and CAA: each finding can come and stay away."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, Silenced, asked
from webapp.demo.nameserver import Fault
from webapp.dnscheck.bimi import grade_bimi
from webapp.dnscheck.caa import grade_caa
from webapp.dnscheck.dnssec import grade_dnssec
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.mx import grade_address, grade_mx
from webapp.dnscheck.nameservers import NameServers
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.tlsrpt import grade_tlsrpt

Grader = Callable[[str, Lookup], Awaitable[Grade]]
ZONE: dict[str, Any] = {
    "example.com": {
        "MX": ["10 mail.example.com."],
        "SOA": ["ns.example.com. admin.example.com. 1 2 3 4 5"],
        "NS": ["ns.example.com."],
    },
    "mail.example.com": {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]},
    "1.2.0.192.in-addr.arpa": {"PTR": ["mail.example.com."]},
    "1" + ".0" * 23 + ".8.b.d.0.1.0.0.2.ip6.arpa": {"PTR": ["mail.example.com."]},
}


def graded(
    serve: Serve, grader: Grader, changes: dict[str, Any] | None = None, patience: float = 5.0, **options: Any
) -> Grade:
    server = serve(ZONE | (changes or {}), **options)
    return asked(server, lambda resolver: grader("example.com", resolver), lifetime=patience)


def codes(grade: Grade) -> set[str]:
    return {finding.code.partition("-")[2] for finding in grade.findings}


def mx(*values: str) -> dict[str, Any]:
    return {"example.com": {"MX": list(values)}}


MANY = {"1.2.0.192.in-addr.arpa": {"PTR": ["a.example.net.", "mail.example.com."]}}
FOREIGN = {"1.2.0.192.in-addr.arpa": {"PTR": ["pool-1.example.net."]}}
ALIAS = mx("10 alias.example.com.") | {"alias.example.com": {"CNAME": ["mail.example.com."]}}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, Status.SUCCESS, None),
        (mx("10 mail.example.com.", "20 mail.example.com."), Status.SUCCESS, None),
        (mx("0 ."), Status.ERROR, "null"),
        (mx("10 192.0.2.1."), Status.ERROR, "literal"),
        (mx("10 nowhere.example.com."), Status.ERROR, "no-address"),
        (ALIAS, Status.WARNING, "alias"),
        ({"example.com": {"A": ["192.0.2.1"]}}, Status.WARNING, "implicit"),
        ({"example.com": {"TXT": ["x"]}}, Status.ERROR, "missing"),
        ({"1.2.0.192.in-addr.arpa": {}}, Status.WARNING, "no-ptr"),
        (FOREIGN, Status.WARNING, "ptr-unconfirmed"),
        (MANY, Status.SUCCESS, "several-ptr"),
    ],
)
def test_mx_and_its_names_are_graded(
    serve: Serve, changes: dict[str, Any], status: Status, code: str | None
) -> None:
    grade = graded(serve, grade_mx, changes)
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def test_the_reverse_name_to_publish_is_that_of_the_host(serve: Serve) -> None:
    publish = graded(serve, grade_mx, {"1.2.0.192.in-addr.arpa": {}}).findings[0].publish
    assert publish is not None
    assert (publish.name, publish.type, publish.value) == (
        "1.2.0.192.in-addr.arpa",
        "PTR",
        "mail.example.com.",
    )


def test_a_domain_that_does_not_exist_takes_no_mail(serve: Serve) -> None:
    grade = asked(serve({"example.net": {}}), lambda resolver: grade_mx("example.com", resolver))
    assert codes(grade) == {"no-domain"}


def test_a_silent_reverse_zone_is_no_missing_name(serve: Serve) -> None:
    grade = asked(
        serve(ZONE), lambda resolver: grade_mx("example.com", Silenced(resolver, "192.in-addr.arpa"))
    )
    assert (grade.status, codes(grade)) == (Status.SUCCESS, {"ptr-unknown"})


def host(**records: list[str]) -> dict[str, Any]:
    return {"mail.example.com": dict(records)}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({}, Status.SUCCESS, None),
        (host(A=["192.0.2.1"]), Status.SUCCESS, "no-ipv6"),
        (host(AAAA=["2001:db8::1"]), Status.WARNING, "no-ipv4"),
        (host(A=["10.0.0.1"], AAAA=["2001:db8::1"]), Status.ERROR, "private"),
        (host(TXT=["x"]), Status.ERROR, "missing"),
    ],
)
def test_addresses_are_graded(
    serve: Serve, changes: dict[str, Any], status: Status, code: str | None
) -> None:
    grade = graded(serve, grade_address, changes)
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def text(name: str, *values: str) -> dict[str, Any]:
    return {f"{name}.example.com": {"TXT": list(values)}}


@pytest.mark.parametrize(
    ("texts", "status", "code"),
    [
        ([], Status.SUCCESS, "missing"),
        (["v=TLSRPTv1; rua=mailto:tls@example.com"], Status.SUCCESS, None),
        (["v=TLSRPTv1;rua=https://report.example.com/v1,mailto:tls@example.com;"], Status.SUCCESS, None),
        (["v=TLSRPTv1; rua=tls@example.com"], Status.WARNING, "rua"),
        (["v=TLSRPTv1; rua=mailto:tls@example.com,ftp://x"], Status.SUCCESS, "rua"),
        (["v=TLSRPTv1"], Status.WARNING, "rua"),
        (["v=TLSRPTv2; rua=mailto:tls@example.com"], Status.WARNING, "not-a-record"),
        (["v=TLSRPTv1; rua=mailto:a@b.c", "v=TLSRPTv1; rua=mailto:d@e.f"], Status.WARNING, "several"),
    ],
)
def test_tls_reports_are_graded(serve: Serve, texts: list[str], status: Status, code: str | None) -> None:
    grade = graded(serve, grade_tlsrpt, text("_smtp._tls", *texts) if texts else {})
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


@pytest.mark.parametrize(
    ("texts", "status", "code"),
    [
        ([], Status.SUCCESS, "missing"),
        (["v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem"], Status.SUCCESS, None),
        (["v=BIMI1; l=https://example.com/logo.svg"], Status.SUCCESS, "no-evidence"),
        (["v=BIMI1; l=;"], Status.SUCCESS, None),
        (["v=BIMI1"], Status.WARNING, "no-logo"),
        (["v=BIMI1; l=http://example.com/logo.svg; a=https://x.example/v.pem"], Status.WARNING, "logo"),
        (["v=BIMI1; l=https://example.com/logo.svg; a=none"], Status.WARNING, "evidence"),
        (["v=spf1 -all"], Status.WARNING, "not-a-record"),
        (["v=BIMI1; l=", "v=BIMI1; l=; a="], Status.WARNING, "several"),
    ],
)
def test_bimi_is_graded(serve: Serve, texts: list[str], status: Status, code: str | None) -> None:
    grade = graded(serve, grade_bimi, text("default._bimi", *texts) if texts else {})
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


@pytest.mark.parametrize(
    ("values", "status", "code"),
    [
        ([], Status.SUCCESS, "missing"),
        (['0 issue "letsencrypt.org"'], Status.SUCCESS, None),
        (['0 issue "letsencrypt.org; validationmethods=dns-01"', '0 issue ";"'], Status.SUCCESS, None),
        (['0 issue "ca.example"'], Status.SUCCESS, "not-mailcows"),
        (['0 issue ";"'], Status.WARNING, "nobody"),
        (['0 issue "letsencrypt.org"', '128 strange "x"'], Status.WARNING, "critical"),
        (['0 issue "letsencrypt.org"', '0 strange "x"'], Status.SUCCESS, "unknown"),
        (['0 iodef "mailto:a@example.com"'], Status.SUCCESS, "missing"),
    ],
)
def test_caa_is_graded(serve: Serve, values: list[str], status: Status, code: str | None) -> None:
    grade = graded(serve, grade_caa, {"example.com": {"CAA": values}})
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def test_caa_of_the_name_above_holds_too(serve: Serve) -> None:
    server = serve(
        {"example.com": {"CAA": ['0 issue "letsencrypt.org"']}, "a.b.example.com": {"A": ["192.0.2.1"]}}
    )
    assert asked(server, lambda resolver: grade_caa("a.b.example.com", resolver)).findings == ()


@pytest.mark.parametrize(
    ("signed", "status", "code"),
    [
        (frozenset({"example.com"}), Status.SUCCESS, None),
        (frozenset(), Status.SUCCESS, "unsigned"),
    ],
)
def test_dnssec_is_the_resolvers_word(
    serve: Serve, signed: frozenset[str], status: Status, code: str | None
) -> None:
    grade = graded(serve, grade_dnssec, signed=signed)
    assert (grade.status, codes(grade)) == (status, {code} if code else set())


def test_over_a_way_that_is_not_trusted_dnssec_cannot_be_told(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NameServers, "trusted", False)
    grade = graded(serve, grade_dnssec, signed=frozenset({"example.com"}))
    assert (grade.status, grade.findings) == (Status.UNKNOWN, ())


@pytest.mark.parametrize(
    ("grader", "name"),
    [
        (grade_mx, "example.com"),
        (grade_address, "mail.example.com"),
        (grade_tlsrpt, "_smtp._tls.example.com"),
        (grade_bimi, "default._bimi.example.com"),
        (grade_caa, "example.com"),
        (grade_dnssec, "example.com"),
    ],
)
@pytest.mark.parametrize("fault", [Fault.SERVFAIL, Fault.SILENCE])
def test_no_answer_is_unknown_and_never_a_finding(
    serve: Serve, grader: Grader, name: str, fault: Fault
) -> None:
    grade = graded(serve, grader, patience=0.3, faults={name: fault})
    assert (grade.status, grade.findings) == (Status.UNKNOWN, ())
