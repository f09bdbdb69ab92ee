"""Which addresses send for us: mailcow's own, its transports and relayhosts, and what the administrator
names."""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.sources import Origin, Source

INNER = tuple(  # never seen by another server: RFC 6890
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "224.0.0.0/3",
        "::/16",
        "fc00::/7",
        "fe80::/10",
        "ff00::/8",
    )
)
MAX_HOSTS = 50  # hosts of one next hop or one list that are looked at


@dataclass(frozen=True, kw_only=True)
class NextHop:
    """A host that mail is handed to. `direct` as in `[host]`: its own addresses, not those of its MX."""

    host: str
    direct: bool


def parsed_hops(text: str) -> list[NextHop]:
    """The hosts of a Postfix next hop: `[smtp.example.com]:587`, `example.com:25`, `smtp:[192.0.2.1]`, or a
    list."""
    hops = []
    for part in text.replace(",", " ").split()[:MAX_HOSTS]:
        bracket = part.find("[")
        if bracket >= 0:
            host, direct = part[bracket + 1 :].partition("]")[0].removeprefix("ipv6:"), True
        else:
            host, direct = _without_port(part), False
        if host:
            hops.append(NextHop(host=host.lower(), direct=direct))
    return hops


def _without_port(part: str) -> str:
    """`example.com` of `example.com:587` and of `smtp:example.com`; an IPv6 address stays whole."""
    if part.count(":") > 1:
        return part
    before, _, after = part.partition(":")
    return after if after and not after.isdigit() else before


def is_visible(address: str) -> bool:
    """True for an address that other servers can see; those reserved for documentation pass for such."""
    parsed = ipaddress.ip_address(address)
    return not any(parsed in network for network in INNER)


async def reached(text: str, origin: Origin, resolver: Resolver) -> list[Source]:
    """Every public address behind a next hop, each with the text that led to it."""
    hosts = await asyncio.gather(*(_addresses(hop, resolver) for hop in parsed_hops(text)))
    addresses = dict.fromkeys(address for found in hosts for address in found if is_visible(address))
    return [Source(address=address, origin=origin, name=text) for address in addresses]


async def _addresses(hop: NextHop, resolver: Resolver) -> list[str]:
    try:
        return [str(ipaddress.ip_address(hop.host))]
    except ValueError:
        hosts = [hop.host] if hop.direct else await exchangers(hop.host, resolver) or [hop.host]
    found = await asyncio.gather(*(resolver.addresses(host) for host in hosts))
    return [address for addresses in found for address in addresses]


async def exchangers(domain: str, resolver: Resolver) -> list[str]:
    """The MX hosts of a domain by preference, none where it has none or DNS did not answer."""
    answer = await resolver.lookup(domain, "MX")
    ordered = sorted((record.preference, record.exchange) for record in answer.records)  # type: ignore[attr-defined]
    names = [exchange.to_text(omit_final_dot=True).lower() for _, exchange in ordered[:MAX_HOSTS]]
    return [name for name in names if name]


@dataclass(frozen=True, kw_only=True)
class Server:
    """The mail server as the Internet sees it: its addresses, and its name ('' where unknown)."""

    host: str
    sources: tuple[Source, ...]


async def find_server(told: Iterable[str], domains: Sequence[str], host: str, resolver: Resolver) -> Server:
    """The mail server's public addresses: those that mailcow told, and those of the MX host that is the
    server.

    That host is the one with the name or with an address of the server; where none of these is public, the
    host
    that most of the domains name.
    """
    own = [address for address in dict.fromkeys(told) if is_visible(address)]
    named = Counter(name for names in await _all_exchangers(domains, resolver) for name in names[:1])
    hosts = [name for name, _ in named.most_common(MAX_HOSTS)]
    if host and not _is_address(host) and host not in hosts:
        hosts.append(host)
    reached_at = await _public_addresses(hosts, resolver)
    known = {*own, *reached_at.get(host, ())}
    ours = [name for name in hosts if name == host or known & set(reached_at[name])]
    if not known and hosts:
        ours = hosts[:1]
    more = dict.fromkeys(address for name in ours for address in reached_at[name])
    found = [Source(address=address, origin=Origin.SERVER) for address in own]
    found += [Source(address=address, origin=Origin.MX) for address in more if address not in own]
    return Server(host=ours[0] if ours else "", sources=tuple(found))


async def _public_addresses(hosts: Sequence[str], resolver: Resolver) -> dict[str, list[str]]:
    found = await asyncio.gather(*(resolver.addresses(host) for host in hosts))
    return {
        host: [address for address in addresses if is_visible(address)]
        for host, addresses in zip(hosts, found, strict=True)
    }


async def _all_exchangers(domains: Sequence[str], resolver: Resolver) -> list[list[str]]:
    return list(await asyncio.gather(*(exchangers(domain, resolver) for domain in domains)))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
