"""MX, and the addresses behind it: whether mail finds the way in, and whether the hosts' own names hold."""

import asyncio
from collections.abc import Iterator

import dns.reversename

from webapp.dnscheck.findings import Finding, Grade, Level, Publication, Status
from webapp.dnscheck.hosts import (
    MailHost,
    MailHosts,
    ReverseName,
    is_address,
    is_internal,
    mail_hosts,
    reverse_name,
)
from webapp.dnscheck.resolver import Lookup, Outcome
from webapp.dnscheck.wording import Voice, summed, untold

MOST_REVERSED = 16  # addresses whose names are looked up
_MX, _ADDRESS = Voice("mx"), Voice("address")


async def grade_mx(domain: str, resolver: Lookup) -> Grade:
    """MX with the name of each host's address (PTR), and whether that name leads back to it."""
    found = await mail_hosts(domain, resolver)
    addresses = list(dict.fromkeys(address for host in found.hosts for address in host.addresses))
    names = await asyncio.gather(
        *(
            reverse_name(address, resolver)
            for address in addresses[:MOST_REVERSED]
            if not is_internal(address)
        )
    )
    return judge_mx(found, names)


async def grade_address(domain: str, resolver: Lookup) -> Grade:
    """A and AAAA of the hosts that take the domain's mail."""
    return judge_address(await mail_hosts(domain, resolver))


def judge_mx(found: MailHosts, names: list[ReverseName]) -> Grade:
    """The grade of the MX records and of the addresses' names."""
    if not found.answer.known:
        return untold("MX", found.answer)
    if found.answer.outcome is Outcome.NXDOMAIN:
        told = [_MX.error(Level.MUST, "no-domain", "The domain does not exist in DNS, so no mail arrives.")]
        return summed(told, "", None)
    named = () if found.implicit else found.hosts
    told = [*_of_set(found), *(finding for host in named for finding in _of_host(host, found.domain))]
    owners = {address: host.name for host in found.hosts for address in host.addresses}
    told += [finding for name in names for finding in _of_name(name, owners[name.address])]
    listed = ", ".join(f"{name.address} is {name.confirmed[0]}" for name in names if name.confirmed)
    return summed(told, f"Mail goes to {found.record}; {listed or 'no address is checked'}", found.record)


def _of_set(found: MailHosts) -> Iterator[Finding]:
    if found.implicit and found.hosts[0].addresses:
        why = "Without MX senders use the domain's own address (RFC 5321 5.1); an MX record says it plainly."
        fix = Publication(name=found.domain, type="MX", value=f"10 {found.domain}.")
        yield _MX.warning(Level.SHOULD, "implicit", why, fix)
    elif found.implicit and found.hosts[0].known:
        yield _MX.error(Level.MUST, "missing", "Without MX and without an address no mail arrives.")
    elif found.refuses:
        why = "A null MX says that the domain takes no mail (RFC 7505)"
        why += ", and must stand alone." if len(found.hosts) > 1 else "."
        yield _MX.error(Level.MUST, "null", why)


def _of_host(host: MailHost, domain: str) -> Iterator[Finding]:
    if is_address(host.name):
        why = f"MX names the address {host.name}; it must be a host name (RFC 5321 5.1)."
        yield _MX.error(Level.MUST, "literal", why)
    elif host.name and host.known and not host.addresses:
        yield _MX.error(Level.MUST, "no-address", f"{host.name} has no address, so no mail reaches it.")
    if host.alias:
        why = f"{host.name} is an alias of {host.alias}; MX must name the host itself (RFC 5321 5.1)."
        fix = Publication(name=domain, type="MX", value=f"{host.preference} {host.alias}.")
        yield _MX.warning(Level.MUST, "alias", why, fix)


def _of_name(name: ReverseName, host: str) -> Iterator[Finding]:
    where = dns.reversename.from_address(name.address).to_text(omit_final_dot=True)
    fix = Publication(name=where, type="PTR", value=f"{host}.")
    if not name.answer.known:
        yield _MX.note("ptr-unknown", f"The name of {name.address} could not be looked up.")
    elif not name.names:
        why = f"{name.address} has no name (PTR); many receivers refuse mail from such an address."
        yield _MX.warning(Level.SHOULD, "no-ptr", why, fix)
    elif not name.confirmed:
        why = f"The name of {name.address} is {name.names[0]}, which does not lead back to the address."
        yield _MX.warning(Level.SHOULD, "ptr-unconfirmed", why, fix)
    elif len(name.names) > 1:
        why = f"{name.address} has {len(name.names)} names (PTR); one is easier to trust."
        yield _MX.note("several-ptr", why)


def judge_address(found: MailHosts) -> Grade:
    """The grade of the hosts' addresses: reachable ones, of both families."""
    if not found.answer.known:
        return untold("The addresses", found.answer)
    failed = [answer for host in found.hosts if not host.known for answer in host.answers if not answer.known]
    if failed:
        return untold("The addresses", failed[0])
    told = [finding for host in found.hosts for finding in _of_addresses(host)]
    record = ", ".join(f"{host.name} {' '.join(host.addresses)}" for host in found.hosts if host.addresses)
    if not record:
        return Grade(
            status=Status.ERROR, message="No host that takes mail has an address", findings=tuple(told)
        )
    return summed(told, "Every host that takes mail has addresses of both families", record)


def _of_addresses(host: MailHost) -> Iterator[Finding]:
    if not host.addresses:
        if host.name and not is_address(host.name):
            yield _ADDRESS.error(Level.MUST, "missing", f"{host.name} has neither A nor AAAA.")
        return
    hidden = [address for address in host.addresses if is_internal(address)]
    if hidden:
        why = f"{host.name} has the address {hidden[0]}, which nobody can reach from the Internet."
        yield _ADDRESS.error(Level.MUST, "private", why)
    if not any("." in address for address in host.addresses):
        why = f"{host.name} has no IPv4 address, and many senders have nothing else."
        yield _ADDRESS.warning(Level.SHOULD, "no-ipv4", why)
    if not any(":" in address for address in host.addresses):
        yield _ADDRESS.note("no-ipv6", f"{host.name} has no IPv6 address.")
