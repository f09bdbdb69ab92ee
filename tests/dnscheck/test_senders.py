"""Which addresses send for us."""

import pytest

from tests.dnscheck.conftest import Serve, asked
from webapp.dnscheck.senders import NextHop, find_server, parsed_hops, reached
from webapp.dnscheck.sources import Origin

ZONE = {
    "one.example": {"MX": ["10 mail.one.example"]},
    "two.example": {"MX": ["10 mail.one.example", "20 backup.example"]},
    "three.example": {"MX": ["10 filter.example"]},
    "mail.one.example": {"A": ["8.8.4.1"], "AAAA": ["2600::1"]},
    "filter.example": {"A": ["8.8.4.9"]},
    "pool.example": {"A": ["8.8.8.1", "8.8.8.2", "10.0.0.1"], "MX": ["10 in.pool.example"]},
    "in.pool.example": {"A": ["8.8.8.3"]},
}
OURS = "mail.one.example"
DOMAINS = ("one.example", "two.example", "three.example")


@pytest.mark.parametrize(
    ("text", "hops"),
    [
        ("[smtp.example.com]:587", [("smtp.example.com", True)]),
        ("[192.0.2.1]", [("192.0.2.1", True)]),
        ("[ipv6:2001:db8::1]:25", [("2001:db8::1", True)]),
        ("smtp:[smtp.example.com]:25", [("smtp.example.com", True)]),
        ("Example.com", [("example.com", False)]),
        ("example.com:2525", [("example.com", False)]),
        ("smtp:example.com", [("example.com", False)]),
        ("[a.example]:587, [b.example]:587", [("a.example", True), ("b.example", True)]),
        ("", []),
        ("[]:25", []),
    ],
)
def test_a_next_hop_is_read_as_postfix_reads_it(text: str, hops: list[tuple[str, bool]]) -> None:
    assert parsed_hops(text) == [NextHop(host=host, direct=direct) for host, direct in hops]


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("[pool.example]:587", {"8.8.8.1", "8.8.8.2"}),
        ("pool.example:587", {"8.8.8.3"}),
        ("[8.8.8.7]:25", {"8.8.8.7"}),
        ("[192.168.1.1]:25", set()),
        ("[gone.example]", set()),
    ],
)
def test_every_public_address_of_a_pool_sends(serve: Serve, text: str, addresses: set[str]) -> None:
    found = asked(serve(ZONE), lambda resolver: reached(text, Origin.RELAYHOST, resolver))
    assert {source.address for source in found} == addresses
    assert all(source.name == text for source in found)


@pytest.mark.parametrize(
    ("told", "host", "name", "addresses"),
    [
        (["8.8.4.1"], "", OURS, [("8.8.4.1", "server"), ("2600::1", "mx")]),
        ([], "mail.one.example", OURS, [("8.8.4.1", "mx"), ("2600::1", "mx")]),
        ([], "", OURS, [("8.8.4.1", "mx"), ("2600::1", "mx")]),
        (["9.9.9.9"], "10.0.0.5", "", [("9.9.9.9", "server")]),
        (["172.22.1.1"], "192.168.1.1", OURS, [("8.8.4.1", "mx"), ("2600::1", "mx")]),
    ],
)
def test_the_server_is_known_from_mailcow_and_from_the_exchanger(
    serve: Serve, told: list[str], host: str, name: str, addresses: list[tuple[str, str]]
) -> None:
    found = asked(serve(ZONE), lambda resolver: find_server(told, DOMAINS, host, resolver))
    assert [(source.address, source.origin) for source in found.sources] == addresses
    assert found.host == name
