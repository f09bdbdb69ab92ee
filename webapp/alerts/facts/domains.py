"""Facts of domains and of the addresses that send: DNS, blocklists, DMARC reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.alerts.finding import MOST
from webapp.config import Settings
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.verdict import Blocklist, State
from webapp.reports.signs import Day
from webapp.tables.blocklists import BlocklistEntry
from webapp.tables.domains import DomainTurnRow

CHANGED_IN = timedelta(hours=24)  # for so long a changed record counts as news
REPORTED_IN = timedelta(days=30)
NEW_NAMED = 4  # new sources of a domain that are read
MOST_REPORTED = 10_000  # domains


@dataclass(frozen=True)
class Turn:
    """A check of a domain whose result turned worse."""

    domain: str
    check: str
    was: str
    status: str
    message: str
    turned_at: datetime


def turns(session: Session, settings: Settings, _moment: datetime) -> Sequence[Turn]:
    """The checks that are worse than they were, the last first."""
    row = DomainTurnRow
    columns = row.domain_name, row.check_name, row.was, row.status, row.message, row.turned_at
    chosen = select(*columns).where(row.check_name.in_(settings.alert_dns_checks))
    ordered = chosen.order_by(row.turned_at.desc(), row.domain_name, row.check_name)
    return [Turn(*found) for found in session.execute(ordered.limit(MOST))]


@dataclass(frozen=True)
class Change:
    """A record that became another one; None is none at all."""

    domain: str
    check: str
    before: str | None
    after: str | None
    seen_at: datetime


CHANGES = text(
    "SELECT DISTINCT ON (now.domain_name, now.check_name) now.domain_name, now.check_name, "
    "before.value AS before, now.value AS after, now.seen_at FROM domain_dns_records AS now "
    "CROSS JOIN LATERAL (SELECT value FROM domain_dns_records WHERE domain_name = now.domain_name "
    "AND check_name = now.check_name AND seen_at < now.seen_at ORDER BY seen_at DESC LIMIT 1) AS before "
    "WHERE now.seen_at > :since AND now.seen_at <= :moment AND now.check_name = ANY(:checks) "
    "ORDER BY now.domain_name, now.check_name, now.seen_at DESC LIMIT :most"
)


def changes(session: Session, settings: Settings, moment: datetime) -> Sequence[Change]:
    """The records that changed in the last 24 hours; what was seen for the first time is no change."""
    asked = {"checks": list(settings.alert_dns_changes), "most": MOST}
    rows = session.execute(CHANGES, {**asked, "since": moment - CHANGED_IN, "moment": moment})
    return [Change(*row) for row in rows]


@dataclass(frozen=True)
class Listed:
    """An address that is on a blocklist, and how many of our mails came back for it."""

    address: str
    blocklist: Blocklist
    why: str
    since: datetime | None
    bounced: int


def listings(session: Session, _settings: Settings, _moment: datetime) -> Sequence[Listed]:
    """The addresses that are on a blocklist by its last answer."""
    entry, known = BlocklistEntry, {one.zone: one for one in LISTS}
    columns = entry.address, entry.zone, entry.why, entry.known_since, entry.bounced
    chosen = select(*columns).where(entry.known == str(State.LISTED), entry.zone.in_(known))
    rows = session.execute(chosen.order_by(entry.address, entry.zone).limit(MOST))
    return [Listed(row.address, known[row.zone], row.why, row.known_since, row.bounced) for row in rows]


@dataclass(frozen=True)
class Reported:
    """What reports tell of a domain: its days, and the sources that the newest of them shows first."""

    domain: str
    days: Sequence[Day]
    new_sources: Sequence[str]


BY_DAY = text(
    "SELECT domain, array_agg(day ORDER BY day) AS days, array_agg(messages ORDER BY day) AS messages, "
    "array_agg(failed ORDER BY day) AS failed FROM (SELECT domain, day, sum(messages)::bigint AS messages, "
    "sum(messages - said_either)::bigint AS failed FROM dmarc_reports WHERE day >= :since AND day <= :today "
    "GROUP BY domain, day HAVING sum(messages) > 0) AS sums GROUP BY domain ORDER BY domain LIMIT :most"
)
NEW_SOURCES = text(
    "SELECT newest.domain, (SELECT array_agg(source) FROM (SELECT source FROM dmarc_sources "
    "WHERE domain = newest.domain AND last_day >= newest.day AND first_day >= newest.day "
    "ORDER BY source LIMIT :named) AS first) AS sources "
    "FROM unnest(CAST(:domains AS text[]), CAST(:days AS date[])) AS newest (domain, day)"
)


def reported(session: Session, _settings: Settings, moment: datetime) -> Sequence[Reported]:
    """What the reports of the last 30 days tell, by domain."""
    today: date = moment.date()
    asked = {"since": today - REPORTED_IN, "today": today + timedelta(days=1), "most": MOST_REPORTED}
    found = session.execute(BY_DAY, asked).all()
    newest = {"domains": [row.domain for row in found], "days": [row.days[-1] for row in found]}
    rows = session.execute(NEW_SOURCES, {**newest, "named": NEW_NAMED})
    sources = {row.domain: row.sources or [] for row in rows}
    return [
        Reported(
            row.domain,
            [Day(*day) for day in zip(row.days, row.messages, row.failed, strict=True)],
            sources[row.domain],
        )
        for row in found
    ]
