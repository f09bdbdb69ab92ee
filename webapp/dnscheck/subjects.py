"""The domains to check, each with the addresses that send for it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlsplit

from webapp.config import Settings
from webapp.dnscheck.check import Subject
from webapp.dnscheck.inventory import Inventory, MailDomain, Relay
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.senders import Server, find_server, reached
from webapp.dnscheck.sources import Origin, Source


async def subjects(
    inventory: Inventory,
    wanted: Iterable[MailDomain],
    reported: Mapping[str, Sequence[str]],
    settings: Settings,
    resolver: Resolver,
) -> list[Subject]:
    """The wanted domains as subjects; who sends for them is found with a few look-ups for all of them.

    `reported` are the addresses that DMARC reports name, by domain.
    """
    names = [domain.name for domain in inventory.domains if domain.active and not domain.backup_mx]
    host = urlsplit(settings.mailcow_url).hostname or ""
    server, transports, relayhosts, manual = await asyncio.gather(
        find_server(inventory.addresses, names, host, resolver),
        _behind(
            inventory.transports if settings.domain_spf_source_transports else (), Origin.TRANSPORT, resolver
        ),
        _behind(
            inventory.relayhosts if settings.domain_spf_source_relayhosts else (), Origin.RELAYHOST, resolver
        ),
        _behind(_manual(settings), Origin.MANUAL, resolver),
    )
    everyones = [
        *(server.sources if settings.domain_spf_source_server_ip else ()),
        *(source for found in manual.values() for source in found),
        *(source for found in transports.values() for source in found),
    ]
    chosen = {domain.name: domain.relayhost for domain in inventory.domains}
    return [
        _subject(
            domain,
            [
                *everyones,
                *relayhosts.get(_relayhost(domain, chosen), ()),
                *_seen(reported.get(domain.name, ())),
            ],
            server,
        )
        for domain in wanted
    ]


def _seen(addresses: Iterable[str]) -> list[Source]:
    return [Source(address=address, origin=Origin.REPORTED) for address in addresses]


def _subject(domain: MailDomain, sources: Iterable[Source], server: Server) -> Subject:
    first = {source.address: source for source in reversed(list(sources))}
    ordered = tuple(reversed(list(first.values())))
    return Subject(domain=domain.name, sources=ordered, key=domain.key, host=server.host)


def _relayhost(domain: MailDomain, chosen: dict[str, str]) -> str:
    """The id of the relayhost that mail of this domain leaves through; an alias domain has that of its
    target."""
    return chosen.get(domain.target, "0") if domain.target else domain.relayhost


def _manual(settings: Settings) -> tuple[Relay, ...]:
    return tuple(Relay(id=host, hop=f"[{host}]") for host in settings.domain_spf_source_manual_hosts)


async def _behind(relays: Iterable[Relay], origin: Origin, resolver: Resolver) -> dict[str, list[Source]]:
    """The public addresses behind each of them, by its id."""
    listed = list(relays)
    found = await asyncio.gather(*(reached(relay.hop, origin, resolver) for relay in listed))
    return {relay.id: sources for relay, sources in zip(listed, found, strict=True)}
