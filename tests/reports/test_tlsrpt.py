"""TLS reports (RFC 8460) as they come: plain, packed, with fields left out or of another type."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.reports.samples import as_json, gz, mail, one_tls, read, tls, tls_policy, zipped
from webapp.reports.refusal import Broken, NoReport, Refusal, TooMuch


def policy(**changes: Any) -> dict[str, Any]:
    return tls_policy(policy=tls_policy()["policy"] | changes)


def without(key: str) -> dict[str, Any]:
    inner = tls_policy()["policy"]
    return tls_policy(policy={name: value for name, value in inner.items() if name != key})


def test_an_ordinary_report() -> None:
    report = one_tls(tls())
    assert (report.organisation, report.domain, report.contact) == (
        "Receiver Inc.",
        "example.com",
        "tls@receiver.example",
    )
    assert (report.begin, report.end) == (
        datetime(2025, 11, 25, tzinfo=UTC),
        datetime(2025, 11, 25, 23, 59, 59, tzinfo=UTC),
    )
    assert (report.successful, report.failed, report.slips) == (8, 3, ())
    [found] = report.policies
    assert (found.kind, found.mode, found.mx_hosts) == ("sts", "enforce", ("mx.example.com",))
    assert (found.failures[0].result, found.failures[0].sessions) == ("certificate-expired", 3)
    assert (found.failures[0].receiving_host, found.failures[0].sending_ip) == ("mx.example.com", "192.0.2.9")


@pytest.mark.parametrize(
    "pack",
    [
        lambda data: data,
        gz,
        lambda data: gz(gz(data)),
        lambda data: zipped(("r.json", data)),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().encode("utf-16"),
        lambda data: data.decode().encode("utf-16-le"),
        lambda data: mail(gz(data), "r.json.gz", "tlsrpt+gzip").as_bytes(),
        lambda data: mail(data, "r.json", "tlsrpt+json").as_bytes(),
        lambda data: b"\n\n" + data + b"\n\0\0",
    ],
)
def test_packings(pack) -> None:  # type: ignore[no-untyped-def]
    assert one_tls(pack(as_json(tls()))).failed == 3


def test_sums_of_several_policies_are_exact() -> None:
    many = [
        tls_policy(summary={"total-successful-session-count": n, "total-failure-session-count": n * n})
        for n in range(40)
    ]
    report = one_tls(tls(policies=many))
    assert (report.successful, report.failed) == (sum(range(40)), sum(n * n for n in range(40)))


@pytest.mark.parametrize(
    "changes",
    [
        {"contact-info": None},
        {"contact-info": ""},
        {"contact-info": ["a", "b"]},
        {"unknown": {"a": 1}},
        {"policies": [tls_policy(**{"failure-details": None})]},
        {"policies": [tls_policy(**{"failure-details": []})]},
        {"policies": [policy(**{"policy-string": []})]},
        {"policies": [policy(**{"policy-string": None})]},
        {"policies": [policy(**{"policy-string": ["", " "]})]},
        {"policies": [without("policy-string")]},
        {"policies": [policy(**{"mx-host": "mx.example.com"})]},
        {"policies": [policy(**{"mx-host": []})]},
        {"policies": [without("mx-host")]},
        {"policies": [policy(**{"policy-type": "something-new"})]},
        {"policies": [without("policy-type")]},
        {"policies": tls_policy()},
        {
            "policies": [
                tls_policy(
                    summary={"total-successful-session-count": "8", "total-failure-session-count": "3"}
                )
            ]
        },
        {
            "policies": [
                tls_policy(
                    summary={"total-successful-session-count": 8.0, "total-failure-session-count": 3.0}
                )
            ]
        },
        {"policies": [tls_policy(summary={"total-successful-session-count": 8})]},
        {
            "policies": [
                tls_policy(summary={"total_successful_session_count": 8, "total_failure_session_count": 3})
            ]
        },
        {
            "date-range": {
                "start-datetime": "2025-11-25T00:00:00+00:00",
                "end-datetime": "2025-11-25T23:59:59.999Z",
            }
        },
        {"date-range": {"start-datetime": "2025-11-25T00:00:00"}},
        {"date-range": {"start-datetime": 1764028800, "end-datetime": "1764115199"}},
    ],
)
def test_what_senders_leave_out_or_write_otherwise(changes: dict[str, Any]) -> None:
    report = one_tls(tls(**changes))
    assert (report.successful, report.failed, report.domain) == (8, 3, "example.com")
    assert report.begin == datetime(2025, 11, 25, tzinfo=UTC)


def test_a_missing_policy_domain_is_told_by_what_surrounds_it() -> None:
    bare = {"policies": [without("policy-domain")]}
    assert one_tls(tls(**bare)).domain == "example.com"  # the id ends with it
    bare |= {"report-id": "77-x"}
    assert one_tls(tls(**bare), "mx.example!example.net!1764028800!1764115199.json").domain == "example.net"
    message = mail(as_json(tls(**bare)), "x.json", "tlsrpt+json")
    message["TLS-Report-Domain"] = "Example.ORG"
    assert one_tls(message.as_bytes()).domain == "example.org"
    two = [without("policy-domain"), tls_policy()]
    assert one_tls(tls(policies=two, **{"report-id": "x"})).domain == "example.com"
    with pytest.raises(Broken, match="which domain"):
        one_tls(tls(**bare))


def test_a_tlsa_policy_has_no_mode() -> None:
    strings = ["3 1 1 " + "a" * 64, "mode: enforce"]
    report = one_tls(
        tls(
            policies=[
                policy(**{"policy-type": "tlsa", "policy-string": strings}),
                policy(**{"policy-type": "no-policy-found"}),
            ]
        )
    )
    assert [(found.kind, found.mode) for found in report.policies] == [("tlsa", ""), ("no-policy-found", "")]


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"policies": []}, NoReport),
        ({"report-id": "x"}, NoReport),
        ([], NoReport),
        ([1], NoReport),
        ({"a": {"policies": []}}, NoReport),
        (tls(policies="none"), Broken),
        (tls(policies=[1]), Broken),
        (tls(**{"date-range": None}), Broken),
        (tls(**{"date-range": {"start-datetime": "soon"}}), Broken),
        (tls(**{"date-range": {"start-datetime": "9" * 50}}), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": -1})]), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": "many"})]), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": 1.5})]), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": 1e300})]), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": True})]), Broken),
        (tls(policies=[tls_policy(summary={"total-failure-session-count": {}})]), Broken),
        (tls(policies=[tls_policy()] * 1001), TooMuch),
        (tls(policies=[policy(**{"mx-host": ["a"] * 1001})]), TooMuch),
        (tls(policies=[tls_policy(**{"failure-details": [{}] * 1001})]), TooMuch),
        (tls(x="a" * 3_000_000), TooMuch),
    ],
)
def test_what_is_not_certain_is_refused(data: Any, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        one_tls(data)


@pytest.mark.parametrize(
    "data",
    [
        b"{" * 100_000,
        b"[" * 100_000,
        b'{"policies": [',
        b"{'policies': []}",
        b'{"a": ' + b"9" * 5000 + b"}",
        as_json(tls())[:-40],
        b'{"policies":NaN}',
    ],
)
def test_json_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        read(data)


def test_no_zero_byte_and_no_half_character_comes_through() -> None:
    data = as_json(tls()).replace(b"Receiver Inc.", rb"A\u0000B\ud800C\u202eD")
    name = one_tls(data).organisation
    assert name == "ABCD"
    name.encode()


def test_a_report_without_an_id_is_known_by_its_content() -> None:
    data = tls(**{"report-id": None})
    assert one_tls(data).report_id == one_tls(data).report_id
    assert one_tls(data).report_id.startswith("content-")
