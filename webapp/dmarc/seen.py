"""What is stored of the sources of mail: addresses with their sums, and what each reporter said. Only
reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.dmarc.period import IN_PERIOD, SEEN, days_since, period
from webapp.dmarc.sums import Passes, passes, summed
from webapp.errors import NotFound

MOST_RECORDS = 500  # of one source on a page
REASONS = "sum(arc)::bigint AS arc, sum(trusted_forwarder)::bigint AS trusted_forwarder, " \
    "sum(mailing_list)::bigint AS mailing_list, sum(forwarded)::bigint AS forwarded"  # fmt: skip


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


def count_sources(session: Session, since: date, domain: str | None = None) -> int:
    """How many sources were seen in the period, of one domain or of all."""
    where = SEEN + (" AND domain = :domain" if domain else "")
    counted = "count(*)" if domain else "count(DISTINCT source)"
    asked = period(since) | ({"domain": domain} if domain else {})
    return int(session.scalar(text(f"SELECT {counted} FROM dmarc_sources WHERE {where}"), asked) or 0)


def sources(session: Session, domain: str, since: date, limit: int, offset: int = 0) -> list[Source]:
    """The sources of a domain in the period, the one with the most messages first.

    First the page's addresses by one sum, then all sums of these: twelve sums over a quarter of a million
    rows take three times as long.
    """
    ranked = session.execute(
        text(
            f"SELECT source FROM dmarc_source_days WHERE domain = :domain AND {IN_PERIOD} GROUP BY source "
            "ORDER BY sum(messages) DESC, source LIMIT :limit OFFSET :offset"
        ),
        {"domain": domain, **period(since), "limit": limit, "offset": offset},
    )
    addresses = list(ranked.scalars())
    return _sources(session, domain, days_since(since), addresses) if addresses else []


def busiest_sources(session: Session, domain: str, since: date, limit: int) -> list[tuple[str, int]]:
    """Addresses with their messages in the period, most first."""
    rows = session.execute(
        text(
            "SELECT source, sum(messages)::bigint AS messages FROM dmarc_source_days WHERE domain = :domain "
            f"AND {IN_PERIOD} GROUP BY source ORDER BY 2 DESC, 1 LIMIT :limit"
        ),
        {"domain": domain, **period(since), "limit": limit},
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


def records_of(session: Session, domain: str, address: str, since: date) -> Sequence[Any]:
    """What each reporter said of a source, newest first, at most 500; not merged."""
    return session.execute(
        text(
            "SELECT r.organisation, r.report_id, r.id AS report, r.day, r.spans, c.* FROM dmarc_records c "
            "JOIN dmarc_reports r ON r.id = c.report WHERE c.source = :address AND r.domain = :domain "
            f"AND r.{IN_PERIOD} ORDER BY r.day DESC, c.messages DESC, 1, c.number LIMIT {MOST_RECORDS}"
        ),
        {"domain": domain, "address": address, **period(since)},
    ).all()


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
