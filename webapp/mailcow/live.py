"""Lists that mailcow holds itself (mail queue, quarantine, bans): as they are now, and as last seen.

A page never waits for mailcow: it shows the list last seen and asks for a newer one in the background. The
API waits for a short time; what comes later is kept for the next who asks.
"""

import zlib
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Thread
from typing import Any, TypedDict, cast

import orjson
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp import cache
from webapp.config import Settings
from webapp.jobqueue import enqueue
from webapp.mailcow import snapshots
from webapp.mailcow.bans import ban_rows
from webapp.mailcow.client import Mailcow, MailcowError, MailcowUnreachable
from webapp.mailcow.connection import mailcow
from webapp.mailcow.snapshots import Snapshot
from webapp.tables.db import now, utc

KEPT_SECONDS = 86400
OLD_SECONDS = 150
LATER = 60.0  # seconds; an answer that is further ahead was taken before the clock was set back
JOB = "collect_status"
# by list: its mark, or when the stored one was taken, and its rows, as this process read them last
_read_last: dict[str, tuple[str | datetime, list[dict[str, Any]]]] = {}


@dataclass(frozen=True)
class LiveSource:
    """One list: the name of its snapshot, mailcow's route, and for how many seconds an answer counts as the
    present one. `rows_of` makes rows of an answer that is no list, by the Unix second it was asked at."""

    name: str
    route: str
    fresh: int
    rows_of: Callable[[Any, float], list[dict[str, Any]]] | None = None

    def ask(self, client: Mailcow, asked_at: float) -> list[dict[str, Any]]:
        """The rows; raises MailcowError."""
        if self.rows_of is None:
            return client.objects(self.route)
        return self.rows_of(client.get(self.route), asked_at)


QUEUE = LiveSource("queue", "get/mailq/all", 15)
QUARANTINE = LiveSource("quarantine", "get/quarantine/all", 30)
BANS = LiveSource("banlist", "get/fail2ban", 30, ban_rows)


@dataclass(frozen=True)
class EarlierList:
    """How many rows the last list had that was not empty, and when it was taken."""

    total: int
    taken_at: datetime


@dataclass(frozen=True)
class Listing:
    """The rows as mailcow gave them at `taken_at` (None: never); `error` says why they could not be read
    since.

    `earlier` is there where this list is empty and one before was not.
    """

    rows: list[dict[str, Any]]
    taken_at: datetime | None = None
    error: str | None = None
    mark: str = ""
    earlier: EarlierList | None = None

    @property
    def age(self) -> float | None:
        """Seconds since it was taken."""
        return max(0.0, (now() - self.taken_at).total_seconds()) if self.taken_at else None

    @property
    def is_old(self) -> bool:
        """True where the job that takes it has missed its time more than once."""
        return (self.age or 0) > OLD_SECONDS


class StoredState(TypedDict, total=False):
    """What Redis keeps of a list besides its rows: times in Unix seconds, `earlier` as (total, taken_at)."""

    taken_at: float
    total: int
    mark: str
    error: str | None
    failed_at: float
    earlier: list[Any] | None


def is_fresh(source: LiveSource, listing: Listing) -> bool:
    """True where the listing counts as the present one."""
    is_ahead = listing.taken_at is not None and listing.taken_at.timestamp() > now().timestamp() + LATER
    return listing.error is None and listing.age is not None and listing.age < source.fresh and not is_ahead


def refresh(source: LiveSource, client: Mailcow) -> Listing:
    """Ask mailcow and keep the answer; a failure is kept beside the last good answer. Raises MailcowError."""
    asked_at = now().timestamp()
    try:
        rows = source.ask(client, asked_at)
    except MailcowError as error:
        failure: StoredState = {"error": str(error), "failed_at": now().timestamp()}
        cache.put(key_of(source), {**_state(source), **failure}, KEPT_SECONDS)
        raise
    before = _state(source)
    if asked_at < (before.get("taken_at") or 0) < asked_at + LATER:  # a later question, answered sooner
        return last_in_redis(source) or Listing(rows, utc(asked_at))
    text = orjson.dumps(rows)
    earlier = [before["total"], before["taken_at"]] if before.get("total") else before.get("earlier")
    state: StoredState = {
        "taken_at": asked_at,
        "total": len(rows),
        "mark": f"{zlib.crc32(text):08x}",
        "error": None,
        "earlier": None if rows else earlier,
    }
    cache.put_many({key_of(source): orjson.dumps(state), key_of(source) + ":rows": text}, KEPT_SECONDS)
    return _listing(state, rows)


def take(source: LiveSource, connection: Connection, client: Mailcow) -> int:
    """Ask mailcow and store the snapshot; returns how many rows. Raises MailcowError after noting the
    failure."""
    try:
        listing = refresh(source, client)
    except MailcowError as error:
        snapshots.note_failure(connection, source.name, str(error))
        raise
    snapshots.keep(connection, source.name, listing.rows)
    return len(listing.rows)


def last(source: LiveSource, session: Session) -> Listing:
    """The list as last seen, without asking mailcow."""
    listing = last_in_redis(source)
    if listing is not None:
        return listing
    kept = _stored(source, session)
    error = kept.error or _state(source).get("error")
    return Listing(kept.data or [], kept.taken_at, error, _stored_mark(kept.taken_at))


def _stored(source: LiveSource, session: Session) -> Snapshot[list[dict[str, Any]]]:
    """The list as the database keeps it; thousands of rows are not read again where they are the same."""
    known, rows = _read_last.get(source.name, ("", []))
    kept = snapshots.load_newer(session, source.name, known if isinstance(known, datetime) else None)
    if kept.taken_at is None or kept.taken_at != known:
        rows = kept.data or []
    if kept.taken_at is not None:
        _read_last[source.name] = kept.taken_at, rows
    return replace(kept, data=rows)


def last_in_redis(source: LiveSource) -> Listing | None:
    """The list that Redis keeps, or None."""
    state = _state(source)
    if not state:
        return None
    known, rows = _read_last.get(source.name, ("", []))
    if known != state.get("mark"):
        (text,) = cache.texts([key_of(source) + ":rows"])
        if text is None:
            return None
        known, rows = f"{zlib.crc32(text):08x}", orjson.loads(text)
        _read_last[source.name] = known, rows
    return _listing(state, rows)


def present(source: LiveSource, session: Session, settings: Settings, seconds: float) -> Listing:
    """The list as it is now, from mailcow within so many seconds; else as last seen, with the error that says
    why.

    While a failure is fresh, mailcow is not asked again.
    """
    known = last_in_redis(source)
    if known is not None and is_fresh(source, known):
        return known
    failure = cache.fetch(key_of(source) + ":away", dict[str, str])
    if failure is None:
        try:
            return within(seconds, lambda: refresh(source, mailcow(settings)))
        except MailcowError as error:
            failure = {"error": str(error)}
            cache.put(key_of(source) + ":away", failure, source.fresh)
    return replace(last(source, session), error=failure["error"])


def within(seconds: float, work: Callable[[], Listing]) -> Listing:
    """The work's result; raises MailcowUnreachable after so many seconds, while the work goes on by
    itself."""
    result: Future[Listing] = Future()

    def run() -> None:
        try:
            result.set_result(work())
        except MailcowError as error:
            result.set_exception(error)

    Thread(target=cache.bound(run), daemon=True).start()
    try:
        return result.result(seconds)
    except TimeoutError as error:
        raise MailcowUnreachable(f"mailcow did not answer within {seconds:g} s") from error


def last_without_rows(source: LiveSource) -> Listing:
    """Mark, time and error of the list that Redis keeps; cheap, for polling."""
    return _listing(_state(source), [])


def mark_of(source: LiveSource, session: Session) -> str:
    """What tells this list from others: the mark of the one that Redis keeps, else when the stored one was
    taken; '' where there was none."""
    mark = _state(source).get("mark")
    return mark or _stored_mark(snapshots.taken_at(session, source.name))


def _stored_mark(taken_at: datetime | None) -> str:
    return f"{taken_at.timestamp():.6f}" if taken_at else ""


def wake(source: LiveSource, settings: Settings, listing_age: float | None) -> None:
    """Ask for a newer list in the background, at most once in the time a list counts as fresh."""
    if listing_age is not None and listing_age < source.fresh:
        return
    if cache.first(f"{key_of(source)}:asked", source.fresh):
        with suppress(cache.CacheAway):  # since just now: the page shows what is known
            enqueue(JOB, settings)


def key_of(source: LiveSource) -> str:
    """Under which name its list is kept in Redis."""
    return f"live:{source.name}"


def _state(source: LiveSource) -> StoredState:
    return cast(StoredState, cache.fetch(key_of(source), dict) or {})


def _listing(state: StoredState, rows: list[dict[str, Any]]) -> Listing:
    earlier = state.get("earlier")
    return Listing(
        rows,
        utc(state["taken_at"]) if state.get("taken_at") else None,
        state.get("error"),
        state.get("mark", ""),
        EarlierList(earlier[0], utc(earlier[1])) if earlier else None,
    )
