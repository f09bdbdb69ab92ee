"""What is stored of DMARC reports: domains, days, sources, reporters, records. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.dmarc.sums import Passes, passes, summed
from webapp.errors import NotFound
from webapp.reports.records import Policy
from webapp.tables.db import now

MOST_DOMAINS = 10_000
MOST_RECORDS = 500  # of one report or source on a page
NEWEST = (
    "end_at > now() + interval '2 days', end_at DESC, id DESC"  # one about days to come is not the newest
)
REASONS = "sum(arc)::bigint AS arc, sum(trusted_forwarder)::bigint AS trusted_forwarder, " \
    "sum(mailing_list)::bigint AS mailing_list, sum(forwarded)::bigint AS forwarded"  # fmt: skip


@dataclass(frozen=True)
class Domain:
    """One domain that reports tell of; the sums are of the period."""

    name: str
    reports: int
    tls_reports: int
    failures: int
    first: date | None
    last: date | None
    policy: Policy
    sources: int
    passes: Passes
    tls_successful: int
    tls_failed: int


@dataclass(frozen=True)
class Day:
    """One day of a domain."""

    day: date
    reports: int
    spans: int
    reporters: list[str]
    sources: int
    passes: Passes


@dataclass(frozen=True)
class Source:
    """One source of a domain in a period; `reasons` are messages by the reporters' override reason."""

    address: str
    first: date
    last: date
    last_failed: date | None
    set_class: str | None
    in_spf: bool
    passes: Passes
    arc: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Reporter:
    """One reporting organisation of a domain in a period."""

    name: str
    reports: int
    last: date
    passes: Passes


def domains(session: Session, since: date) -> list[Domain]:
    """Every domain with a report, the one with the most messages in the period first."""
    rows = session.execute(
        text(
            f"WITH dmarc AS (SELECT domain, count(*) AS reports, min(day) AS first, max(day) AS last, "
            f"(array_agg(policy ORDER BY {NEWEST}))[1] AS policy, "
            f"{summed_since()} FROM dmarc_reports GROUP BY domain), "
            "tls AS (SELECT domain, count(*) AS reports, min(day) AS first, max(day) AS last, "
            "coalesce(sum(successful) FILTER (WHERE day >= :since), 0)::bigint AS successful, "
            "coalesce(sum(failed) FILTER (WHERE day >= :since), 0)::bigint AS failed "
            "FROM tls_reports GROUP BY domain), "
            "ruf AS (SELECT domain, min(day) AS first, max(day) AS last, "
            "count(*) FILTER (WHERE day >= :since) AS failures FROM failure_reports GROUP BY domain), "
            "seen AS (SELECT domain, count(*) AS sources FROM dmarc_sources WHERE last_day >= :since "
            "GROUP BY domain) "
            "SELECT coalesce(dmarc.domain, tls.domain, ruf.domain) AS name, "
            "coalesce(dmarc.reports, 0) AS reports, coalesce(tls.reports, 0) AS tls_reports, "
            "coalesce(ruf.failures, 0) AS failures, least(dmarc.first, tls.first, ruf.first) AS first, "
            "greatest(dmarc.last, tls.last, ruf.last) AS last, dmarc.policy, "
            "coalesce(seen.sources, 0) AS sources, "
            f"{', '.join(f'coalesce(dmarc.{name}, 0) AS {name}' for name in Passes.__dataclass_fields__)}, "
            "coalesce(tls.successful, 0) AS successful, coalesce(tls.failed, 0) AS failed "
            "FROM dmarc FULL JOIN tls USING (domain) FULL JOIN ruf USING (domain) "
            "LEFT JOIN seen ON seen.domain = dmarc.domain "
            f"ORDER BY coalesce(messages, 0) DESC, 1 LIMIT {MOST_DOMAINS}"
        ),
        {"since": since},
    )
    return [
        Domain(
            row.name,
            row.reports,
            row.tls_reports,
            row.failures,
            row.first,
            row.last,
            policy_of(row.policy or {}, row.name),
            row.sources,
            passes(row),
            row.successful,
            row.failed,
        )
        for row in rows
    ]


def summed_since() -> str:
    """The counted columns, summed over the period only."""
    return ", ".join(
        f"coalesce(sum({name}) FILTER (WHERE day >= :since), 0)::bigint AS {name}"
        for name in Passes.__dataclass_fields__
    )


def count_sources(session: Session, since: date, domain: str | None = None) -> int:
    """How many sources were seen in the period, of one domain or of all."""
    where = "last_day >= :since" + (" AND domain = :domain" if domain else "")
    counted = "count(*)" if domain else "count(DISTINCT source)"
    asked = {"since": since} | ({"domain": domain} if domain else {})
    return int(session.scalar(text(f"SELECT {counted} FROM dmarc_sources WHERE {where}"), asked) or 0)


def days(session: Session, domain: str, since: date, limit: int = 366, offset: int = 0) -> list[Day]:
    """The days of a domain that have reports, newest first, each with its sources counted."""
    rows = session.execute(
        text(
            "WITH days AS (SELECT day, count(*) AS reports, count(*) FILTER (WHERE spans) AS spans, "
            f"array_agg(DISTINCT organisation ORDER BY organisation) AS reporters, {summed()} "
            "FROM dmarc_reports WHERE domain = :domain AND day >= :since GROUP BY day "
            "ORDER BY day DESC LIMIT :limit OFFSET :offset), "
            "seen AS (SELECT day, count(*) AS sources FROM dmarc_source_days WHERE domain = :domain "
            "AND day BETWEEN (SELECT min(day) FROM days) AND (SELECT max(day) FROM days) GROUP BY day) "
            "SELECT days.*, coalesce(seen.sources, 0) AS sources FROM days LEFT JOIN seen USING (day) "
            "ORDER BY day DESC"
        ),
        {"domain": domain, "since": since, "limit": limit, "offset": offset},
    )
    return [Day(row.day, row.reports, row.spans, row.reporters, row.sources, passes(row)) for row in rows]


def daily_sums(
    session: Session, domain: str, since: date, until: date | None = None
) -> list[tuple[date, Passes]]:
    """The days of a domain until tomorrow, oldest first, without their sources."""
    rows = session.execute(
        text(
            f"SELECT day, {summed()} FROM dmarc_reports WHERE domain = :domain "
            "AND day BETWEEN :since AND :until GROUP BY day ORDER BY day"
        ),
        {"domain": domain, "since": since, "until": until or now().date() + timedelta(days=1)},
    )
    return [(row.day, passes(row)) for row in rows]


def count_days(session: Session, domain: str, since: date) -> int:
    """How many days of the period have reports."""
    counted = text("SELECT count(DISTINCT day) FROM dmarc_reports WHERE domain = :domain AND day >= :since")
    return int(session.scalar(counted, {"domain": domain, "since": since}) or 0)


def reporters(session: Session, domain: str, since: date) -> list[Reporter]:
    """Who reports, the one with the most messages first; at most 500."""
    rows = session.execute(
        text(
            f"SELECT organisation, count(*) AS reports, max(day) AS last, {summed()} FROM dmarc_reports "
            "WHERE domain = :domain AND day >= :since GROUP BY organisation "
            f"ORDER BY messages DESC, organisation LIMIT {MOST_RECORDS}"
        ),
        {"domain": domain, "since": since},
    )
    return [Reporter(row.organisation, row.reports, row.last, passes(row)) for row in rows]


def sources(session: Session, domain: str, since: date, limit: int, offset: int = 0) -> list[Source]:
    """The sources of a domain in the period, the one with the most messages first.

    First the page's addresses by one sum, then all sums of these: twelve sums over a quarter of a million
    rows take three times as long.
    """
    ranked = session.execute(
        text(
            "SELECT source FROM dmarc_source_days WHERE domain = :domain AND day >= :since GROUP BY source "
            "ORDER BY sum(messages) DESC, source LIMIT :limit OFFSET :offset"
        ),
        {"domain": domain, "since": since, "limit": limit, "offset": offset},
    )
    addresses = list(ranked.scalars())
    return _sources(session, domain, days_since(since), addresses) if addresses else []


def busiest_sources(session: Session, domain: str, since: date, limit: int) -> list[tuple[str, int]]:
    """Addresses with their messages in the period, most first."""
    rows = session.execute(
        text(
            "SELECT source, sum(messages)::bigint AS messages FROM dmarc_source_days WHERE domain = :domain "
            "AND day >= :since GROUP BY source ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"domain": domain, "since": since, "limit": limit},
    )
    return [(row.source, row.messages) for row in rows]


def sources_of_day(session: Session, domain: str, day: date, limit: int) -> list[Source]:
    """The sources of a domain on one day, the one with the most messages first."""
    ranked = session.execute(
        text(
            "SELECT source FROM dmarc_source_days WHERE domain = :domain AND day = :day "
            "ORDER BY messages DESC, source LIMIT :limit"
        ),
        {"domain": domain, "day": day, "limit": limit},
    )
    addresses = list(ranked.scalars())
    return _sources(session, domain, [day], addresses) if addresses else []


def _sources(session: Session, domain: str, days: list[date], addresses: Sequence[str]) -> list[Source]:
    """All sums of these sources over these days, most messages first."""
    rows = session.execute(
        text(
            f"WITH sums AS (SELECT source, max(day) FILTER (WHERE passed < messages) AS last_failed, "
            f"{REASONS}, {summed()} FROM dmarc_source_days WHERE domain = :domain "
            "AND day = ANY(:days) AND source = ANY(:addresses) GROUP BY source) "
            "SELECT sums.*, first_day, last_day, set_class, coalesce(spf = 'pass', false) AS in_spf "
            "FROM sums JOIN dmarc_sources kept ON kept.domain = :domain AND kept.source = sums.source "
            "ORDER BY messages DESC, source"
        ),
        {"domain": domain, "days": days, "addresses": list(addresses)},
    )
    return [_source(row) for row in rows]


def days_since(since: date) -> list[date]:
    """Every day until tomorrow, as a reporter's day may begin before ours; so that the table's key (domain,
    day, source) leads straight to the rows."""
    return [since + timedelta(days=number) for number in range((now().date() - since).days + 2)]


def get_source(session: Session, domain: str, address: str, since: date) -> Source:
    """One source of a domain; raises NotFound."""
    found = _sources(session, domain, days_since(since), [address])
    if not found:
        raise NotFound(f"No report tells of mail of {domain} from {address} in this time")
    return found[0]


def _source(row: Any) -> Source:
    reasons = {name: getattr(row, name) for name in ("trusted_forwarder", "mailing_list", "forwarded")}
    return Source(
        row.source,
        row.first_day,
        row.last_day,
        row.last_failed,
        row.set_class,
        row.in_spf,
        passes(row),
        row.arc,
        {name: count for name, count in reasons.items() if count},
    )


def policy_of(stored: dict[str, Any], domain: str) -> Policy:
    """A stored policy as data; that of a domain without DMARC reports says nothing."""
    known = {name: said for name, said in stored.items() if name in Policy.__dataclass_fields__}
    return Policy(**{"domain": domain, **known})


def latest_policy(session: Session, domain: str) -> Policy:
    """The policy as the newest report has it; raises NotFound for a domain without any report."""
    row = session.execute(
        text(f"SELECT policy FROM dmarc_reports WHERE domain = :domain ORDER BY {NEWEST} LIMIT 1"),
        {"domain": domain},
    ).first()
    if row is not None:
        return policy_of(row.policy, domain)
    known = text(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM tls_reports WHERE domain = :domain) "
        "OR EXISTS (SELECT 1 FROM failure_reports WHERE domain = :domain)"
    )
    if session.execute(known, {"domain": domain}).first() is None:
        raise NotFound(f"There is no report about {domain}")
    return policy_of({}, domain)


def reports(
    session: Session, domain: str | None, limit: int, offset: int = 0, day: date | None = None
) -> Sequence[Any]:
    """DMARC and TLS reports, newest first: rows with kind, id, domain, organisation, times and counts."""
    where = "WHERE true" + (" AND domain = :domain" if domain else "") + (" AND day = :day" if day else "")
    shared = "id, domain, organisation, report_id, begin_at, end_at, day, slips, received_at"
    asked = {"limit": limit, "offset": offset}
    return session.execute(
        text(
            f"SELECT 'dmarc' AS kind, {shared}, records, messages, said_either AS good FROM dmarc_reports "
            f"{where} UNION ALL SELECT 'tls', {shared}, jsonb_array_length(policies), successful + failed, "
            f"successful FROM tls_reports {where} ORDER BY end_at DESC, id DESC LIMIT :limit OFFSET :offset"
        ),
        asked | ({"domain": domain} if domain else {}) | ({"day": day} if day else {}),
    ).all()


def count_reports(session: Session) -> int:
    """How many reports are stored."""
    counted = "SELECT (SELECT count(*) FROM dmarc_reports) + (SELECT count(*) FROM tls_reports)"
    return int(session.scalar(text(counted)) or 0)


def get_report(session: Session, number: int) -> Any:
    """One DMARC report; raises NotFound."""
    row = session.execute(text("SELECT * FROM dmarc_reports WHERE id = :id"), {"id": number}).first()
    if row is None:
        raise NotFound(f"There is no report {number}")
    return row


def records(session: Session, report: int, limit: int = MOST_RECORDS, offset: int = 0) -> Sequence[Any]:
    """The records of a report in its order."""
    return session.execute(
        text(
            "SELECT * FROM dmarc_records WHERE report = :report AND number > :offset ORDER BY number "
            "LIMIT :limit"
        ),
        {"report": report, "limit": limit, "offset": offset},
    ).all()


def records_of(session: Session, domain: str, address: str, since: date) -> Sequence[Any]:
    """What each reporter said of a source, newest first, at most 500; not merged."""
    return session.execute(
        text(
            "SELECT r.organisation, r.report_id, r.id AS report, r.day, r.spans, c.* FROM dmarc_records c "
            "JOIN dmarc_reports r ON r.id = c.report WHERE c.source = :address AND r.domain = :domain "
            f"AND r.day >= :since ORDER BY r.day DESC, c.messages DESC, 1, c.number LIMIT {MOST_RECORDS}"
        ),
        {"domain": domain, "address": address, "since": since},
    ).all()


def file_of(session: Session, kind: str, number: int) -> tuple[str, bytes, datetime]:
    """Name, bytes and time of the file in which a report came; raises NotFound."""
    table = "tls_reports" if kind == "tls" else "dmarc_reports"
    row = session.execute(
        text(f"SELECT f.name, f.content, f.received_at FROM report_files f JOIN {table} r "
             "ON r.file_id = f.id WHERE r.id = :id"),
        {"id": number},
    ).first()  # fmt: skip
    if row is None:
        raise NotFound(f"The file of report {number} is not kept")
    return row.name, bytes(row.content), row.received_at


def own_addresses(session: Session) -> frozenset[str]:
    """The addresses that send for us, as the checks of DNS and blocklists know them: the server's, its
    transports' and its relays'."""
    return frozenset(session.scalars(text("SELECT address FROM blocklist_addresses")))


def host_names(session: Session, addresses: Sequence[str]) -> dict[str, str]:
    """The names of these addresses, where one is known."""
    rows = session.execute(
        text("SELECT address, host FROM source_names WHERE host <> '' AND address = ANY(:addresses)"),
        {"addresses": list(addresses)},
    )
    return {row.address: row.host for row in rows}


def policy_changes(session: Session, domain: str, since: date) -> Sequence[Any]:
    """When the domain's DMARC or SPF record changed: (seen_at, check_name, value), oldest first."""
    return session.execute(
        text(
            "SELECT seen_at, check_name, value FROM domain_dns_records WHERE domain_name = :domain AND "
            "check_name IN ('dmarc', 'spf') AND seen_at >= :since AND seen_at > (SELECT min(seen_at) FROM "
            "domain_dns_records WHERE domain_name = :domain) ORDER BY seen_at LIMIT 50"
        ),
        {"domain": domain, "since": since},
    ).all()
