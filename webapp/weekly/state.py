"""What a week's summary tells of accounts, domains, blocklists and storage. Queries only read."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.signs import NotedSign, current
from webapp.dmarc.queries import domains as reported_domains
from webapp.dmarc.sums import Passes, passes, summed
from webapp.domains.overview import DomainState, known, states
from webapp.tables.db import now
from webapp.weekly.week import Week

MOST = 10  # rows of one table
CHANGED = text(
    "SELECT domain_name, check_name, max(seen_at) AS at FROM domain_dns_records AS new "
    "WHERE seen_at >= :start AND seen_at < :end AND EXISTS (SELECT 1 FROM domain_dns_records AS old "
    "WHERE (old.domain_name, old.check_name) = (new.domain_name, new.check_name) "
    "AND old.seen_at < new.seen_at) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT :most"
)
REPORTED = text(
    f"SELECT domain, {summed()} FROM dmarc_reports WHERE day BETWEEN :first AND :last GROUP BY domain"
)
FIRST_REPORT = text("SELECT min(day) FROM dmarc_reports")
SIZES = text(
    "SELECT count(*) AS mailboxes, sum(quota_used)::bigint AS used, "
    "(SELECT sum(quota_used)::bigint FROM mailbox_sizes WHERE day = :past) AS used_before "
    "FROM mailbox_sizes "
    "WHERE day = (SELECT max(day) FROM mailbox_sizes WHERE day BETWEEN :first AND :last)"
)
GROWN = text(
    "SELECT latest.username, latest.quota_used AS used, latest.quota_used - past.quota_used AS grown "
    "FROM mailbox_sizes AS latest JOIN mailbox_sizes AS past "
    "ON past.username = latest.username AND past.day = :past "
    "WHERE latest.day = (SELECT max(day) FROM mailbox_sizes WHERE day BETWEEN :first AND :last) "
    "AND latest.quota_used > past.quota_used ORDER BY 3 DESC, 1 LIMIT :most"
)
SIGNS_OVER = text(
    "SELECT count(*) FROM mailbox_signs WHERE since >= :start AND since < :end AND ended_at IS NOT NULL"
)
GAPS = text(
    'SELECT source, start, "end" FROM log_gaps WHERE "end" >= :start AND start < :end '
    "ORDER BY start, source LIMIT :most"
)
NOTICED = text(
    "SELECT severity, count(*) AS n FROM notices WHERE made_at >= :start AND made_at < :end "
    "AND NOT kinds && ARRAY['test', 'summary'] GROUP BY severity"
)


@dataclass(frozen=True)
class Accounts:
    """The signs of trouble that there are now, and how many began in the week and are over."""

    signs: tuple[NotedSign, ...]
    total: int
    over: int


@dataclass(frozen=True)
class RecordChange:
    """A record of a domain that became another one."""

    domain: str
    check: str
    at: datetime


@dataclass(frozen=True)
class Domains:
    """How the domains stand now: those with issues, the worst first, and the records that changed in the
    week."""

    total: int
    issues: int
    worst: tuple[DomainState, ...]
    changes: tuple[RecordChange, ...]


@dataclass(frozen=True)
class Reported:
    """What DMARC reports say of a domain since the week's first day, and of the week before (None: there were
    no reports yet)."""

    domain: str
    passes: Passes
    before: Passes | None


@dataclass(frozen=True)
class Dmarc:
    """The domains that other servers reported on, most messages first; `total` is how many there are."""

    days_back: int
    rows: tuple[Reported, ...]
    total: int


@dataclass(frozen=True)
class Grown:
    """A mailbox that grew; bytes."""

    username: str
    used: int
    grown: int


@dataclass(frozen=True)
class Sizes:
    """What the mailboxes hold, in bytes; `grown` is None where the sizes of a week ago are not known."""

    mailboxes: int
    used: int
    grown: int | None
    most: tuple[Grown, ...]


@dataclass(frozen=True)
class Lost:
    """Lines of a log that were lost for good."""

    source: str
    start: datetime
    end: datetime


def _span(week: Week) -> dict[str, object]:
    return {"start": week.days.start, "end": week.end}


def accounts(session: Session, week: Week) -> Accounts:
    """The mailboxes in trouble."""
    found = current(session)
    over = int(session.scalar(SIGNS_OVER, _span(week)) or 0)
    return Accounts(tuple(found[:MOST]), len(found), over)


def domains(session: Session, week: Week) -> Domains:
    """The domains with issues, and what changed."""
    listed = states(session, known(session))
    bad = [state for state in listed if state.has_issues]
    rows = session.execute(CHANGED, {**_span(week), "most": MOST})
    changes = tuple(RecordChange(row.domain_name, row.check_name, row.at) for row in rows)
    return Domains(len(listed), len(bad), tuple(bad[:MOST]), changes)


def dmarc(session: Session, week: Week) -> Dmarc:
    """The reported domains; those sums are what the room DMARC shows for as many days back."""
    found = [one for one in reported_domains(session, week.days.first) if one.passes.messages]
    days = week.before.days
    first = session.scalar(FIRST_REPORT)
    rows = session.execute(REPORTED, {"first": days.first, "last": days.last})
    before = {row.domain: passes(row) for row in rows} if first and first <= days.first else {}
    return Dmarc(
        (now().date() - week.days.first).days,
        tuple(Reported(one.name, one.passes, before.get(one.name)) for one in found[:MOST]),
        len(found),
    )


def sizes(session: Session, week: Week) -> Sizes:
    """What the mailboxes held at the end of the week, and which grew most."""
    past: date = week.days.first - timedelta(days=1)
    asked = {"first": week.days.first, "last": week.days.last, "past": past}
    row = session.execute(SIZES, asked).one()
    grown = None if row.used_before is None else (row.used or 0) - row.used_before
    most = [
        Grown(one.username, one.used, one.grown) for one in session.execute(GROWN, {**asked, "most": MOST})
    ]
    return Sizes(row.mailboxes, row.used or 0, grown, tuple(most))


def lost(session: Session, week: Week) -> tuple[Lost, ...]:
    """What was lost of the logs in the week."""
    return tuple(
        Lost(row.source, row.start, row.end) for row in session.execute(GAPS, {**_span(week), "most": MOST})
    )


def noticed(session: Session, week: Week) -> dict[str, int]:
    """How many notices were made in the week, by severity."""
    return {row.severity: row.n for row in session.execute(NOTICED, _span(week))}
