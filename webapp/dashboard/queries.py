"""The dashboard's figures. Queries only read."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.dashboard.cube import FRESH, Cube, cube
from webapp.db import now, utc
from webapp.messages.filter import MessageFilter
from webapp.messages.queries import Row, search_messages

SPAM_ROWS = 2_000  # newest spam scans in which symbols are counted
BLOCKED_EVENTS = 100_000
LONGEST_TIMELINE = 24 * 60  # hours
DIRECTIONS = ("inbound", "outbound", "internal")
CHARTS = {"24h": (timedelta(hours=1), 24), "7d": (timedelta(hours=6), 28), "30d": (timedelta(days=1), 30)}


def dashboard(session: Session) -> dict[str, Any]:
    """The answer of /api/stats/dashboard."""
    counted, failures = cube(session), auth_failures(session)
    total, spam = counted.count("24h"), counted.count("24h", lambda cell: cell.spam)
    return {
        "messages": {span: counted.count(span) for span in ("24h", "7d", "30d")},
        "spam": {"24h": spam, "7d": counted.count("7d", lambda cell: cell.spam), "percentage_24h": percentage(spam, total)},
        "failed_deliveries": {span: counted.count(span, lambda cell: cell.failed) for span in ("24h", "7d")},
        "auth_failures": {"24h": failures["24h"], "7d": failures["7d"]},
        "direction": {f"{way}_24h": counted.count("24h", lambda cell, way=way: cell.direction == way)  # type: ignore[misc]
                      for way in DIRECTIONS},
        "taken_at": counted.taken_at,
    }


def percentage(part: int, whole: int) -> float:
    """Per cent with two digits; 0 of nothing is 0."""
    return round(100 * part / whole, 2) if whole else 0.0


def auth_failures(session: Session) -> dict[str, Any]:
    """Failed logins (events that name a rule): of 24 hours, the 24 before, and 7 days; `taken_at` in Unix seconds."""
    return dict(cache.cached("dashboard:auth", FRESH, lambda: _auth_failures(session)))


def _auth_failures(session: Session) -> dict[str, Any]:
    moment = now().replace(microsecond=0)
    row = session.execute(text(
        "SELECT count(*) FILTER (WHERE time >= :day) AS day, count(*) FILTER (WHERE time < :day AND time >= :two) AS before, "
        "count(*) AS week FROM netfilter_logs WHERE action = 'warning' AND rule_id IS NOT NULL AND time BETWEEN :week AND :now"),
        {"now": moment, "day": moment - timedelta(days=1), "two": moment - timedelta(days=2), "week": moment - timedelta(days=7)}).one()
    return {"24h": row.day, "before": row.before, "7d": row.week, "taken_at": moment.timestamp()}


def timeline(session: Session, hours: int) -> list[dict[str, Any]]:
    """The answer of /api/stats/timeline: one entry an hour, the running hour last."""
    first = now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    bars = cube(session).bars(first, timedelta(hours=1), hours, lambda cell: ("total", "spam" if cell.spam else "clean"))
    return [{"hour": time, "total": counts["total"], "spam": counts["spam"], "clean": counts["clean"]} for time, counts in bars]


def chart(session: Session, span: str) -> list[tuple[datetime, Counter[str]]]:
    """Messages by outcome over 24h, 7d or 30d: (time, {word: count}), the running step last."""
    step, number = CHARTS[span]
    current = now().replace(minute=0, second=0, microsecond=0)
    if step >= timedelta(hours=6):
        current = current.replace(hour=current.hour - current.hour % (6 if step < timedelta(days=1) else 24))
    return cube(session).bars(current - step * (number - 1), step, number, lambda cell: (cell.word,))


def figures(session: Session) -> tuple[Cube, dict[str, Any]]:
    """The counted messages and the failed logins, for the cards."""
    return cube(session), auth_failures(session)


def top_spam_triggers(session: Session, limit: int) -> list[dict[str, Any]]:
    """The symbols that raised the score of the newest 2,000 spam mails of the last seven days most often."""
    return list(cache.cached(f"dashboard:symbols:{limit}", FRESH, lambda: [dict(row._mapping) for row in session.execute(text(
        "SELECT s.key AS symbol, count(*) AS count FROM (SELECT symbols FROM rspamd_logs WHERE is_spam AND time >= :since "
        f"ORDER BY time DESC, id DESC LIMIT {SPAM_ROWS}) AS spam, jsonb_each(symbols) AS s "
        "WHERE jsonb_typeof(s.value) = 'object' AND jsonb_typeof(s.value->'score') = 'number' AND (s.value->>'score')::float > 0 "
        "GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT :limit"), {"since": now() - timedelta(days=7), "limit": limit})]))


def top_blocked_ips(session: Session, limit: int) -> list[dict[str, Any]]:
    """The addresses with most warnings and bans of the last seven days."""
    kept = cache.cached(f"dashboard:blocked:{limit}", FRESH, lambda: [
        [row.ip, row.n, row.last_seen.timestamp()] for row in session.execute(text(
            "SELECT ip, count(*) AS n, max(time) AS last_seen FROM (SELECT ip, time FROM netfilter_logs "
            f"WHERE action IN ('warning', 'banned') AND ip IS NOT NULL AND time >= :since ORDER BY time DESC LIMIT {BLOCKED_EVENTS}) "
            "AS events GROUP BY ip ORDER BY 2 DESC, 3 DESC LIMIT :limit"), {"since": now() - timedelta(days=7), "limit": limit})])
    return [{"ip": ip, "count": count, "last_seen": utc(seen)} for ip, count, seen in kept]


def recent(session: Session, limit: int) -> Sequence[Row]:
    """The newest messages."""
    return search_messages(session, MessageFilter(limit=limit), 1).rows
