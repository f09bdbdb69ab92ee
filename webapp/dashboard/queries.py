"""The dashboard's figures. Queries only read."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.dashboard.answers import Arrival, BlockedAddress, Dashboard, Hour, Trigger
from webapp.dashboard.cube import CUBE, FRESH, Cube, cube
from webapp.lists.remembered import extent_key
from webapp.mailcow.live import BANS, QUEUE, key_of
from webapp.messages.answers import MessageRow
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.parse.symbols import triggers
from webapp.parse.words import Direction, Outcome
from webapp.tables.db import now, plan_anew

SPAM_ROWS = 2_000  # newest spam scans in which symbols are counted
BLOCKED_EVENTS = 100_000
LONGEST_TIMELINE = 24 * 60  # hours
AUTH, SYMBOLS, BUSIEST = "dashboard:auth", "symbols", "busiest"  # names of what is cached
CHARTS = {"24h": (timedelta(hours=1), 24), "7d": (timedelta(hours=6), 28), "30d": (timedelta(days=1), 30)}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEWEST_SPAM = text(
    "SELECT array_agg(symbols) AS symbols, min(time) AS oldest FROM ("
    "SELECT time, symbols FROM rspamd_logs WHERE is_spam AND time BETWEEN :start AND :end "
    f"ORDER BY time DESC, id DESC LIMIT {SPAM_ROWS}) AS newest"
)


@dataclass(frozen=True)
class AuthFailures:
    """Failed logins (events that name a rule): of 24 hours, of the 24 before, and of 7 days."""

    day: int
    before: int
    week: int
    taken_at: datetime


def dashboard(session: Session) -> Dashboard:
    """The answer of /api/stats/dashboard."""
    counted, failures = cube(session), auth_failures(session)
    blocked = {span: counted.count(span, lambda cell: cell.blocked) for span in ("24h", "7d")}
    total, spam = counted.count("24h"), counted.count("24h", lambda cell: cell.spam)
    return Dashboard(
        messages={span: counted.count(span) for span in ("24h", "7d", "30d")},
        spam={
            "24h": spam,
            "7d": counted.count("7d", lambda cell: cell.spam),
            "percentage_24h": percentage(spam, total),
        },
        failed_deliveries={span: counted.count(span, lambda cell: cell.failed) for span in ("24h", "7d")},
        blocked={**blocked, "percentage_24h": percentage(blocked["24h"], total)},
        deferred={
            span: counted.count(span, lambda cell: cell.has(Outcome.DEFERRED)) for span in ("24h", "7d")
        },
        auth_failures={"24h": failures.day, "7d": failures.week},
        direction={
            f"{way}_24h": counted.count("24h", lambda cell, way=way: cell.direction == way)  # type: ignore[misc]
            for way in Direction
        },
        taken_at=counted.taken_at,
    )


def percentage(part: int, whole: int) -> float:
    """Per cent with two digits; 0 of nothing is 0."""
    return round(100 * part / whole, 2) if whole else 0.0


def auth_failures(session: Session) -> AuthFailures:
    """The failed logins, at most a minute old."""
    return cache.cached(AUTH, FRESH, lambda: _auth_failures(session), AuthFailures)


def _auth_failures(session: Session) -> AuthFailures:
    moment = now().replace(microsecond=0)
    plan_anew(session.connection())
    row = session.execute(
        text(
            "SELECT count(*) FILTER (WHERE time >= :day) AS day, count(*) FILTER (WHERE time < :day AND time "
            ">= :two) AS before, "
            "count(*) AS week FROM netfilter_logs WHERE action = 'warning' AND rule_id IS NOT NULL AND time "
            "BETWEEN :week AND :now"
        ),
        {
            "now": moment,
            "day": moment - timedelta(days=1),
            "two": moment - timedelta(days=2),
            "week": moment - timedelta(days=7),
        },
    ).one()
    return AuthFailures(row.day, row.before, row.week, moment)


def timeline(session: Session, hours: int) -> list[Hour]:
    """The answer of /api/stats/timeline: one entry an hour, the running hour last."""
    current = _whole_hour(now())
    starts = [current - HOUR * number for number in reversed(range(hours))]
    bars = cube(session).bars(starts, lambda cell: ("total", "spam" if cell.spam else "clean"))
    return [Hour(time, counts["total"], counts["spam"], counts["clean"]) for time, counts in bars]


def chart(
    counted: Cube, span: str, tz: str, status: str | None = None
) -> list[tuple[datetime, Counter[str]]]:
    """Messages by outcome over just 24h, 7d or 30d: (time, {word: count}), the running step last and the
    first one cut where the span begins.

    With `status` only what the list's filter of that name finds, all under this one word.
    """
    step, number = CHARTS[span]
    since = counted.since(span)
    starts = chart_starts(counted.taken_at, step, number + max(DAY // step, 1), ZoneInfo(tz))
    first = max(bisect_right(starts, since) - 1, 0)
    bars = counted.within(span).bars(
        starts[first:],
        lambda cell: (cell.word,) if status is None else (status,) if cell.found_by(status) else (),
    )
    return [(max(start, since), counts) for start, counts in bars]


def chart_starts(moment: datetime, step: timedelta, number: int, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of the last hours, or of the zone's last days or parts of them.

    Messages are counted by the hours of UTC: in a zone half an hour off, a day begins with the hour in which
    it really does.
    """
    if step <= HOUR:
        return [_whole_hour(moment) - step * back for back in reversed(range(number))]
    today = moment.astimezone(zone).date()
    hours = range(0, 24, int(step / HOUR))
    days = [today - DAY * back for back in reversed(range(number // len(hours)))]
    starts = [_whole_hour(datetime.combine(day, time(hour), zone)) for day in days for hour in hours]
    return [start for start in starts if start <= moment]


def _whole_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def figures(session: Session) -> tuple[Cube, AuthFailures]:
    """The counted messages and the failed logins, for the cards."""
    return cube(session), auth_failures(session)


Row = TypeVar("Row")


@dataclass(frozen=True)
class Ranking(Generic[Row]):
    """Rows with most of something first, counted in what happened from `start` to `end`, both included."""

    start: datetime
    end: datetime
    rows: list[Row]


def top_spam_triggers(session: Session, limit: int) -> Ranking[Trigger]:
    """The symbols that raised the score of the newest 2,000 spam mails of the last seven days, by how many of
    them have each."""
    make = partial(_spam_triggers, session, limit)
    return cache.cached(_ranking(SYMBOLS, limit), FRESH, make, Ranking[Trigger])


def _spam_triggers(session: Session, limit: int) -> Ranking[Trigger]:
    end = now().replace(microsecond=0)
    plan_anew(session.connection())
    newest = session.execute(NEWEST_SPAM, {"start": end - timedelta(days=7), "end": end}).one()
    found = [Trigger(*each) for each in triggers(newest.symbols or (), limit)]
    return Ranking(newest.oldest if found else end - timedelta(days=7), end, found)


def top_blocked_ips(session: Session, limit: int) -> Ranking[BlockedAddress]:
    """The addresses with most warnings and bans of the last seven days."""
    return _addresses(session, limit, "blocked", "action IN ('warning', 'banned')")


def busiest_addresses(session: Session, limit: int) -> Ranking[BlockedAddress]:
    """The addresses with most attempts of the last seven days, as the Security page counts them: warnings
    that name a rule."""
    return _addresses(session, limit, BUSIEST, "action = 'warning' AND rule_id IS NOT NULL")


def _addresses(session: Session, limit: int, name: str, which: str) -> Ranking[BlockedAddress]:
    statement = f"""
        WITH events AS (SELECT ip, time FROM netfilter_logs WHERE {which} AND ip IS NOT NULL
                        AND time BETWEEN :start AND :end ORDER BY time DESC LIMIT {BLOCKED_EVENTS})
        SELECT ip, count(*) AS count, max(time) AS last_seen, (SELECT min(time) FROM events) AS oldest
        FROM events GROUP BY ip ORDER BY 2 DESC, 3 DESC, 1 LIMIT :limit"""
    make = partial(_rank, session, limit, statement, BlockedAddress)
    return cache.cached(_ranking(name, limit), FRESH, make, Ranking[BlockedAddress])


def _rank(session: Session, limit: int, statement: str, shape: type[Row]) -> Ranking[Row]:
    """The rows of the last seven days, from the `oldest` that was looked at; the other columns are those of
    the shape."""
    end = now().replace(microsecond=0)
    plan_anew(session.connection())
    values = {"start": end - timedelta(days=7), "end": end, "limit": limit}
    found = session.execute(text(statement), values).all()
    start: datetime = found[-1].oldest if found else end - timedelta(days=7)
    return Ranking(start, end, [shape(*row[:-1]) for row in found])


def recent(session: Session, limit: int) -> Sequence[MessageRow]:
    """The newest messages."""
    return MESSAGES.search(session, MessageFilter(limit=limit), 1).rows


def arrival(row: MessageRow) -> Arrival:
    """A message as /api/stats/recent-activity tells of it."""
    return Arrival(
        time=row.first_seen,
        sender=row.sender,
        recipient=row.recipient,
        subject=row.subject,
        direction=row.direction,
        status=row.final_status,
        correlation_key=row.correlation_key,
    )


def _ranking(name: str, limit: int) -> str:
    return f"dashboard:{name}:{limit}"


def kept_in_redis(limit: int) -> list[str]:
    """The keys of what all cards read from there; `limit` are the rows of a ranking."""
    figures = CUBE, AUTH, _ranking(SYMBOLS, limit), _ranking(BUSIEST, limit), extent_key("messages")
    return [key_of(QUEUE), key_of(BANS), *map(cache.cached_key, figures)]
