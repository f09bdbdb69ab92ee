"""How a domain stands: its sums, its sources with their classes, and what to do."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from webapp.dmarc import queries, seen
from webapp.dmarc.queries import Reporter
from webapp.dmarc.seen import Source
from webapp.dmarc.sums import Passes, total
from webapp.reports.advice import Advice, Picture, SourceSeen, advise
from webapp.reports.records import Policy
from webapp.reports.senders import service_of
from webapp.reports.signs import SILENT_DAYS, Day, Noted, signs
from webapp.reports.sources import Classed, SourceClass, SourceFacts, classify
from webapp.tables.db import now

JUDGED = 200  # sources with the most messages, on which the advice rests


class JudgedSource(NamedTuple):
    """A source, what the decisions know of it, and its class."""

    source: Source
    facts: SourceFacts
    classed: Classed


@dataclass(frozen=True)
class Standing:
    """One domain over a period."""

    domain: str
    policy: Policy
    days: list[tuple[date, Passes]]
    reporters: list[Reporter]
    source_count: int
    sources: list[JudgedSource]
    advice: list[Advice]
    signs: list[Noted]

    @property
    def passes(self) -> Passes:
        """The sums of all days."""
        return total([sums for _, sums in self.days])


def standing(session: Session, domain: str, since: date) -> Standing:
    """How the domain stands since a day; raises NotFound."""
    policy = queries.latest_policy(session, domain)
    days = queries.daily_sums(session, domain, since)
    reporters = queries.reporters(session, domain, since)
    judged = classed(session, seen.sources(session, domain, since, JUDGED))
    picture = Picture(
        domain,
        policy,
        len(days),
        len(reporters),
        tuple(SourceSeen(facts, found, source.last_failed) for source, facts, found in judged),
        days[-1][0] if days else None,
    )
    count = seen.count_sources(session, since, domain)
    return Standing(domain, policy, days, reporters, count, judged, advise(picture), _signs(days, judged))


def _signs(days: list[tuple[date, Passes]], judged: list[JudgedSource]) -> list[Noted]:
    """What the newest day shows against the days before it."""
    newest = days[-1][0] if days else date.min
    rows = [Day(day, sums.messages, sums.failed) for day, sums in days if sums.messages]
    known = [one.source.address for one in judged if one.source.first < newest]
    seen = [one.source.address for one in judged if one.source.last >= newest]
    return signs(rows, now().date(), known, seen, SILENT_DAYS)


def classed(session: Session, sources: list[Source]) -> list[JudgedSource]:
    """The sources, each with its facts and its class."""
    own = seen.own_addresses(session)
    hosts = seen.host_names(session, [source.address for source in sources])
    found = []
    for source in sources:
        facts = facts_of(source, hosts.get(source.address, ""), source.address in own)
        found.append(JudgedSource(source, facts, classify(facts)))
    return found


def facts_of(source: Source, host: str, is_ours: bool) -> SourceFacts:
    """A stored source as the decisions take it."""
    sums = source.passes
    return SourceFacts(
        source.address,
        sums.messages,
        sums.passed,
        sums.spf_aligned,
        sums.dkim_aligned,
        source.arc,
        source.reasons,
        is_ours=is_ours,
        in_spf=source.in_spf,
        host=host,
        service=service_of(host) if host else None,
        set_by_operator=SourceClass(source.set_class) if source.set_class else None,
    )
