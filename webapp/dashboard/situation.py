"""The facts of the verdict, each with the definition of the page that it leads to. Queries only read."""

from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from webapp.alerts.queries import count_open
from webapp.config import Settings
from webapp.dashboard.answers import QueueDestination, QueueNow, VerdictAnswer, VerdictPart
from webapp.dashboard.verdict import Facts, Gap, Verdict, verdict
from webapp.dashboard.waiting import Standing, standing
from webapp.mailcow import connection, live
from webapp.mailcow.server import Storage, server_state
from webapp.parse.words import LogSource
from webapp.security.bans import BanState
from webapp.security.bans import read as read_bans
from webapp.tables.db import now
from webapp.tables.logs import LogCursor, LogGap
from webapp.web.times import Times

GAPS_OF, MOST_GAPS = timedelta(days=1), 100
NEWEST = text("SELECT first_seen FROM messages WHERE first_seen <= :moment ORDER BY first_seen DESC LIMIT 1")


def verdict_now(session: Session, settings: Settings) -> Verdict:
    """The verdict at this moment."""
    return verdict(facts(session), settings, Times(settings.tz).minute)


def verdict_answer(session: Session, settings: Settings) -> VerdictAnswer:
    """The answer of /api/stats/verdict."""
    found = facts(session)
    told = verdict(found, settings, Times(settings.tz).minute)
    parts = [VerdictPart(one.text, one.grade, one.url, one.more, one.more_url) for one in told.parts]
    return VerdictAnswer(told.sentence, told.grade, told.as_of, parts, _queue(found.queue))


def _queue(found: Standing) -> QueueNow:
    destinations = [
        QueueDestination(one.domain, one.mails, one.hour_ago, one.oldest, one.reason, one.kind, one.next_try)
        for one in found.destinations
    ]
    return QueueNow(found.taken_at, found.mails, found.held, found.hour_ago, found.oldest, destinations)


def facts(session: Session) -> Facts:
    """What is known now."""
    moment, state = now(), server_state(session)
    services = state.containers.data
    return Facts(
        moment,
        connection.state(),
        session.scalar(select(LogCursor.fetched_at).where(LogCursor.source == LogSource.POSTFIX)),
        session.scalar(NEWEST, {"moment": moment}),
        standing(session),
        {one.name: one.state for one in services.values()} if services else None,
        _gaps(session),
        *_bans(session),
        count_open(session),
        filled(state.storage.data),
    )


def _bans(session: Session) -> tuple[int, int]:
    """How many addresses mailcow bans for a time, and how many for good."""
    found = [ban.state is BanState.PERMANENT for ban in read_bans(live.last(live.BANS, session).rows)]
    return found.count(False), found.count(True)


def _gaps(session: Session) -> list[Gap]:
    lost = LogGap.source == LogSource.POSTFIX, LogGap.end >= now() - GAPS_OF
    rows = session.execute(
        select(LogGap.start, LogGap.end).where(*lost).order_by(LogGap.end.desc()).limit(MOST_GAPS)
    )
    return [Gap(*row) for row in rows]


def filled(storage: Storage | None) -> int | None:
    """How full the mail volume is, in per cent; None where df's words do not tell."""
    digits = storage.used_percent.rstrip("%") if storage else ""
    return min(int(digits), 100) if digits.isdecimal() and len(digits) < 7 else None
