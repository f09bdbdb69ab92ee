"""What mailcow said last, which domains are its own, and who changed what on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class SnapshotRow(Base):
    """The last good answer of one route, and the last failure where it is newer."""

    __tablename__ = "snapshots"
    keeping = Keeping()

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    data: Mapped[Any] = mapped_column(JSONB, nullable=False)
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str | None] = mapped_column(Text)


class AuditEntry(Base):
    """One action on one item; `outcome` is asked (before mailcow is), then done or failed, `detail` mailcow's
    words."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_at", text("at DESC"), text("id DESC")),)
    keeping = Keeping()

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    item: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)


class MailcowDomain(Base):
    """One domain of the mailcow server; `kind` is domain, alias (of `target`) or relay (mail for it goes to
    another server)."""

    __tablename__ = "mailcow_domains"
    keeping = Keeping(of_mailcow=True)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    target: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(Moment)
