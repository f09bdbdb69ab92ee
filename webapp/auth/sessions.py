"""Sessions: the cookie holds a random secret, the database what it stands for, so that the server can end it.

Each request looks its session up by a unique index and nothing is kept in memory:
a session that was ended is ended in every process at once.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, or_, select, true, update
from sqlalchemy.orm import Session

from webapp.config.access import LONGEST_SESSION
from webapp.tables.access import LoginSession
from webapp.tables.db import now
from webapp.web.visitor import Method, Role, Visitor

TOUCHED_EVERY = timedelta(minutes=1)
LISTED = 200
LONGEST_BROWSER = 200  # characters of its name


@dataclass(frozen=True)
class Opened:
    """Who opens a session: `proof` is a mark of what let them in."""

    visitor: Visitor
    proof: str
    address: str | None
    browser: str


@dataclass(frozen=True)
class Owner:
    """Whose session it is: one name may come in by a password here and through a provider there."""

    name: str
    method: Method


def open_session(session: Session, opened: Opened, hours: int) -> str:
    """Keep a new session, drop those that are over, and return the secret for the cookie."""
    secret, at = secrets.token_urlsafe(32), now()
    session.execute(delete(LoginSession).where(_is_over(at, hours)))
    session.execute(
        insert(LoginSession).values(
            digest=digest_of(secret),
            username=opened.visitor.name,
            role=opened.visitor.role,
            method=opened.visitor.method,
            proof=opened.proof,
            created_at=at,
            seen_at=at,
            address=opened.address,
            browser=opened.browser[:LONGEST_BROWSER],
        )
    )
    return secret


def find_session(session: Session, secret: str, hours: int) -> LoginSession | None:
    """The session of a cookie; None where it has ended."""
    wanted = LoginSession.digest == digest_of(secret)
    return session.scalar(select(LoginSession).where(wanted, ~_is_over(now(), hours)))


def touch(session: Session, found: LoginSession, address: str | None) -> bool:
    """Note that someone has done something; at most once a minute. True where something was written."""
    at = now()
    if found.seen_at > at - TOUCHED_EVERY:
        return False
    mine = LoginSession.id == found.id
    session.execute(update(LoginSession).where(mine).values(seen_at=at, address=address))
    return True


def forget(session: Session, secret: str) -> None:
    """End the session of a cookie."""
    session.execute(delete(LoginSession).where(LoginSession.digest == digest_of(secret)))


def end_session(session: Session, number: int, owner: Owner | None = None) -> str | None:
    """End one session, of this owner only where given; returns whose it was, None where there was none."""
    ended = _end(session, LoginSession.id == number, owner)
    return ended[0] if ended else None


def end_others(session: Session, own: int | None, owner: Owner) -> int:
    """End every session of an owner but the one with the number `own`; returns how many there were."""
    return len(_end(session, LoginSession.id.is_distinct_from(own), owner))


def open_sessions(session: Session, hours: int, owner: Owner | None = None) -> Sequence[LoginSession]:
    """The sessions that go on, of this owner only where given, the one seen last first."""
    chosen = select(LoginSession).where(~_is_over(now(), hours), _of(owner))
    return session.scalars(chosen.order_by(LoginSession.seen_at.desc(), LoginSession.id).limit(LISTED)).all()


def visitor_of(found: LoginSession) -> Visitor:
    """Who is in a session."""
    return Visitor(found.username, Role(found.role), Method(found.method), found.id)


def digest_of(secret: str) -> str:
    """What is kept of a secret of 256 random bits: nobody finds such a one by trying."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _is_over(at: datetime, hours: int) -> ColumnElement[bool]:
    idle, oldest = at - timedelta(hours=hours), at - timedelta(hours=hours * LONGEST_SESSION)
    return or_(LoginSession.seen_at < idle, LoginSession.created_at < oldest)


def _of(owner: Owner | None) -> ColumnElement[bool]:
    if owner is None:
        return true()
    return (LoginSession.username == owner.name) & (LoginSession.method == owner.method)


def _end(session: Session, chosen: ColumnElement[bool], owner: Owner | None) -> Sequence[str]:
    """End those sessions; returns whose they were."""
    return session.scalars(
        delete(LoginSession).where(chosen, _of(owner)).returning(LoginSession.username)
    ).all()
