"""The grade of an SPF record: the documented examples field by field, and what is told beside them."""

from typing import Any

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.findings import Severity
from webapp.dnscheck.sources import Origin, Source
from webapp.dnscheck.spf.grade import SpfGrade, grade_spf

SERVER = Source(address="1.2.3.4", origin=Origin.SERVER)
OTHER = Source(address="5.6.7.8", origin=Origin.SERVER)


def grade(
    server: NameServer, *sources: Source, domain: str = "example.com", patience: float = 5.0
) -> SpfGrade:
    return asked(server, lambda resolver: grade_spf(domain, sources, resolver), lifetime=patience)


def txt(*texts: str) -> dict[str, list[str]]:
    return {"TXT": list(texts)}


EXAMPLES: list[tuple[dict[str, Any], Source, dict[str, Any]]] = [
    (
        {
            "example.com": txt("v=spf1 include:_spf.exmail.email -all"),
            "_spf.exmail.email": txt(
                "v=spf1 " + " ".join(f"a:m{n}.exmail.email" for n in range(10)) + " ~all"
            ),
        },
        SERVER,
        {
            "status": "error",
            "message": "SPF has too many DNS lookups (11). Maximum is 10",
            "record": "v=spf1 include:_spf.exmail.email -all",
            "has_strict_all": True,
            "includes_mx": False,
            "includes": ("_spf.exmail.email",),
            "warnings": (
                "SPF record exceeds the 10 DNS lookup limit with 11 lookups",
                "This will cause SPF validation to fail",
            ),
            "dns_lookups": 11,
        },
    ),
    (
        # the document's record names the very address it calls unauthorised: here the server's is another
        {"example.com": txt("v=spf1 ip4:1.2.3.4 -all")},
        OTHER,
        {
            "status": "error",
            "message": "Server IP 5.6.7.8 is NOT authorized in SPF record",
            "record": "v=spf1 ip4:1.2.3.4 -all",
            "has_strict_all": True,
            "includes_mx": False,
            "includes": (),
            "warnings": ("Mail server IP not found in SPF record",),
            "dns_lookups": 0,
        },
    ),
    (
        {"example.com": txt("v=spf1 mx -all", "v=spf1 ip4:1.2.3.4 -all")},
        SERVER,
        {
            "status": "error",
            "message": "Multiple SPF records found (2). Only one is allowed",
            "record": "v=spf1 mx -all; v=spf1 ip4:1.2.3.4 -all",
            "has_strict_all": False,
            "includes_mx": False,
            "includes": (),
            "warnings": ("Multiple SPF records invalidate ALL records",),
        },
    ),
    (
        {
            "example.com": txt("v=spf1 include:_spf.google.com -all"),
            "_spf.google.com": txt("v=spf1 ip4:1.2.3.4 include:_a.google.com include:_b.google.com ~all"),
            "_a.google.com": txt("v=spf1 ip4:198.51.100.0/24 ~all"),
            "_b.google.com": txt("v=spf1 ip4:203.0.113.0/24 ~all"),
        },
        SERVER,
        {
            "status": "success",
            "message": "SPF configured correctly with strict -all policy. Server IP authorized via "
            "include:_spf.google.com (ip4:1.2.3.4)",
            "record": "v=spf1 include:_spf.google.com -all",
            "has_strict_all": True,
            "includes_mx": False,
            "includes": ("_spf.google.com",),
            "warnings": (),
            "dns_lookups": 3,
        },
    ),
    (
        {
            "example.com": txt("v=spf1 mx ip4:1.2.3.4 include:_spf.google.com -all")
            | {"MX": ["10 mx.example.com"]},
            "mx.example.com": {"A": ["192.0.2.1"]},
            "_spf.google.com": txt("v=spf1 include:_a.google.com ~all"),
            "_a.google.com": txt("v=spf1 ip4:198.51.100.0/24 ~all"),
        },
        SERVER,
        {
            "status": "success",
            "message": "SPF configured correctly with strict -all policy. Server IP authorized via "
            "ip4:1.2.3.4",
            "record": "v=spf1 mx ip4:1.2.3.4 include:_spf.google.com -all",
            "has_strict_all": True,
            "includes_mx": True,
            "includes": ("_spf.google.com",),
            "warnings": (),
            "dns_lookups": 3,
        },
    ),
]


@pytest.mark.parametrize(("zone", "source", "documented"), EXAMPLES)
def test_a_documented_example_is_given_field_by_field(
    serve: Serve, zone: dict[str, Any], source: Source, documented: dict[str, Any]
) -> None:
    answer = grade(serve(zone), source).answer()
    assert {key: answer[key] for key in documented} == documented


@pytest.mark.parametrize(
    ("record", "status", "message", "publish"),
    [
        ("v=spf1 ip4:1.2.3.4 ~all", "success", "SPF configured with soft fail ~all policy", None),
        ("v=spf1 ip4:1.2.3.4 ?all", "warning", "minimal protection", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1 ip4:1.2.3.4 +all", "error", "no protection", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1 all", "error", "no protection", "v=spf1 -all"),
        ("v=spf1 ip4:1.2.3.4", "error", "no all mechanism", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1 a -all", "error", "NOT authorized", "v=spf1 a ip4:1.2.3.4 -all"),
        ("v=spf1-all", "error", "Invalid SPF syntax", "v=spf1 ip4:1.2.3.4 -all"),
        (" v=spf1 ip4:1.2.3.4 -all", "error", "Invalid SPF syntax", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1;ip4:1.2.3.4 -all", "error", "Invalid SPF syntax", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1 ipv4:1.2.3.4 -all", "error", "ipv4:1.2.3.4 is no SPF mechanism", "v=spf1 ip4:1.2.3.4 -all"),
        ("v=spf1 ip4:1.2.3 -all", "error", "no ip4 address", "v=spf1 ip4:1.2.3.4 -all"),
        ("V=SPF1 IP4:1.2.3.4 -ALL", "success", "strict -all policy", None),
    ],
)
def test_a_policy_has_its_documented_status(
    serve: Serve, record: str, status: str, message: str, publish: str | None
) -> None:
    found = grade(serve({"example.com": txt(record)}), SERVER)
    assert (found.status, message in found.message) == (status, True), found.message
    grave = [one for one in found.findings if one.severity in (Severity.ERROR, Severity.WARNING)]
    assert bool(grave) == (status != "success")
    assert (grave[0].publish.value if grave and grave[0].publish else None) == publish


def test_without_a_record_one_is_proposed(serve: Serve) -> None:
    found = grade(serve({"example.com": txt("something else")}), SERVER)
    assert (found.status, found.message, found.record) == ("error", "No SPF record found", None)
    assert found.findings[0].publish.value == "v=spf1 mx ip4:1.2.3.4 -all"  # type: ignore[union-attr]
    assert "does not exist" in grade(serve({}), SERVER).message


@pytest.mark.parametrize("fault", [Fault.SILENCE, Fault.SERVFAIL])
@pytest.mark.parametrize("broken", ["example.com", "other.example"])
def test_no_answer_is_unknown_and_never_not_found(serve: Serve, fault: Fault, broken: str) -> None:
    zone = {"example.com": txt("v=spf1 include:other.example ip4:1.2.3.4 -all")}
    found = grade(serve(zone, faults={broken: fault}), SERVER, patience=0.3)
    assert found.status == "unknown"
    assert "no answer" in found.message


def test_an_include_of_nothing_is_told_with_the_record_without_it(serve: Serve) -> None:
    found = grade(serve({"example.com": txt("v=spf1 ip4:1.2.3.4 include:gone.example -all")}), SERVER)
    assert (found.status, found.findings[0].code) == ("error", "spf-include")
    assert found.findings[0].publish.value == "v=spf1 ip4:1.2.3.4 -all"  # type: ignore[union-attr]


def test_a_loop_is_named(serve: Serve) -> None:
    zone = {
        "example.com": txt("v=spf1 include:b.example -all"),
        "b.example": txt("v=spf1 include:example.com -all"),
    }
    found = grade(serve(zone), SERVER)
    assert found.message == "SPF includes itself: example.com -> b.example -> example.com"


def test_a_policy_may_stand_behind_a_redirect(serve: Serve) -> None:
    zone = {"example.com": txt("v=spf1 redirect=b.example"), "b.example": txt("v=spf1 ip4:1.2.3.4 -all")}
    found = grade(serve(zone), SERVER)
    assert (found.status, found.has_strict_all, found.policy, found.dns_lookups) == (
        "success",
        True,
        "-all",
        1,
    )


def test_every_sender_has_its_own_verdict_and_a_relay_only_warns(serve: Serve) -> None:
    relay = Source(address="5.6.7.8", origin=Origin.RELAYHOST, name="[smtp.example.net]:587")
    manual = Source(address="2001:db8::1", origin=Origin.MANUAL, name="2001:db8::1")
    found = grade(
        serve({"example.com": txt("v=spf1 ip4:1.2.3.4 ip6:2001:db8::/32 -all")}), SERVER, relay, manual
    )
    assert [(one.address, one.result) for one in found.sources] == [
        ("1.2.3.4", "pass"),
        ("5.6.7.8", "fail"),
        ("2001:db8::1", "pass"),
    ]
    assert (found.status, "authorized via ip4:1.2.3.4" in found.message) == ("warning", True)
    assert found.warnings == ("relayhost [smtp.example.net]:587 (5.6.7.8) is not authorized in SPF record",)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("v=spf1 ip4:1.2.3.4 ptr -all", "spf-ptr"),
        ("v=spf1 ip4:1.2.3.4 -all mx", "spf-behind-all"),
        ("v=spf1 ip4:1.2.3.4 ip4:10.0.0.0/7 -all", "spf-wide"),
        ("v=spf1 ip4:1.2.3.4 moo=cow -all", "spf-modifier"),
        ("v=spf1 ip4:1.2.3.4 " + "a " * 9 + "-all", "spf-lookups-near"),
        ("v=spf1 " + " ".join(f"ip4:1.2.3.{n}" for n in range(40)) + " -all", "spf-long"),
    ],
)
def test_what_could_be_better_leaves_a_success_a_success(serve: Serve, record: str, code: str) -> None:
    found = grade(serve({"example.com": txt(record) | {"A": ["192.0.2.1"]}}), SERVER)
    assert found.status == "success"
    assert [one.code for one in found.findings] == [code]


def test_it_is_told_that_no_address_of_ours_is_known(serve: Serve) -> None:
    found = grade(serve({"example.com": txt("v=spf1 ip4:1.2.3.4 -all")}))
    assert (found.status, found.message) == ("success", "SPF configured correctly with strict -all policy")
    assert "No address of the mail server is known" in found.info[0]
