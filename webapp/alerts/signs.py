"""Computing the signs of all mailboxes, and keeping each from its beginning to its end."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from webapp.alerts import mailboxes as rules
from webapp.alerts.mailboxes import Sign, Thresholds
from webapp.config import Settings
from webapp.tables.db import now

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
SENDERS = text(
    "SELECT account, count(*) AS n FROM messages WHERE first_seen > :since AND account IS NOT NULL "
    "AND direction IS DISTINCT FROM 'inbound' GROUP BY account HAVING count(*) >= :least"
)
SAME_HOUR = text(
    "SELECT account, back, count(*) AS n FROM generate_series(1, 7) AS back JOIN messages "
    "ON first_seen >= CAST(:hour AS timestamptz) - back * interval '1 day' "
    "AND first_seen < CAST(:hour AS timestamptz) - back * interval '1 day' + interval '1 hour' "
    "WHERE account = ANY(:accounts) GROUP BY 1, 2"
)
BY_DAY = text(
    "SELECT address, day, sent_total AS sent, sent_bounced + sent_deferred + sent_rejected + sent_expired "
    "AS failed, received_total AS received FROM address_days JOIN mailboxes ON username = address "
    "WHERE active AND day BETWEEN :first AND :last"
)
BOXES = text(
    "SELECT username, quota, quota_used, logins_known, created, last_imap_login, last_pop3_login, "
    "last_smtp_login FROM mailboxes WHERE active AND deleted_at IS NULL"
)
KEEP = text(
    "INSERT INTO mailbox_signs (username, kind, since, seen_at, figures) SELECT :username, :kind, "
    "coalesce((SELECT since FROM mailbox_signs WHERE username = :username AND kind = :kind AND ended_at IS "
    "NULL), "
    ":now), :now, :figures ON CONFLICT (username, kind, since) DO UPDATE "
    "SET seen_at = excluded.seen_at, figures = excluded.figures"
)


def thresholds(settings: Settings) -> Thresholds:
    """The settings from where on a sign is given."""
    return Thresholds(
        settings.sign_burst_mails,
        settings.sign_burst_factor,
        settings.sign_failure_percent,
        settings.sign_quota_percent,
        settings.sign_silent_days,
    )


def watch(connection: Connection, settings: Settings) -> dict[str, Any]:
    """Compute all signs anew, keep those there are and end the others; returns the figures of the run."""
    moment, limits = now(), thresholds(settings)
    found: defaultdict[str, list[Sign]] = defaultdict(list)
    for username, sign in (
        *_bursts(connection, moment, limits),
        *_days(connection, moment, limits),
        *_boxes(connection, moment, limits),
    ):
        if sign is not None:
            found[username].append(sign)
    return {"signs": _keep(connection, moment, found), "ended": _end(connection, moment)}


def _bursts(
    connection: Connection, moment: datetime, limits: Thresholds
) -> Iterable[tuple[str, Sign | None]]:
    senders = connection.execute(SENDERS, {"since": moment - QUARTER, "least": limits.burst_mails}).all()
    if not senders:
        return []
    hour = moment.replace(minute=0, second=0, microsecond=0)
    earlier: defaultdict[str, list[int]] = defaultdict(list)
    for row in connection.execute(SAME_HOUR, {"hour": hour, "accounts": [row.account for row in senders]}):
        earlier[row.account].append(row.n)
    return [(row.account, rules.burst(row.n, earlier[row.account], limits)) for row in senders]


def _days(connection: Connection, moment: datetime, limits: Thresholds) -> Iterable[tuple[str, Sign | None]]:
    """Signs of whole days: the days in which a mailbox may be silent have all ended."""
    today = moment.date()
    span = [today - DAY * back for back in reversed(range(rules.EARLIER_DAYS + limits.silent_days + 1))]
    counted: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
    for row in connection.execute(BY_DAY, {"first": span[0], "last": today}):
        counted[row.address][row.day] = row
    whole = span[:-1]
    others = sum(
        row.received
        for days in counted.values()
        for day, row in days.items()
        if day in whole[-limits.silent_days :]
    )
    lately = (today - DAY, today)
    for address, days in counted.items():
        sent, failed = (_sum(days, lately, name) for name in ("sent", "failed"))
        week = [today - DAY * back for back in range(2, 2 + rules.EARLIER_DAYS)]
        before = [_sum(days, week, name) for name in ("sent", "failed")]
        yield address, rules.failures(sent, failed, before[0], before[1], limits)
        received = [_sum(days, (day,), "received") for day in whole]
        if not _sum(days, (today,), "received"):
            yield address, rules.silent(received, others, limits)


def _sum(days: dict[Any, Any], wanted: Sequence[Any], name: str) -> int:
    return sum(getattr(days[day], name) for day in wanted if day in days)


def _boxes(connection: Connection, moment: datetime, limits: Thresholds) -> Iterable[tuple[str, Sign | None]]:
    for box in connection.execute(BOXES):
        logins = (box.last_imap_login, box.last_pop3_login, box.last_smtp_login)
        yield box.username, rules.quota(box.quota_used, box.quota, limits)
        yield box.username, rules.unused(box.logins_known, logins, box.created, moment)


def _keep(connection: Connection, moment: datetime, found: dict[str, list[Sign]]) -> int:
    rows = [
        {"username": username, "kind": sign.kind, "now": moment, "figures": Jsonb(sign.figures)}
        for username, signs in found.items()
        for sign in signs
    ]
    if rows:
        connection.execute(KEEP, rows)
    return len(rows)


def _end(connection: Connection, moment: datetime) -> int:
    ended = text("UPDATE mailbox_signs SET ended_at = :now WHERE ended_at IS NULL AND seen_at < :now")
    return connection.execute(ended, {"now": moment}).rowcount


@dataclass(frozen=True)
class NotedSign:
    """A sign as pages tell it: of which mailbox, since when, in words, and the numbers in these."""

    username: str
    kind: str
    title: str
    sentence: str
    since: datetime
    ended_at: datetime | None
    figures: dict[str, float]


def page_of(username: str) -> str:
    """The path of a mailbox's page."""
    return f"/mailboxes/{quote(username, safe='@')}"


def current(session: Session, limit: int = 100) -> list[NotedSign]:
    """The signs there are now, the worst kinds first."""
    rows = session.execute(
        text(
            "SELECT username, kind, since, ended_at, figures FROM mailbox_signs WHERE ended_at IS NULL "
            "ORDER BY array_position(ARRAY['burst', 'failures', 'quota', 'silent', 'unused'], kind), "
            "username "
            "LIMIT :limit"
        ),
        {"limit": limit},
    )
    return [_told(row) for row in rows]


def of_mailbox(session: Session, username: str, limit: int = 20) -> list[NotedSign]:
    """The signs of one mailbox, those there are first, then the newest that are over."""
    rows = session.execute(
        text(
            "SELECT username, kind, since, ended_at, figures FROM mailbox_signs WHERE username = :username "
            "ORDER BY ended_at IS NOT NULL, since DESC LIMIT :limit"
        ),
        {"username": username, "limit": limit},
    )
    return [_told(row) for row in rows]


def _told(row: Any) -> NotedSign:
    return NotedSign(
        row.username,
        row.kind,
        rules.TITLES[rules.Kind(row.kind)],
        rules.sentence(row.kind, row.figures),
        row.since,
        row.ended_at,
        row.figures,
    )
