"""Where a request comes from: forwarded addresses count as far as proxies of ours wrote them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.auth.network import Origin, address_of, network_of, origin_of

TEXT = st.text(st.sampled_from('0123456789abcdef.:[]%,/" x\0é'), max_size=30)
NAMED = ("172.18.0.0/16", "10.1.1.1", "fd00:1::/64")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:51234 ", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]"', "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_an_address_is_read_in_every_form_that_proxies_write(text, address):
    assert str(address_of(text)) == address


@pytest.mark.parametrize("text", ["", "unknown", "_hidden", "192.0.2", "1.2.3.4.5", "[", "a:b", "1" * 9999])
def test_anything_else_is_no_address(text):
    assert address_of(text) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("172.18.0.1", ["203.0.113.9"], Origin("203.0.113.9", 1)),
        ("172.18.0.1", ["198.51.100.1", "203.0.113.9"], Origin("203.0.113.9", 1)),
        ("172.18.0.1", ["203.0.113.9", "10.1.1.1"], Origin("203.0.113.9", 2)),
        ("172.18.0.1", ["203.0.113.9:4711"], Origin("203.0.113.9", 1)),
        ("172.18.0.1", ["203.0.113.9", "nonsense"], Origin("172.18.0.1", 1)),
        ("172.18.0.1", ["nonsense", "10.1.1.1"], Origin("10.1.1.1", 1)),
        ("172.18.0.1", [], Origin("172.18.0.1", 1)),
        ("fd00:1::7", ["2001:db8::1"], Origin("2001:db8::1", 1)),
        ("", ["203.0.113.9"], Origin("203.0.113.9", 1)),
        ("172.19.0.1", ["203.0.113.9"], Origin("172.19.0.1", 0)),
        ("127.0.0.1", ["203.0.113.9"], Origin("127.0.0.1", 0)),
        ("8.8.8.8", ["203.0.113.9"], Origin("8.8.8.8", 0)),
    ],
)
def test_only_named_proxies_are_believed(peer, forwarded, origin):
    assert origin_of(peer, forwarded, NAMED) == origin


@pytest.mark.parametrize(
    ("proxies", "forwarded", "origin"),
    [
        (0, ["203.0.113.9"], Origin("172.18.0.1", 0)),
        (1, ["198.51.100.1", "203.0.113.9"], Origin("203.0.113.9", 1)),
        (2, ["198.51.100.1", "203.0.113.9"], Origin("198.51.100.1", 2)),
        (2, ["203.0.113.9"], Origin("172.18.0.1", 2)),
        (1, ["nonsense"], Origin("172.18.0.1", 1)),
    ],
)
def test_a_number_counts_from_the_right(proxies, forwarded, origin):
    assert origin_of("172.18.0.1", forwarded, proxies) == origin


def test_an_ipv6_address_counts_as_its_network():
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:2ff::1", 56) == network_of("2001:db8:1:201::1", 56) == "2001:db8:1:200::/56"
    assert network_of("192.0.2.1", 56) == network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("nonsense") == network_of("") == "unknown"


@settings(max_examples=60)
@given(TEXT, st.lists(TEXT, max_size=4), st.sampled_from([0, 1, 3, NAMED]))
def test_no_text_is_too_odd(peer, forwarded, trust):
    origin = origin_of(peer, forwarded, trust)
    assert origin.address == peer or address_of(origin.address)
