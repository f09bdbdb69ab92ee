"""How a domain stands: its sums, its sources with their classes, and what to do."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from webapp.dmarc import queries
from webapp.dmarc.queries import Reporter, Source
from webapp.dmarc.sums import Passes, total
from webapp.reports.advice import Advice, Picture, SourceSeen, advise
from webapp.reports.records import Policy
from webapp.reports.senders import service_of
from webapp.reports.sources import Classed, SourceClass, SourceFacts, classify

JUDGED = 200  # sources with the most messages, on which the advice rests


@dataclass(frozen=True)
class Standing:
    """One domain over a period."""

    domain: str
    policy: dict[str, Any]
    days: list[tuple[date, Passes]]
    reporters: list[Reporter]
    source_count: int
    sources: list[tuple[Source, Classed]]
    advice: list[Advice]

    @property
    def passes(self) -> Passes:
        """The sums of all days."""
        return total([sums for _, sums in self.days])


def standing(session: Session, domain: str, since: date, hosts: dict[str, str] | None = None) -> Standing:
    """How the domain stands since a day; raises NotFound. `hosts` are the names of sources that are known."""
    policy = queries.latest_policy(session, domain)
    days = queries.daily_sums(session, domain, since)
    reporters = queries.reporters(session, domain, since)
    judged = classed(queries.sources(session, domain, since, JUDGED), hosts)
    picture = Picture(
        domain,
        policy_of(policy, domain),
        len(days),
        len(reporters),
        tuple(SourceSeen(facts_of(source, hosts), found, source.last_failed) for source, found in judged),
        days[-1][0] if days else None,
    )
    count = queries.count_sources(session, since, domain)
    return Standing(domain, policy, days, reporters, count, judged, advise(picture))


def classed(sources: list[Source], hosts: dict[str, str] | None = None) -> list[tuple[Source, Classed]]:
    """The sources, each with its class."""
    return [(source, classify(facts_of(source, hosts))) for source in sources]


def facts_of(source: Source, hosts: dict[str, str] | None = None) -> SourceFacts:
    """A stored source as the decisions take it."""
    sums, host = source.passes, (hosts or {}).get(source.address, "")
    return SourceFacts(
        source.address,
        sums.messages,
        sums.passed,
        sums.spf_aligned,
        sums.dkim_aligned,
        source.arc,
        source.reasons,
        host=host,
        service=service_of(host) if host else None,
        set_by_operator=SourceClass(source.set_class) if source.set_class else None,
    )


def policy_of(stored: dict[str, Any], domain: str) -> Policy:
    """The stored policy as data."""
    names = Policy.__dataclass_fields__
    return Policy(**{"domain": domain, **{name: said for name, said in stored.items() if name in names}})
