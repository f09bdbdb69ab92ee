"""Every way in which a look-up can end is told apart."""

import asyncio
from pathlib import Path

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.config import server_of
from webapp.demo.nameserver import Fault, NameServer
from webapp.dnscheck.nameservers import NoServerError, is_local_resolver, of_the_system
from webapp.dnscheck.resolver import Answer, Outcome, Resolver

ZONE = {
    "example.com": {
        "TXT": ["v=spf1 -all", ("split ", "in two")],
        "A": ["192.0.2.1"],
        "AAAA": ["2001:db8::1"],
    },
    "alias.example.com": {"CNAME": ["example.com."]},
    "loop.example.com": {"CNAME": ["pool.example.com."]},
    "pool.example.com": {"CNAME": ["loop.example.com."]},
    "*.wild.example.com": {"TXT": ["anything"]},
    "deep.under.example.com": {"A": ["192.0.2.2"]},
    "big.example.com": {"TXT": [f"{number:04} " + "x" * 20 for number in range(1000)]},
    "long.example.com": {"TXT": ["y" * 64000]},
    "odd.example.com": {"TXT": [b"\xff\x00\xe4", ""]},
}


def look(server: NameServer, name: str, rdtype: str = "TXT", lifetime: float = 5.0) -> Answer:
    return asked(server, lambda resolver: resolver.lookup(name, rdtype), lifetime=lifetime)


@pytest.mark.parametrize(
    ("name", "rdtype", "outcome"),
    [
        ("example.com", "TXT", Outcome.RECORDS),
        ("EXAMPLE.com.", "TXT", Outcome.RECORDS),
        ("alias.example.com", "A", Outcome.RECORDS),
        ("any.wild.example.com", "TXT", Outcome.RECORDS),
        ("example.com", "MX", Outcome.NO_ANSWER),
        ("under.example.com", "A", Outcome.NO_ANSWER),
        ("nowhere.example.com", "TXT", Outcome.NXDOMAIN),
        ("loop.example.com", "A", Outcome.SERVFAIL),
        ("broken.example.com", "TXT", Outcome.SERVFAIL),
        ("refused.example.com", "TXT", Outcome.SERVFAIL),
        ("silent.example.com", "TXT", Outcome.TIMEOUT),
        ("garbage.example.com", "TXT", Outcome.TIMEOUT),
        ("a..example.com", "TXT", Outcome.MALFORMED),
        ("x" * 64 + ".example.com", "TXT", Outcome.MALFORMED),
        (".".join(["label"] * 60), "TXT", Outcome.MALFORMED),
    ],
)
def test_an_outcome_is_what_happened(serve: Serve, name: str, rdtype: str, outcome: Outcome) -> None:
    faults = {
        "broken.example.com": Fault.SERVFAIL,
        "refused.example.com": Fault.REFUSED,
        "silent.example.com": Fault.SILENCE,
        "garbage.example.com": Fault.GARBAGE,
    }
    patience = 0.3 if outcome is Outcome.TIMEOUT else 30
    answer = look(serve(ZONE, faults=faults), name, rdtype, lifetime=patience)
    assert answer.outcome is outcome
    assert bool(answer.records) == (outcome is Outcome.RECORDS)


def test_strings_of_one_record_are_joined(serve: Serve) -> None:
    assert set(look(serve(ZONE), "example.com").texts) == {"v=spf1 -all", "split in two"}


def test_what_does_not_fit_a_datagram_comes_by_tcp(serve: Serve) -> None:
    server = serve(ZONE)
    assert len(look(server, "big.example.com").records) == 1000
    assert look(server, "long.example.com").texts == ("y" * 64000,)


def test_bytes_beyond_ascii_and_empty_strings_are_text(serve: Serve) -> None:
    assert set(look(serve(ZONE), "odd.example.com").texts) == {"\xff\x00\xe4", ""}


def test_the_ad_bit_counts_on_a_trusted_path(serve: Serve) -> None:
    server = serve(ZONE, signed=frozenset({"example.com"}))
    assert look(server, "example.com").authenticated is True
    assert look(server, "any.wild.example.com").authenticated is False


def test_without_a_trusted_path_the_ad_bit_tells_nothing() -> None:
    assert Resolver(["192.0.2.1"]).trusted is True  # a documentation network counts as private
    assert Resolver(["9.9.9.9"]).trusted is False
    assert Resolver(["10.0.0.1", "https://dns.example/dns-query"]).trusted is True
    assert Resolver(["10.0.0.1", "8.8.8.8"]).trusted is False


@pytest.mark.parametrize(
    ("server", "trusted"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("127.0.0.11", False),
        ("127.0.0.53", False),
        ("192.168.1.1", False),
        ("9.9.9.9", False),
    ],
)
def test_of_the_systems_servers_only_a_resolver_of_this_machine_is_trusted(
    server: str, trusted: bool
) -> None:
    assert is_local_resolver(server) is trusted


def test_a_system_without_servers_is_told_in_a_sentence(tmp_path: Path) -> None:
    empty, good = tmp_path / "empty", tmp_path / "good"
    empty.write_text("search example\n", encoding="ascii")
    good.write_text("nameserver 192.0.2.53\n", encoding="ascii")
    assert [str(server) for server in of_the_system(str(good)).nameservers] == ["192.0.2.53"]
    for path in (empty, tmp_path / "absent"):
        with pytest.raises(NoServerError, match="set DNS_RESOLVERS"):
            of_the_system(str(path))


def test_a_name_asked_twice_is_asked_once(serve: Serve) -> None:
    server = serve(ZONE)

    async def both(resolver: Resolver) -> list[Answer]:
        return await asyncio.gather(
            *(resolver.lookup(name, "TXT") for name in ("example.com", "Example.COM."))
        )

    first, second = asked(server, both)
    assert first.records == second.records
    assert server.questions == [("example.com", "TXT")]


def test_a_dead_server_is_passed_over(serve: Serve) -> None:
    dead, living = serve(ZONE, faults={"com": Fault.SERVFAIL}), serve(ZONE)

    async def run() -> Answer:
        async with Resolver([dead.address, living.address]) as resolver:
            return await resolver.lookup("example.com", "A")

    assert asyncio.run(run()).outcome is Outcome.RECORDS


def test_addresses_are_those_of_both_families(serve: Serve) -> None:
    found = asked(serve(ZONE), lambda resolver: resolver.addresses("example.com"))
    assert found == ("192.0.2.1", "2001:db8::1")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("https://dns.example/dns-query", "https://dns.example/dns-query"),
    ],
)
def test_a_server_is_an_address_with_a_port_or_a_url(text: str, server: object) -> None:
    assert server_of(text) == server


@pytest.mark.parametrize(
    "text", ["dns.example", "192.0.2.1:0", "192.0.2.1:99999", "300.1.1.1:53", "http://x/", ""]
)
def test_anything_else_is_no_server(text: str) -> None:
    with pytest.raises(ValueError, match="neither an address"):
        server_of(text)
