"""The limits of an SPF evaluation, and what counts against them."""

from collections.abc import Awaitable

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.spf import Verdict, check_host

A = {"A": ["192.0.2.1"]}


def spf(*terms: str) -> dict[str, list[str]]:
    return {"TXT": [" ".join(("v=spf1", *terms))]}


def check(
    server: NameServer, ip: str = "192.0.2.1", sender: str = "a@example.com", patience: float = 5.0
) -> Verdict:
    def look(resolver: Resolver) -> Awaitable[Verdict]:
        return check_host(ip, sender, "mail.example.com", resolver)

    return asked(server, look, lifetime=patience)


@pytest.mark.parametrize(("gone", "result"), [(1, "pass"), (2, "pass"), (3, "permerror")])
def test_two_look_ups_may_find_nothing_and_the_third_is_an_error(
    serve: Serve, gone: int, result: str
) -> None:
    terms = [f"a:gone{number}.example.com" for number in range(gone)]
    found = check(serve({"example.com": spf(*terms, "ip4:192.0.2.1", "-all")}))
    assert (found.result, found.void_lookups, found.dns_lookups) == (result, gone, gone)


def test_an_exchanger_without_addresses_is_one_void_look_up(serve: Serve) -> None:
    hosts = [f"{number} gone{number}.example.com" for number in range(5)]
    found = check(serve({"example.com": {**spf("mx", "ip4:192.0.2.1", "-all"), "MX": hosts}}))
    assert (found.result, found.void_lookups, found.dns_lookups) == ("pass", 1, 1)


@pytest.mark.parametrize(("terms", "result"), [(10, "pass"), (11, "permerror")])
def test_the_eleventh_look_up_is_an_error(serve: Serve, terms: int, result: str) -> None:
    zone = {"example.com": spf(*["a:other.example.com"] * terms, "+all")}
    found = check(serve({**zone, "other.example.com": {"A": ["198.51.100.1"]}}))
    assert (found.result, found.dns_lookups) == (result, 10)


def test_the_same_include_by_two_ways_is_no_loop(serve: Serve) -> None:
    zone = {
        "example.com": spf("include:left.example.com", "include:right.example.com", "-all"),
        "left.example.com": spf("include:common.example.com"),
        "right.example.com": spf("include:common.example.com", "ip4:192.0.2.1"),
        "common.example.com": spf("ip4:198.51.100.0/24"),
    }
    found = check(serve(zone))
    assert (found.result, found.dns_lookups) == ("pass", 4)
    assert found.via == "include:right.example.com (ip4:192.0.2.1)"


@pytest.mark.parametrize(
    ("target", "result"),
    [
        (spf("-all"), "softfail"),
        (spf("?all"), "softfail"),
        (spf("+all"), "pass"),
        ({"TXT": ["no policy"]}, "permerror"),
        ({"TXT": [" v=spf1 +all"]}, "permerror"),
        ({"TXT": ["v=spf1 -all", "v=spf1 +all"]}, "permerror"),
        (spf("typo"), "permerror"),
    ],
)
def test_an_include_matches_by_a_pass_only(serve: Serve, target: dict[str, list[str]], result: str) -> None:
    zone = {"example.com": spf("include:other.example.com", "~all"), "other.example.com": target}
    assert check(serve(zone)).result == result


def test_an_include_of_nothing_is_an_error_and_a_silent_one_is_temporary(serve: Serve) -> None:
    zone = {"example.com": spf("include:other.example.org", "~all")}
    assert check(serve(zone)).result == "permerror"
    assert check(serve(zone, faults={"example.org": Fault.SILENCE}), patience=0.3).result == "temperror"
    assert check(serve(zone, faults={"example.org": Fault.SERVFAIL})).result == "temperror"


def test_an_include_that_finds_nothing_is_a_void_look_up(serve: Serve) -> None:
    zone = {"example.com": spf("include:gone.example.com"), "empty.example.com": {"TXT": ["no policy"]}}
    found = check(serve(zone))
    assert (found.result, found.void_lookups, found.dns_lookups) == ("permerror", 1, 1)
    found = check(serve({**zone, "example.com": spf("include:empty.example.com")}))
    assert (found.result, found.void_lookups, found.dns_lookups) == ("permerror", 0, 1)
    found = check(serve({}))
    assert (found.result, found.void_lookups, found.dns_lookups) == ("none", 0, 0)


def test_a_loop_ends_at_the_limit(serve: Serve) -> None:
    zone = {"example.com": spf("include:other.example.com"), "other.example.com": spf("include:example.com")}
    found = check(serve(zone))
    assert (found.result, found.dns_lookups) == ("permerror", 10)


@pytest.mark.parametrize(
    ("ip", "term", "result"),
    [
        ("192.0.2.77", "a/24", "pass"),
        ("192.0.2.77", "a", "fail"),
        ("192.0.2.77", "a//64", "fail"),
        ("2001:db8::77", "a//64", "pass"),
        ("2001:db8::77", "a/24", "fail"),
        ("2001:db8::77", "mx/24//64", "pass"),
        ("192.0.2.77", "ip4:192.0.2.64/26", "pass"),
        ("192.0.2.1", "ip4:192.0.2.64/26", "fail"),
        ("::ffff:192.0.2.77", "ip4:192.0.2.64/26", "pass"),
        ("2001:db8::77", "ip6:2001:db8::/32", "pass"),
        ("192.0.2.1", "exists:%{ir}.list.%{d}", "pass"),
        ("192.0.2.2", "exists:%{ir}.list.%{d}", "fail"),
    ],
)
def test_a_network_reaches_as_far_as_its_prefix(serve: Serve, ip: str, term: str, result: str) -> None:
    addresses = {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]}
    zone = {
        "example.com": {**spf(term, "-all"), **addresses, "MX": ["10 example.com"]},
        "1.2.0.192.list.example.com": {"A": ["127.0.0.2"]},
    }
    assert check(serve(zone), ip).result == result


def test_a_redirect_counts_and_its_target_decides(serve: Serve) -> None:
    zone = {"example.com": spf("redirect=_spf.example.com"), "_spf.example.com": spf("ip4:192.0.2.1", "~all")}
    found = check(serve(zone))
    assert (found.result, found.dns_lookups, found.via) == (
        "pass",
        1,
        "redirect=_spf.example.com (ip4:192.0.2.1)",
    )
    assert check(serve(zone), "198.51.100.9").result == "softfail"
    assert check(serve({"example.com": spf("redirect=_spf.example.com")})).result == "permerror"


def test_an_international_domain_is_asked_by_its_ascii_form(serve: Serve) -> None:
    zone = {"xn--bcher-kva.example": spf("ip4:192.0.2.1", "-all")}
    assert check(serve(zone), sender="leser@bücher.example").result == "pass"


def test_no_sender_means_the_greeting(serve: Serve) -> None:
    assert check(serve({"mail.example.com": spf("a", "-all") | A}), sender="").result == "pass"


def test_what_is_no_address_is_the_callers_mistake(serve: Serve) -> None:
    with pytest.raises(ValueError, match="IPv4"):
        check(serve({}), ip="mail.example.com")
