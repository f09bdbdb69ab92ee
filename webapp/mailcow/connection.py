"""The connection to mailcow as all jobs use it: its state is known to every page, and a refusal is not
repeated."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.jobqueue import JobState
from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowError
from webapp.parse.clean import read_value
from webapp.tables.db import db, iso, now
from webapp.tables.jobs import JobRun

LOGS = "logs"
READING = "fetch_logs"  # the job that reads them
STATE, _DENIED = "mailcow:connection", "mailcow:denied"
FIRST_PAUSE, LONGEST_PAUSE = 300, 1800  # seconds; ten refused calls in ten minutes ban our address


class Answering(StrEnum):
    """Whether mailcow gives what is asked of it; waiting: it has not been asked yet."""

    CONNECTED = "connected"
    FAILING = "failing"
    WAITING = "waiting"


@dataclass(frozen=True)
class ConnectionState:
    """How the last question to mailcow went. Where it fails: `since` when, for what `reason`, and `of` what;
    a failure of the logs ends with the logs."""

    state: Answering = Answering.WAITING
    since: datetime | None = None
    reason: str | None = None
    last_success: datetime | None = None
    of: str | None = None


@dataclass(frozen=True)
class Refusal:
    """mailcow refused the key or the address: nothing is asked `until` the pause of so many `seconds` is
    over."""

    until: datetime
    seconds: int
    reason: str


def state() -> ConnectionState:
    """The connection as it was last; where Redis is away, as the last reading of the logs found it."""
    kept = cache.fetch(STATE, ConnectionState)
    if kept is None and cache.is_away():
        return _by_history(db.session())
    return kept or ConnectionState()


def _by_history(session: Session) -> ConnectionState:
    ended = select(JobRun.status, JobRun.finished_at, JobRun.error).where(
        JobRun.name == READING, JobRun.finished_at.is_not(None)
    )
    last = session.execute(ended.order_by(JobRun.id.desc()).limit(1)).first()
    if last is None:
        return ConnectionState()
    good = session.execute(
        ended.where(JobRun.status == JobState.SUCCESS).order_by(JobRun.id.desc()).limit(1)
    ).first()
    succeeded = good.finished_at if good else None
    if last.status == JobState.SUCCESS:
        return ConnectionState(Answering.CONNECTED, last_success=succeeded)
    return ConnectionState(Answering.FAILING, last.finished_at, last.error, succeeded, LOGS)


def _kept() -> ConnectionState:
    return cache.fetch(STATE, ConnectionState) or ConnectionState()


def refusal() -> Refusal | None:
    """The last refusal, while the next one would be punished harder for it."""
    return cache.fetch(_DENIED, Refusal)


def note_refusal(refusal: Refusal) -> None:
    """Record it for all processes."""
    cache.put(_DENIED, refusal, ttl=4 * LONGEST_PAUSE)


class WatchedMailcow(Mailcow):
    """A client that records whether mailcow answers, and asks nothing while a refusal is fresh."""

    def get(self, route: str, read: Callable[[bytes], Any] = read_value) -> Any:
        """As Mailcow.get; raises MailcowDenied without asking while the pause after a refusal lasts."""
        refused = refusal()
        if refused and timedelta(0) < refused.until - now() <= timedelta(seconds=LONGEST_PAUSE):
            raise MailcowDenied(f"{refused.reason}; asking again at {iso(refused.until)}")
        try:
            answer = super().get(route, read)
        except MailcowDenied as error:
            self._pause(str(error), refused)
            note_failure(str(error))
            raise
        except MailcowError as error:
            note_failure(str(error))
            raise
        if refused:
            forget_refusal()
        if _kept().of != LOGS:
            note_success()
        return answer

    @staticmethod
    def _pause(reason: str, earlier: Refusal | None) -> None:
        seconds = min(earlier.seconds * 2, LONGEST_PAUSE) if earlier else FIRST_PAUSE
        note_refusal(Refusal(now() + timedelta(seconds=seconds), seconds, reason))


def note_success() -> None:
    """Record that mailcow gives what is asked of it."""
    cache.put(STATE, ConnectionState(Answering.CONNECTED, last_success=now()))


def note_failure(reason: str, of: str = "request") -> None:
    """Record that mailcow gave nothing usable; the first failure's time is kept.

    A failure `of` the logs ends when the logs are read again, not with the next request that is answered.
    """
    before = _kept()
    since = before.since if before.state == Answering.FAILING else None
    cache.put(
        STATE,
        ConnectionState(Answering.FAILING, since or now(), reason.rstrip("."), before.last_success, of),
    )


def forget_refusal() -> None:
    """Ask again at once: called when a worker starts, because the key may have been changed."""
    cache.forget(_DENIED)


def mailcow(settings: Settings) -> WatchedMailcow:
    """The configured mailcow; raises MailcowDenied where none is configured."""
    if not settings.mailcow_url:
        raise MailcowDenied("no mailcow is configured: set MAILCOW_URL and MAILCOW_API_KEY")
    return WatchedMailcow(
        settings.mailcow_url,
        settings.mailcow_api_key,
        settings.mailcow_api_timeout,
        settings.mailcow_api_verify_ssl,
    )


def mailcow_rw(settings: Settings, timeout: float) -> Mailcow:
    """The configured mailcow with the read-write key; raises MailcowDenied where there is none. `timeout` in
    seconds."""
    if not settings.mailcow_url or not settings.mailcow_api_key_rw:
        raise MailcowDenied("nothing can be changed on mailcow: set MAILCOW_API_KEY_RW")
    return Mailcow(
        settings.mailcow_url,
        settings.mailcow_api_key_rw,
        min(timeout, settings.mailcow_api_timeout),
        settings.mailcow_api_verify_ssl,
    )
