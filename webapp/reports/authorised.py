"""Whether a domain's SPF record names the addresses that reports tell of: asked of the DNS now and then, kept
with the source, never asked while a page is waited for.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.dnscheck.resolver import Lookup, Resolver
from webapp.dnscheck.spf.evaluate import check_host
from webapp.dnscheck.spf.record import Result
from webapp.tables.db import now

MOST = 500  # sources of one run
AT_ONCE = 50
EVERYBODY = "all"  # what is kept where only `+all` lets the address pass: that names nobody
# those never asked about first, then the busiest; asked again after a day
WANTED = text(
    "SELECT s.domain, s.source FROM dmarc_sources s JOIN dmarc_source_days d USING (domain, source) "
    "WHERE d.day >= current_date - 30 AND (s.spf_at IS NULL OR s.spf_at < now() - interval '1 day') "
    "GROUP BY s.domain, s.source ORDER BY (s.spf_at IS NULL) DESC, sum(d.messages) DESC, 1, 2 LIMIT :most"
)
KEEP = text(
    "UPDATE dmarc_sources kept SET spf = coalesce(asked.spf, kept.spf), spf_at = :at FROM "
    "unnest(CAST(:domains AS text[]), CAST(:sources AS text[]), CAST(:results AS text[])) "
    "AS asked (domain, source, spf) WHERE kept.domain = asked.domain AND kept.source = asked.source"
)


class Asked(NamedTuple):
    """What SPF says of a source of a domain; None where the DNS gave no answer."""

    domain: str
    source: str
    spf: str | None = None


def check(session: Session, settings: Settings) -> dict[str, int]:
    """Ask about the sources that are due, and keep what the domains' records say of them."""
    due = wanted(session)
    session.rollback()  # no transaction stays open while the DNS is waited for
    return keep(session.connection(), asyncio.run(ask(due, settings))) if due else {"spf_asked": 0}


def wanted(session: Session) -> list[Asked]:
    """The sources of the last 30 days that are due, at most 500."""
    return [Asked(row.domain, row.source) for row in session.execute(WANTED, {"most": MOST})]


async def ask(due: Sequence[Asked], settings: Settings) -> list[Asked]:
    """The same with what SPF says of each (RFC 7208), as for a mail of the domain's postmaster."""
    room = asyncio.Semaphore(AT_ONCE)
    async with Resolver(settings.dns_resolvers) as resolver:

        async def one(source: Asked) -> Asked:
            async with room:
                return source._replace(spf=await _result(source, resolver))

        return list(await asyncio.gather(*map(one, due)))


async def _result(source: Asked, resolver: Lookup) -> str | None:
    verdict = await check_host(source.source, f"postmaster@{source.domain}", source.domain, resolver)
    if verdict.result is Result.TEMPERROR:
        return None
    is_everybody = bool(verdict.path) and verdict.path[-1].lstrip("+").lower() == "all"
    return EVERYBODY if verdict.result is Result.PASS and is_everybody else str(verdict.result)


def keep(connection: Connection, asked: Sequence[Asked]) -> dict[str, int]:
    """Store what was answered; what was not leaves what was known."""
    columns = {
        "domains": [one.domain for one in asked],
        "sources": [one.source for one in asked],
        "results": [one.spf for one in asked],
    }
    connection.execute(KEEP, {**columns, "at": now()})
    return {"spf_asked": len(asked), "in_spf": sum(one.spf == Result.PASS for one in asked)}
