"""Tokens of scripts: shown once, kept as a digest, read-only or with actions, with their last use;
revocable."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp.auth.sessions import digest_of
from webapp.tables.access import ApiToken
from webapp.tables.db import now
from webapp.web.visitor import Method, Role, Visitor

BEGINNING = "mlv_"  # by which scanners of source code know one that was published
SHOWN = 10  # characters by which a token is told from others
TOUCHED_EVERY = timedelta(minutes=1)
LISTED = 200


@dataclass(frozen=True)
class NewToken:
    """What a token shall be; without `expires_at` it holds until it is revoked."""

    name: str
    role: Role
    created_by: str
    expires_at: datetime | None


def make_token(session: Session, wanted: NewToken) -> str:
    """Keep a new token, and return it: it is never shown again."""
    token = BEGINNING + secrets.token_urlsafe(32)
    session.execute(
        insert(ApiToken).values(
            digest=digest_of(token),
            name=wanted.name,
            beginning=token[:SHOWN],
            role=wanted.role,
            created_at=now(),
            created_by=wanted.created_by,
            expires_at=wanted.expires_at,
        )
    )
    return token


def find_token(session: Session, token: str) -> ApiToken | None:
    """The token that a script has sent; None for one that is unknown, revoked or expired."""
    if not token.startswith(BEGINNING):
        return None
    holds = or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > now())
    return session.scalar(select(ApiToken).where(ApiToken.digest == digest_of(token), holds))


def touch(session: Session, found: ApiToken, address: str | None) -> bool:
    """Note that it was used; at most once a minute. True where something was written."""
    at = now()
    if found.used_at is not None and found.used_at > at - TOUCHED_EVERY:
        return False
    session.execute(update(ApiToken).where(ApiToken.id == found.id).values(used_at=at, used_from=address))
    return True


def revoke_token(session: Session, number: int) -> str | None:
    """Take a token back; returns its name, None where there is none."""
    return session.scalar(delete(ApiToken).where(ApiToken.id == number).returning(ApiToken.name))


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """Every token, the newest first."""
    order = ApiToken.created_at.desc(), ApiToken.id.desc()
    return session.scalars(select(ApiToken).order_by(*order).limit(LISTED)).all()


def visitor_of(found: ApiToken) -> Visitor:
    """Who acts with a token, as the audit trail names it."""
    return Visitor(f"token {found.name}", Role(found.role), Method.TOKEN)
