"""Which address a request comes from, and which network an address counts as. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Trust = int | tuple[str, ...]  # so many proxies at a private peer, or these addresses and networks
LONGEST = 60  # characters of an address with brackets, zone and port


@dataclass(frozen=True)
class Origin:
    """Where a request comes from: its address, and how many proxies of ours handed it on."""

    address: str
    hops: int


def address_of(text: str) -> Address | None:
    """The address in `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, without its zone; an
    IPv4 address in IPv6 clothes is the IPv4 address. None for anything else."""
    bare = text.strip().strip('"')[:LONGEST]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def origin_of(peer: str, forwarded: Sequence[str], trust: Trust) -> Origin:
    """The origin of a request that `peer` sent with these entries of X-Forwarded-For, the nearest last.

    Only what a trusted proxy has written counts: from the right, as long as the writer is one. An entry that
    is no address ends the walk.
    """
    if isinstance(trust, int):
        return _by_number(peer, forwarded, trust)
    networks = [ip_network(one, strict=False) for one in trust]
    client, hops = peer, 0
    for entry in reversed(forwarded):
        found = address_of(entry)
        if found is None or not _is_within(client, networks):
            break
        client, hops = str(found), hops + 1
    if not hops and _is_within(peer, networks):
        hops = 1  # it may still say by which scheme it was asked
    return Origin(client, hops)


def _by_number(peer: str, forwarded: Sequence[str], proxies: int) -> Origin:
    if not proxies or not _may_be_proxy(peer):
        return Origin(peer, 0)
    found = address_of(forwarded[-proxies]) if len(forwarded) >= proxies else None
    return Origin(str(found) if found else peer, proxies)


def _is_within(text: str, networks: Sequence[Network]) -> bool:
    """True for an address in one of them, and for a unix socket: only this machine's own can reach it."""
    if not text:
        return True
    found = address_of(text)
    return found is not None and any(found in one for one in networks if one.version == found.version)


def _may_be_proxy(peer: str) -> bool:
    if not peer:
        return True
    found = address_of(peer)
    return found is not None and (found.is_private or found.is_loopback or found.is_link_local)


def network_of(address: str, bits: int = 64) -> str:
    """What an address counts as: an IPv4 address as itself, an IPv6 address as its network of so many bits,
    since one customer has them all; anything else as `unknown`."""
    found = address_of(address)
    if found is None:
        return "unknown"
    return str(found) if found.version == 4 else str(ip_network(f"{found}/{bits}", strict=False))
