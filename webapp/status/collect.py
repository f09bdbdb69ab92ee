"""mailcow's state into snapshots: one route after the other, and none that fails costs the others."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from webapp.mailcow import live, snapshots
from webapp.mailcow.client import Mailcow, MailcowError, MailcowGarbage, MailcowUnreachable
from webapp.mailcow.live import BANS, QUARANTINE, QUEUE
from webapp.mailcow.server import (
    ALIASES,
    CONTAINERS,
    DOMAINS,
    MAILBOXES,
    STORAGE,
    VERSION,
    Container,
    Count,
    Storage,
    Version,
)
from webapp.tables.db import now

PATIENCE, HURRY = (
    10.0,
    3.0,
)  # seconds one route may take: as a rule, and once mailcow has let this run wait in vain
RETRY = 6  # a failed route is asked again after this part of the time that its answer would do
SOON, HOURLY = timedelta(seconds=45), timedelta(hours=1)  # answers younger than that are not asked for again
SECONDS_SHOWN = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z?$")
ODD = (LookupError, TypeError, ValueError, AttributeError, DataError)
log = logging.getLogger(__name__)
NEVER = "0001-"  # Docker's start of a container that was never started


@dataclass
class Collection:
    """What a run took, and a sentence for each thing that could not be had."""

    taken: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    waited_in_vain: bool = False

    def as_dict(self) -> dict[str, int]:
        """The figures for the history of runs."""
        return {"taken": len(self.taken), "failed": len(self.failures)}


def take(session: Session, mailcow: Mailcow) -> Iterator[Collection]:
    """Ask for the live lists and every route that is due, and keep each answer or its failure; yields
    wherever the caller should commit.

    Somebody may be waiting for the live lists, so they come first. Raises MailcowError at the end if anything
    failed.
    """
    run, patience = Collection(), mailcow.timeout
    mailcow.timeout = min(patience, PATIENCE)
    for kind in LISTS:
        _attempt(run, session, kind.name, partial(live.take, kind, session.connection(), mailcow))
        yield run
    for name, route in ROUTES.items():
        if _is_due(session, name, route.pause):
            mailcow.timeout = min(patience, HURRY if run.waited_in_vain else route.patience)
            _take(run, session, mailcow, name, route)
            yield run
    if run.failures:
        raise MailcowError(told_once(run.failures))


def told_once(failures: dict[str, str]) -> str:
    """The reasons by name as one text; names that share a reason stand before it together."""
    names: dict[str, list[str]] = {}
    for name, reason in failures.items():
        names.setdefault(reason, []).append(name.replace("_", " "))
    return "; ".join(f"{', '.join(shared)}: {reason}" for reason, shared in names.items())


def _is_due(session: Session, name: str, pause: timedelta) -> bool:
    """False while the last answer will do, or the last failure is fresh."""
    last = session.execute(
        text("SELECT taken_at, failed_at FROM snapshots WHERE name = :name"), {"name": name}
    ).first()
    if last is None:
        return True
    if last.failed_at is not None:
        return bool(abs(now() - last.failed_at) >= pause / RETRY)
    return bool(abs(now() - last.taken_at) >= pause)  # it is ahead of us where the clock was set back


def _take(run: Collection, session: Session, mailcow: Mailcow, name: str, route: Route) -> None:
    session.rollback()  # no transaction stays open while mailcow is waited for
    _attempt(
        run,
        session,
        name,
        lambda: snapshots.keep(session.connection(), name, route.read(mailcow.get(route.path))),
    )
    if name in run.failures:
        snapshots.note_failure(session.connection(), name, run.failures[name])


def _attempt(run: Collection, session: Session, name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except MailcowError as error:
        run.failures[name] = str(error)
        run.waited_in_vain |= isinstance(error, MailcowUnreachable)
    except ODD as error:  # an answer of a shape unheard of costs the others nothing
        log.exception("mailcow's answer to %s cannot be understood", name)
        session.rollback()
        run.failures[name] = f"mailcow's answer cannot be understood ({type(error).__name__})"
    else:
        run.taken.append(name)


def read_containers(answer: Any) -> dict[str, Container]:
    """The containers by service; raises MailcowGarbage where mailcow's Docker gave
    nothing."""
    if not isinstance(answer, dict) or not answer:
        raise MailcowGarbage("mailcow's Docker told nothing of its containers")
    return {
        str(key): Container(
            name=str(key).removesuffix("-mailcow"),
            image=_text(found.get("image")),
            state=str(found.get("state") or "unknown"),
            started_at=_moment(found.get("started_at")),
        )
        for key, found in sorted(answer.items())
        if isinstance(found, dict)
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _moment(value: Any) -> str | None:
    found = SECONDS_SHOWN.match(str(value or ""))
    return f"{found[1]}Z" if found and not found[1].startswith(NEVER) else None


def read_storage(answer: Any) -> Storage:
    """The mail volume as df writes it; raises MailcowGarbage where df failed."""
    names = ("disk", "used", "total", "used_percent")
    if not isinstance(answer, dict) or any(
        str(answer.get(name) or "0") in ("0", "") for name in ("total", "used_percent")
    ):
        raise MailcowGarbage("mailcow could not read the size of its mail volume")
    disk, used, total, used_percent = (str(answer.get(name) or "") for name in names)
    return Storage(disk, used, total, used_percent)


def read_version(answer: Any) -> Version:
    """The running version; raises MailcowGarbage."""
    if not isinstance(answer, dict) or not answer.get("version"):
        raise MailcowGarbage("mailcow did not tell its version")
    return Version(str(answer["version"]))


def read_count(answer: Any) -> Count:
    """How long a list of objects is, and how many are switched on; raises MailcowGarbage."""
    if answer in ({}, None):
        answer = []
    if not isinstance(answer, list):
        raise MailcowGarbage("mailcow answered with something that is not a list")
    active = sum(str(found.get("active")) in ("1", "2") for found in answer if isinstance(found, dict))
    return Count(len(answer), active)


@dataclass(frozen=True)
class Route:
    """One of mailcow's routes, how its answer is read, for how long an answer will do, and how many seconds
    it may take."""

    path: str
    read: Callable[[Any], object]
    pause: timedelta = SOON
    patience: float = PATIENCE


LISTS = (QUEUE, QUARANTINE, BANS)  # taken every time
ROUTES = {  # taken where the last answer is too old
    CONTAINERS: Route("get/status/containers", read_containers),
    STORAGE: Route("get/status/vmail", read_storage),
    MAILBOXES: Route(  # minutes pass where there are thousands, and refresh_mailboxes counts them each hour
        "get/mailbox/reduced", read_count, 2 * HOURLY, 120.0
    ),
    ALIASES: Route("get/alias/all", read_count, timedelta(minutes=10)),
    DOMAINS: Route("get/domain/all", read_count, timedelta(minutes=10)),
    VERSION: Route("get/status/version", read_version),
}
