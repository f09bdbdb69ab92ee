"""One look of all addresses that send for us at all lists: which resolver, which addresses, which answers."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network
from urllib.parse import urlsplit

from webapp.config import Settings
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.lookup import Listing, Progress, look_up
from webapp.dnscheck.inventory import Inventory, Relay
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.senders import find_server, reached
from webapp.dnscheck.sources import Origin, Source

MOST_ADDRESSES = 64  # that are looked up
AT_ONCE = 60  # questions under way
UNBOUND = 254  # the last byte of the address of mailcow's own resolver in its network
PATIENCE = 1.0  # seconds that it has to show itself


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What was looked up, and `through`: the resolver's addresses, empty for the system's."""

    sources: tuple[Source, ...]
    listings: tuple[Listing, ...]
    through: tuple[str, ...]


async def look(inventory: Inventory, settings: Settings, progress: Progress | None = None) -> Looked:
    """Finds the addresses by the usual resolver, and asks the lists by one that they answer truthfully."""
    async with Resolver(settings.dns_resolvers) as usual:
        sources = await senders(inventory, settings, usual)
    servers = await list_servers(settings)
    ignored = frozenset(settings.blacklist_ignored_lists)
    lists = [one for one in LISTS if not {one.name.lower(), one.zone} & ignored]
    async with Resolver(servers, at_once=AT_ONCE) as resolver:
        listings = await look_up([source.address for source in sources], lists, resolver, progress)
    return Looked(sources=tuple(sources), listings=tuple(listings), through=tuple(servers))


async def senders(inventory: Inventory, settings: Settings, resolver: Resolver) -> list[Source]:
    """The public addresses of the server, of transports and relayhosts, and those named by hand."""
    names = [domain.name for domain in inventory.domains if domain.active and not domain.backup_mx]
    host = urlsplit(settings.mailcow_url).hostname or ""
    found: list[Source] = []
    if settings.blacklist_source_server_ip:
        found += (await find_server(inventory.addresses, names, host, resolver)).sources
    if settings.blacklist_source_transports:
        found += await _behind(inventory.transports, Origin.TRANSPORT, resolver)
    if settings.blacklist_source_relayhosts:
        found += await _behind(inventory.relayhosts, Origin.RELAYHOST, resolver)
    by_hand = [Relay(id=host, hop=f"[{host}]") for host in settings.blacklist_source_manual_hosts]
    found += await _behind(by_hand, Origin.MANUAL, resolver)
    first = {source.address: source for source in reversed(found)}
    return list(reversed(first.values()))[:MOST_ADDRESSES]


async def _behind(relays: Iterable[Relay], origin: Origin, resolver: Resolver) -> list[Source]:
    found = await asyncio.gather(*(reached(relay.hop, origin, resolver) for relay in relays))
    return [source for sources in found for source in sources]


async def list_servers(settings: Settings) -> tuple[str, ...]:
    """BLACKLIST_DNS_SERVERS; else mailcow's own resolver where it can be reached; else DNS_RESOLVERS.

    Many lists give public resolvers false answers.
    """
    if settings.blacklist_dns_servers or settings.demo_mode:
        return settings.blacklist_dns_servers or settings.dns_resolvers
    for address in mailcows_resolvers(settings.mailcow_networks):
        async with Resolver([address], lifetime=PATIENCE) as resolver:
            if (await resolver.lookup(".", "NS")).known:
                return (address,)
    return settings.dns_resolvers


def mailcows_resolvers(networks: Iterable[str]) -> list[str]:
    """Where mailcow's unbound answers: at .254 of its IPv4 network."""
    found = []
    for written in networks:
        try:
            network = IPv4Network(written, strict=False)
        except ValueError:
            continue
        found += [str(network.network_address + UNBOUND)] if network.num_addresses > UNBOUND else []
    return found
