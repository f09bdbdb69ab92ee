"""What is stored of DMARC reports: domains, days, reporters, reports, records. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.dmarc.period import IN_PERIOD, SEEN, period
from webapp.dmarc.sums import Passes, passes, summed, total
from webapp.errors import NotFound
from webapp.reports.records import Policy

MOST_DOMAINS = 10_000
MOST_RECORDS = 500  # of one report on a page
NEWEST = (
    "end_at > now() + interval '2 days', end_at DESC, id DESC"  # one about days to come is not the newest
)


@dataclass(frozen=True)
class Domain:
    """One domain that reports tell of; what is counted is of the period, but for `all_reports` and
    `all_tls_reports`."""

    name: str
    all_reports: int
    all_tls_reports: int
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
            "WITH dmarc AS (SELECT domain, count(*) AS all_reports, "
            f"count(*) FILTER (WHERE {IN_PERIOD}) AS reports, min(day) AS first, max(day) AS last, "
            f"(array_agg(policy ORDER BY {NEWEST}))[1] AS policy, "
            f"{summed_since()} FROM dmarc_reports GROUP BY domain), "
            "tls AS (SELECT domain, count(*) AS all_reports, "
            "count(*) FILTER (WHERE day >= :since) AS reports, min(day) AS first, max(day) AS last, "
            "coalesce(sum(successful) FILTER (WHERE day >= :since), 0)::bigint AS successful, "
            "coalesce(sum(failed) FILTER (WHERE day >= :since), 0)::bigint AS failed "
            "FROM tls_reports GROUP BY domain), "
            "ruf AS (SELECT domain, min(day) AS first, max(day) AS last, "
            "count(*) FILTER (WHERE day >= :since) AS failures FROM failure_reports GROUP BY domain), "
            f"seen AS (SELECT domain, count(*) AS sources FROM dmarc_sources WHERE {SEEN} GROUP BY domain) "
            "SELECT coalesce(dmarc.domain, tls.domain, ruf.domain) AS name, "
            "coalesce(dmarc.all_reports, 0) AS all_reports, coalesce(tls.all_reports, 0) AS all_tls_reports, "
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
        period(since),
    )
    return [
        Domain(
            row.name,
            row.all_reports,
            row.all_tls_reports,
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
        f"coalesce(sum({name}) FILTER (WHERE {IN_PERIOD}), 0)::bigint AS {name}"
        for name in Passes.__dataclass_fields__
    )


def days(
    session: Session,
    domain: str,
    since: date,
    limit: int = 366,
    offset: int = 0,
    until: date | None = None,
) -> list[Day]:
    """The days of a domain that have reports, newest first, each with its sources counted."""
    rows = session.execute(
        text(
            "WITH days AS (SELECT day, count(*) AS reports, count(*) FILTER (WHERE spans) AS spans, "
            f"array_agg(DISTINCT organisation ORDER BY organisation) AS reporters, {summed()} "
            f"FROM dmarc_reports WHERE domain = :domain AND {IN_PERIOD} GROUP BY day "
            "ORDER BY day DESC LIMIT :limit OFFSET :offset), "
            "seen AS (SELECT day, count(*) AS sources FROM dmarc_source_days WHERE domain = :domain "
            "AND day BETWEEN (SELECT min(day) FROM days) AND (SELECT max(day) FROM days) GROUP BY day) "
            "SELECT days.*, coalesce(seen.sources, 0) AS sources FROM days LEFT JOIN seen USING (day) "
            "ORDER BY day DESC"
        ),
        {**period(since), **({"until": until} if until else {})}
        | {"domain": domain, "limit": limit, "offset": offset},
    )
    return [Day(row.day, row.reports, row.spans, row.reporters, row.sources, passes(row)) for row in rows]


def day_of(session: Session, domain: str, day: date) -> Day:
    """One day of a domain as the list of days has it; without reports all is 0."""
    found = days(session, domain, day, 1, until=day)
    return found[0] if found else Day(day, 0, 0, [], 0, total([]))


def daily_sums(session: Session, domain: str, since: date) -> list[tuple[date, Passes]]:
    """The days of a domain, oldest first, without their sources."""
    rows = session.execute(
        text(
            f"SELECT day, {summed()} FROM dmarc_reports WHERE domain = :domain "
            f"AND {IN_PERIOD} GROUP BY day ORDER BY day"
        ),
        {"domain": domain, **period(since)},
    )
    return [(row.day, passes(row)) for row in rows]


def count_days(session: Session, domain: str, since: date) -> int:
    """How many days of the period have reports."""
    counted = f"SELECT count(DISTINCT day) FROM dmarc_reports WHERE domain = :domain AND {IN_PERIOD}"
    return int(session.scalar(text(counted), {"domain": domain, **period(since)}) or 0)


def reporters(session: Session, domain: str, since: date) -> list[Reporter]:
    """Who reports, the one with the most messages first; at most 500."""
    rows = session.execute(
        text(
            f"SELECT organisation, count(*) AS reports, max(day) AS last, {summed()} FROM dmarc_reports "
            f"WHERE domain = :domain AND {IN_PERIOD} GROUP BY organisation "
            f"ORDER BY messages DESC, organisation LIMIT {MOST_RECORDS}"
        ),
        {"domain": domain, **period(since)},
    )
    return [Reporter(row.organisation, row.reports, row.last, passes(row)) for row in rows]


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
