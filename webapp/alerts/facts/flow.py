"""Facts of the flow of mail: the queue, what was sent and came back, the quarantine, refused sign-ins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.facts.server import FRESH
from webapp.config import Settings
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.parse.words import UNDELIVERABLE, Direction, LogSource, RspamdAction
from webapp.tables.db import utc

YOUNG = timedelta(minutes=15)
SENT_IN, ACTED_IN = timedelta(hours=6), timedelta(hours=24)
SIGN_IN_SPAN = timedelta(minutes=15)
MOST_ACTED, MOST_USERS = 1_000, 500
ACTED = (RspamdAction.REJECT, RspamdAction.ADD_HEADER, RspamdAction.REWRITE_SUBJECT)


@dataclass(frozen=True)
class Queue:
    """The queue without what is held on purpose: its mails, those of the last 15 minutes, the oldest's
    arrival."""

    mails: int
    young: int
    oldest: datetime | None


WAITING = text(
    "SELECT count(*) AS mails, count(*) FILTER (WHERE arrival > :young) AS young, min(arrival) AS oldest "
    "FROM (SELECT CASE WHEN entry->>'arrival_time' ~ '^[0-9]{1,11}$' "
    "THEN CAST(entry->>'arrival_time' AS bigint) END AS arrival "
    "FROM snapshots, jsonb_path_query(data, '$[*]') AS entry "
    "WHERE name = :name AND entry->>'queue_name' IS DISTINCT FROM 'hold') AS waiting"
)
TAKEN = text("SELECT taken_at FROM snapshots WHERE name = :name AND taken_at > :fresh")


def queue(session: Session, _settings: Settings, moment: datetime) -> Queue | None:
    """The queue as mailcow listed it last."""
    if session.scalar(TAKEN, {"name": QUEUE.name, "fresh": moment - FRESH}) is None:
        return None
    asked = {"name": QUEUE.name, "young": (moment - YOUNG).timestamp()}
    row = session.execute(WAITING, asked).one()
    return Queue(row.mails, row.young, utc(row.oldest) if row.oldest else None)


@dataclass(frozen=True)
class Sent:
    """Messages to other servers since a whole hour, and those that came back or expired."""

    since: datetime
    messages: int
    failed: int


SENT = text(
    "SELECT coalesce(sum(n), 0)::bigint AS messages, "
    "coalesce(sum(n) FILTER (WHERE outcomes && CAST(:failed AS text[])), 0)::bigint AS failed "
    "FROM message_hours WHERE hour >= :since AND hour <= :moment AND direction = :direction"
)


def sent(session: Session, _settings: Settings, moment: datetime) -> Sent:
    """What was sent in the last six hours, the running one among them."""
    since = moment.replace(minute=0, second=0, microsecond=0) - SENT_IN + timedelta(hours=1)
    asked = {"failed": list(UNDELIVERABLE), "since": since, "moment": moment, "direction": Direction.OUTBOUND}
    row = session.execute(SENT, asked).one()
    return Sent(since, row.messages, row.failed)


@dataclass(frozen=True)
class Newest:
    """When the newest mail began."""

    at: datetime


NEWEST = text(
    "SELECT (SELECT first_seen FROM messages WHERE first_seen <= :moment ORDER BY first_seen DESC LIMIT 1) "
    "FROM log_cursors WHERE source = :source AND fetched_at > :fresh"
)


def newest(session: Session, _settings: Settings, moment: datetime) -> Newest | None:
    """The newest mail; None while the log is not read, or before the first one."""
    asked = {"moment": moment, "source": LogSource.POSTFIX, "fresh": moment - FRESH}
    found = session.scalar(NEWEST, asked)
    return None if found is None else Newest(found)


@dataclass(frozen=True)
class Quarantine:
    """Mails to us that Rspamd rejected or marked, since the quarantine gained one or for a day.

    `acted` stops at 1,000. `last_gain` is when the quarantine's newest mail came, None where it is empty.
    """

    acted: int
    since: datetime
    last_gain: datetime | None


GAINED = text(
    "SELECT taken_at, (SELECT max(CAST(entry->>'created' AS bigint)) "
    "FROM jsonb_path_query(data, '$[*]') AS entry WHERE entry->>'created' ~ '^[0-9]{1,11}$') AS newest "
    "FROM snapshots WHERE name = :name AND taken_at > :fresh"
)
ACTED_ON = text(
    "SELECT count(*) FROM (SELECT 1 FROM rspamd_logs WHERE action = ANY(:actions) "
    "AND time > :since AND time <= :until AND direction = :direction LIMIT :most) AS acted"
)


def quarantine(session: Session, _settings: Settings, moment: datetime) -> Quarantine | None:
    """What Rspamd acted on since the quarantine gained a mail."""
    taken = session.execute(GAINED, {"name": QUARANTINE.name, "fresh": moment - FRESH}).first()
    if taken is None:
        return None
    gained = utc(taken.newest) if taken.newest else None
    since = max(gained, moment - ACTED_IN) if gained else moment - ACTED_IN
    asked = {"actions": list(ACTED), "since": since, "until": taken.taken_at, "most": MOST_ACTED}
    acted = session.scalar(ACTED_ON, {**asked, "direction": Direction.INBOUND})
    return Quarantine(int(acted or 0), since, gained)


@dataclass(frozen=True)
class SignIns:
    """Refused sign-ins of one user in the last 15 minutes, and from how many addresses."""

    user: str
    refused: int
    addresses: int
    since: datetime
    source: str


REFUSED = text(  # netfilter counts what Dovecot tells too: the source that tells more has seen them all
    "WITH counted AS (SELECT lower(left(username, 200)) AS login, count(*) AS refused, "
    "count(DISTINCT ip) AS addresses, min(time) AS since, 'netfilter' AS source FROM netfilter_logs "
    "WHERE time > :since AND time <= :moment AND action = 'warning' AND rule_id IS NOT NULL "
    "AND username IS NOT NULL GROUP BY 1 UNION ALL "
    "SELECT lower(left(username, 200)), sum(attempts)::bigint, count(DISTINCT ip), min(time), 'dovecot' "
    "FROM dovecot_logs WHERE time > :since AND time <= :moment AND event = 'refused' GROUP BY 1), "
    "most AS (SELECT DISTINCT ON (login) * FROM counted WHERE refused >= :least AND login <> '' "
    "ORDER BY login, refused DESC, source DESC) SELECT * FROM most ORDER BY refused DESC, login LIMIT :most"
)


def sign_ins(session: Session, settings: Settings, moment: datetime) -> Sequence[SignIns]:
    """The users with at least half as many refused sign-ins as the threshold, most first."""
    asked = {"least": max(1, settings.alert_sign_ins // 2), "most": MOST_USERS}
    rows = session.execute(REFUSED, {"since": moment - SIGN_IN_SPAN, "moment": moment, **asked})
    return [SignIns(row.login, row.refused, row.addresses, row.since, row.source) for row in rows]
