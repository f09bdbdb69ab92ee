"""What the room's pages show: queries put together into one typed value a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.dmarc import failures, queries, seen, tls
from webapp.dmarc.filter import DaysFilter, PagedFilter
from webapp.dmarc.places import Country, by_country
from webapp.dmarc.queries import Day, Domain
from webapp.dmarc.seen import Source
from webapp.dmarc.standing import JudgedSource, Standing, classed, standing
from webapp.dmarc.sums import Passes, total
from webapp.dmarc.tlsnow import tls_now
from webapp.geoip import Place, locate
from webapp.reports import tlswords
from webapp.reports.sources import Classed, SourceFacts
from webapp.reports.tlsrpt import TlsPolicy
from webapp.reports.tlswords import TlsNow
from webapp.tables.db import now

Bars = list[tuple[datetime, dict[str, int]]]
PERIODS = (7, 30, 90, 365)
TOP_SOURCES = 10
MAPPED = 2000  # the busiest sources, whose countries are counted


@dataclass(frozen=True)
class DomainsPage:
    """All domains with their sums."""

    chosen: DaysFilter
    domains: list[Domain]
    sources: int

    @property
    def passes(self) -> Passes:
        """The sums of all domains."""
        return total([domain.passes for domain in self.domains])


@dataclass(frozen=True)
class DomainPage:
    """One domain: how it stands, its days as columns, its countries, its TLS sessions."""

    chosen: DaysFilter
    standing: Standing
    bars: Bars
    end: datetime
    countries: list[Country]
    tls_reports: int
    tls_successful: int
    tls_failed: int
    changes: Sequence[Any]

    @property
    def marks(self) -> dict[datetime, list[str]]:
        """What changed in the DNS, by the beginning of the UTC day on which it was seen."""
        found: dict[datetime, list[str]] = {}
        for change in self.changes:
            day = _midnight(change.seen_at.astimezone(UTC).date())
            words = f"{change.check_name.upper()} record {'changed' if change.value else 'removed'}"
            found[day] = [*found.get(day, []), words]
        return found

    @property
    def domain(self) -> str:
        """Its name."""
        return self.standing.domain

    @property
    def top(self) -> list[JudgedSource]:
        """The sources with the most messages."""
        return self.standing.sources[:TOP_SOURCES]


@dataclass(frozen=True)
class Paged:
    """A page of rows as the pager knows them."""

    rows: Sequence[Any]
    total: int
    page: int
    limit: int
    total_is_estimate: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(-(-self.total // self.limit), 1)


@dataclass(frozen=True)
class SourcesPage:
    """A page of a domain's sources, and the countries of all of them."""

    domain: str
    chosen: PagedFilter
    found: Paged
    countries: list[Country]


@dataclass(frozen=True)
class DayPage:
    """One day of a domain: its figures as the list of days has them, its reports of both kinds and its
    sources, the first 500 of each."""

    domain: str
    day: date
    figures: Day
    reports: Sequence[Any]
    tls_reports: Sequence[Any]
    sources: list[JudgedSource]

    @property
    def passes(self) -> Passes:
        """The messages of the day."""
        return self.figures.passes


@dataclass(frozen=True)
class SourcePage:
    """One source of a domain, with what each reporter said."""

    domain: str
    chosen: DaysFilter
    source: Source
    facts: SourceFacts
    classed: Classed
    place: Place
    records: Sequence[Any]


@dataclass(frozen=True)
class ReportPage:
    """One report, record by record."""

    report: Any
    passes: Passes
    found: Paged
    own: frozenset[str]


@dataclass(frozen=True)
class TlsFinding:
    """One policy of a TLS report, in words."""

    policy: TlsPolicy
    kind: str
    remarks: list[str]


@dataclass(frozen=True)
class TlsPage:
    """The TLS reports of a domain, the newest 500 each with its policies."""

    domain: str
    chosen: DaysFilter
    reports: list[tuple[Any, list[TlsFinding]]]
    days: Sequence[Any]

    @property
    def total(self) -> int:
        """How many reports there are."""
        return self.days[0].all_reports if self.days else 0


def domains_page(session: Session, chosen: DaysFilter) -> DomainsPage:
    """All domains."""
    found = queries.domains(session, chosen.since)
    return DomainsPage(chosen, found, seen.count_sources(session, chosen.since))


def domain_page(session: Session, name: str, chosen: DaysFilter, folder: str) -> DomainPage:
    """One domain; raises NotFound."""
    found = standing(session, name, chosen.since)
    daily = tls.tls_days(session, name, chosen.since, 1)
    reports, good, bad = (
        (daily[0].all_reports, daily[0].all_successful, daily[0].all_failed) if daily else (0, 0, 0)
    )
    places = by_country(((one.source.address, one.source.passes.messages) for one in found.sources), folder)
    today = now().date()
    end = _midnight(today + timedelta(days=1))
    changes = queries.policy_changes(session, name, chosen.since)
    return DomainPage(
        chosen, found, _bars(found, chosen.since, today), end, places, reports, good, bad, changes
    )


def _bars(found: Standing, since: date, today: date) -> Bars:
    """Passed and failed messages of every day of the period, also of those without reports."""
    known = dict(found.days)
    wanted = [since + timedelta(days=number) for number in range((today - since).days + 1)]
    return [(_midnight(day), _parts(known.get(day))) for day in wanted]


def _parts(sums: Passes | None) -> dict[str, int]:
    return {"passed": sums.said_either, "failed": sums.failed} if sums else {}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def sources_page(session: Session, name: str, chosen: PagedFilter, folder: str) -> SourcesPage:
    """A page of sources with their classes, and the countries of the busiest; raises NotFound."""
    queries.latest_policy(session, name)
    rows = classed(session, seen.sources(session, name, chosen.since, chosen.limit, chosen.offset))
    found = Paged(rows, seen.count_sources(session, chosen.since, name), chosen.page, chosen.limit)
    busiest = seen.busiest_sources(session, name, chosen.since, MAPPED) if found.total else []
    return SourcesPage(name, chosen, found, by_country(busiest, folder))


def days_page(session: Session, name: str, chosen: PagedFilter) -> Paged:
    """A page of days; raises NotFound."""
    queries.latest_policy(session, name)
    rows: list[Day] = queries.days(session, name, chosen.since, chosen.limit, chosen.offset)
    return Paged(rows, queries.count_days(session, name, chosen.since), chosen.page, chosen.limit)


def failures_page(session: Session, name: str, chosen: PagedFilter) -> Paged:
    """A page of failure reports; raises NotFound."""
    queries.latest_policy(session, name)
    rows = failures.failures(session, name, chosen.since, chosen.limit, chosen.offset)
    return Paged(rows, failures.count_failures(session, name, chosen.since), chosen.page, chosen.limit)


def day_page(session: Session, name: str, day: date) -> DayPage:
    """One day, also one without reports; raises NotFound for a domain that no report is about."""
    queries.latest_policy(session, name)
    reports = queries.reports(session, name, queries.MOST_RECORDS, day=day)
    found = classed(session, seen.sources_of_day(session, name, day, queries.MOST_RECORDS))
    kinds = {kind: [row for row in reports if row.kind == kind] for kind in ("dmarc", "tls")}
    figures = queries.day_of(session, name, day)
    return DayPage(name, day, figures, kinds["dmarc"], kinds["tls"], found)


def source_page(session: Session, name: str, address: str, chosen: DaysFilter, folder: str) -> SourcePage:
    """One source; raises NotFound."""
    [(source, facts, kind)] = classed(session, [seen.get_source(session, name, address, chosen.since)])
    said = seen.records_of(session, name, address, chosen.since)
    return SourcePage(name, chosen, source, facts, kind, locate(address, folder), said)


def report_page(session: Session, number: int, page: int) -> ReportPage:
    """One report with a page of its records; raises NotFound."""
    report = queries.get_report(session, number)
    limit = queries.MOST_RECORDS
    rows = queries.records(session, number, limit, (page - 1) * limit)
    found = Paged(rows, report.records, page, limit)
    return ReportPage(report, queries.passes(report), found, seen.own_addresses(session))


def tls_page(session: Session, name: str, chosen: DaysFilter) -> TlsPage:
    """The TLS reports of a domain; raises NotFound."""
    queries.latest_policy(session, name)
    rows = tls.tls_reports(session, name, chosen.since)
    days = tls.tls_days(session, name, chosen.since, queries.MOST_RECORDS)
    now_found = tls_now(session, name)
    return TlsPage(name, chosen, [(row, _findings(row.policies, now_found)) for row in rows], days)


def _findings(policies: list[dict[str, Any]], now: TlsNow) -> list[TlsFinding]:
    found = [tls.stored_policy(stored) for stored in policies]
    return [TlsFinding(one, tlswords.kind_of(one), tlswords.remarks(one, now)) for one in found]
