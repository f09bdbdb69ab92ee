"""The names of the addresses that reports tell of: asked of the DNS now and then, never while a page is
waited for.
"""

import asyncio
from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dnscheck.hosts import is_public, reverse_name
from webapp.dnscheck.resolver import Resolver
from webapp.reports import authorised
from webapp.tables.db import now
from webapp.tables.reports import SourceName

AT_ONCE = 500  # addresses of one run
# the busiest first: those without a name yet, and those whose name is a month old
WANTED = text(
    "SELECT d.source FROM dmarc_source_days d LEFT JOIN source_names n ON n.address = d.source "
    "WHERE d.day >= current_date - 30 AND (n.address IS NULL OR n.seen_at < now() - interval '30 days') "
    "GROUP BY d.source ORDER BY sum(d.messages) DESC, d.source LIMIT :most"
)


def look_up(session: Session, settings: Settings) -> Iterator[dict[str, int]]:
    """Names of addresses, then what SPF says of them; yields where the caller should commit."""
    named = name_sources(session, settings)
    yield named
    is_alone = settings.demo_mode and not settings.dns_resolvers
    yield {**named, **({} if is_alone else authorised.check(session, settings))}


def name_sources(session: Session, settings: Settings) -> dict[str, int]:
    """Ask for the names of addresses, and keep what leads back to them; in a demo there is nobody to ask."""
    wanted = (
        []
        if settings.demo_mode
        else [name for name in session.scalars(WANTED, {"most": AT_ONCE}) if is_public(name)]
    )
    session.rollback()  # no transaction stays open while the DNS is waited for
    found = asyncio.run(_asked(wanted, settings)) if wanted else {}
    if found:
        rows = [{"address": address, "host": host, "seen_at": now()} for address, host in found.items()]
        adding = insert(SourceName)
        changed = {"host": adding.excluded.host, "seen_at": adding.excluded.seen_at}
        session.execute(adding.on_conflict_do_update(index_elements=["address"], set_=changed), rows)
    return {"asked": len(wanted), "named": sum(bool(host) for host in found.values())}


async def _asked(addresses: Sequence[str], settings: Settings) -> dict[str, str]:
    """The first confirmed name of each address, '' for none; an address without any answer is left out."""
    async with Resolver(settings.dns_resolvers) as resolver:
        names = await asyncio.gather(*(reverse_name(address, resolver) for address in addresses))
    return {name.address: next(iter(name.confirmed), "") for name in names if name.answer.known}
