"""The hosts that take a domain's mail, their addresses, and the names of those: for MX, MTA-STS and DANE."""

import asyncio
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import dns.reversename

from webapp.dnscheck.resolver import ADDRESS_TYPES, Answer, Lookup, Outcome

MOST_HOSTS = 10  # MX hosts looked at
MOST_ADDRESSES = 8  # addresses of one host
MOST_NAMES = 5  # PTR names of one address
_TRANSLATED = ip_network("64:ff9b::/96")  # NAT64 (RFC 6052): the last four bytes are where it leads
_EXAMPLES = tuple(
    ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


@dataclass(frozen=True, kw_only=True)
class MailHost:
    """One MX host. `alias` is the name that a CNAME led to, '' without one; `answers` those to A and AAAA."""

    name: str
    preference: int
    answers: tuple[Answer, ...]
    alias: str

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its IPv4 and IPv6 addresses, in an order of ours: servers shuffle."""
        found = [sorted(record.to_text() for record in answer.records) for answer in self.answers]
        return tuple(address for family in found for address in family[: MOST_ADDRESSES // len(found)])

    @property
    def known(self) -> bool:
        """True where DNS answered for both families, or gave addresses for one."""
        return bool(self.addresses) or all(answer.known for answer in self.answers)


@dataclass(frozen=True, kw_only=True)
class MailHosts:
    """The answer to MX and its hosts by preference; without MX the domain itself takes mail (`implicit`)."""

    domain: str
    answer: Answer
    hosts: tuple[MailHost, ...]
    implicit: bool

    @property
    def refuses(self) -> bool:
        """True for a null MX: the domain takes no mail (RFC 7505)."""
        return any(host.name == "" for host in self.hosts)

    @property
    def record(self) -> str:
        """The MX records in one line."""
        named = [f"{host.preference} {host.name or '.'}" for host in self.hosts]
        return "" if self.implicit else ", ".join(named)


async def mail_hosts(domain: str, resolver: Lookup) -> MailHosts:
    """Asks for MX, and for the addresses of at most ten hosts of it."""
    answer = await resolver.lookup(domain, "MX")
    exchanges = sorted((record.preference, _plain(record.exchange)) for record in answer.records)  # type: ignore[attr-defined]
    implicit = answer.outcome is Outcome.NO_ANSWER
    named = [(0, domain)] if implicit else exchanges[:MOST_HOSTS]
    hosts = await asyncio.gather(*(_host(name, preference, resolver) for preference, name in named))
    return MailHosts(domain=domain, answer=answer, hosts=tuple(hosts), implicit=implicit)


async def _host(name: str, preference: int, resolver: Lookup) -> MailHost:
    if not name:
        return MailHost(name="", preference=preference, answers=(), alias="")
    answers = await asyncio.gather(*(resolver.lookup(name, rdtype) for rdtype in ADDRESS_TYPES))
    alias = next((answer.canonical_name for answer in answers if answer.canonical_name not in ("", name)), "")
    return MailHost(name=name, preference=preference, answers=tuple(answers), alias=alias)


@dataclass(frozen=True, kw_only=True)
class ReverseName:
    """What the reverse zone says of an address, and which of those names lead back to it."""

    address: str
    answer: Answer
    names: tuple[str, ...]
    confirmed: tuple[str, ...]


async def reverse_name(address: str, resolver: Lookup) -> ReverseName:
    """The PTR names of an address, and those whose A or AAAA has the address (forward-confirmed)."""
    answer = await resolver.lookup(dns.reversename.from_address(address), "PTR")
    names = tuple(sorted(_plain(record.target) for record in answer.records))[:MOST_NAMES]  # type: ignore[attr-defined]
    wanted = ip_address(address)
    rdtype = "A" if wanted.version == 4 else "AAAA"
    forward = await asyncio.gather(*(resolver.lookup(name, rdtype) for name in names))
    confirmed = [name for name, found in zip(names, forward, strict=True) if _leads_to(found, wanted)]
    return ReverseName(address=address, answer=answer, names=names, confirmed=tuple(confirmed))


def is_public(address: str) -> bool:
    """True for an address of the Internet, which may be connected to on the word of somebody's zone."""
    parsed = _parsed(address)
    return parsed is not None and parsed.is_global and not parsed.is_multicast


def is_internal(address: str) -> bool:
    """True for an address that nobody outside can reach; those kept for examples are not counted as such."""
    parsed = _parsed(address)
    return parsed is None or (not parsed.is_global and not any(parsed in net for net in _EXAMPLES))


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    """The address; one of IPv4 written as IPv6 becomes what it stands for, whichever way it is written."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        inside = ip_address(parsed.packed[-4:]) if parsed in _TRANSLATED else None
        return parsed.ipv4_mapped or parsed.sixtofour or inside or parsed
    return parsed


def is_address(text: str) -> bool:
    """True for an IP address in text."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _leads_to(answer: Answer, address: IPv4Address | IPv6Address) -> bool:
    return any(ip_address(record.to_text()) == address for record in answer.records)


def _plain(name: object) -> str:
    return str(name).rstrip(".").lower()
