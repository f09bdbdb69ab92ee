"""Who is signed in, which scripts have a token, and which sign-ins through a provider have been used."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class LoginSession(Base):
    """One signed-in browser. `digest` is the SHA-256 of what its cookie holds, `proof` a mark of the
    password or rules by which it came in: where these change, it ends. `seen_at` is the last time someone
    did something."""

    __tablename__ = "login_sessions"
    __table_args__ = (Index("ix_login_sessions_seen_at", "seen_at"),)
    keeping = Keeping()

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    username: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    proof: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str | None] = mapped_column(Text)
    browser: Mapped[str | None] = mapped_column(Text)


class ApiToken(Base):
    """One token of a script; only its SHA-256 is kept, and its first letters to tell it by."""

    __tablename__ = "api_tokens"
    keeping = Keeping()

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    beginning: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    used_from: Mapped[str | None] = mapped_column(Text)


class UsedSignIn(Base):
    """The SHA-256 of a `state` with which a provider has sent a browser back; none is taken twice."""

    __tablename__ = "used_sign_ins"
    keeping = Keeping()

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
