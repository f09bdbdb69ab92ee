"""What binds a sign-in to the browser that began it: a signed cookie with the state, from which nonce and
PKCE's verifier follow. Nothing is kept here until the browser comes back, so that nobody can fill anything
up."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.auth.oidc.errors import SignInRefused
from webapp.auth.sessions import digest_of
from webapp.tables.access import UsedSignIn
from webapp.tables.db import now

SECONDS = 600  # for which a sign-in may take
COOKIE = "mlv_sign_in"
EXPIRED = "This sign-in has expired, was used before, or was begun in another browser: sign in again"


@dataclass(frozen=True)
class Asked:
    """What one sign-in was asked with, and must come back with."""

    state: str
    nonce: str
    verifier: str
    redirect_url: str


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: its state, and the page to go to afterwards."""

    state: str
    target: str


def begin(target: str) -> Begun:
    """A new sign-in."""
    return Begun(secrets.token_urlsafe(32), target)


def cookie_of(begun: Begun, key: str) -> str:
    """What the browser keeps of it."""
    return _serializer(key).dumps([begun.state, begun.target])


def come_back(cookie: str, state: str, key: str) -> Begun:
    """The sign-in that this browser began, if it has this state. Raises SignInRefused."""
    try:
        kept, target = _serializer(key).loads(cookie, max_age=SECONDS)
    except BadData as error:
        raise SignInRefused(EXPIRED) from error
    if not hmac.compare_digest(kept.encode(), state.encode(errors="replace")):
        raise SignInRefused(EXPIRED)
    return Begun(kept, target)


def use(session: Session, begun: Begun) -> None:
    """Mark a sign-in as used. Raises SignInRefused where it was used before."""
    at = now()
    session.execute(delete(UsedSignIn).where(UsedSignIn.at < at - timedelta(seconds=2 * SECONDS)))
    marked = insert(UsedSignIn).values(digest=digest_of(begun.state), at=at).on_conflict_do_nothing()
    if session.scalar(marked.returning(UsedSignIn.digest)) is None:
        raise SignInRefused(EXPIRED)


def asked(begun: Begun, key: str, redirect_url: str) -> Asked:
    """What the provider is asked with: nonce and verifier are nobody's to guess without our key."""

    def derived(purpose: str) -> str:
        return hmac.new(key.encode(), f"oidc {purpose} {begun.state}".encode(), "sha256").hexdigest()

    return Asked(begun.state, derived("nonce"), derived("verifier"), redirect_url)


def _serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="oidc sign-in")
