"""Import of reports by mail: how far each folder is read, what was done in each sync, which mails failed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment

OF_MAILCOW = Keeping(of_mailcow=True)


class ImapMark(Base):
    """How far a folder is read: every mail up to `uid` was looked at. UIDs count under one `validity`."""

    __tablename__ = "imap_marks"
    __table_args__ = (PrimaryKeyConstraint("account", "folder"),)
    keeping = OF_MAILCOW

    account: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ImapDue(Base):
    """A mail whose reports are stored, and which is still to be marked, moved or deleted."""

    __tablename__ = "imap_due"
    __table_args__ = (PrimaryKeyConstraint("account", "folder", "validity", "uid"),)
    keeping = OF_MAILCOW

    account: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)


class ImapSync(Base):
    """One sync: `status` running, success or error. `total` mails are to be looked at, `seen` were.

    `resumed` counts how often it was taken up without having got further: -1 before it begins, and where it
    paused by itself.
    """

    __tablename__ = "imap_syncs"
    __table_args__ = (
        Index("ix_imap_syncs_running", "status", unique=True, postgresql_where=text("status = 'running'")),
        Index("ix_imap_syncs_started", "started_at"),
    )
    keeping = OF_MAILCOW

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sync_type: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Moment)
    completed_at: Mapped[datetime | None] = mapped_column(Moment)
    account: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    total: Mapped[int]
    seen: Mapped[int]
    emails_found: Mapped[int]
    emails_processed: Mapped[int]
    reports_created: Mapped[int]
    reports_duplicate: Mapped[int]
    reports_failed: Mapped[int]
    resumed: Mapped[int]
    error_message: Mapped[str | None] = mapped_column(Text)
    failed_emails: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)


class ImapFailure(Base):
    """A mail whose reports could not be stored. `state`: retrying, kept (tried often enough) or dismissed.

    `digest` is of its bytes ('': they never came), so that it is known again under another UID; `tried_in` is
    the sync that tried it last.
    """

    __tablename__ = "imap_failures"
    __table_args__ = (
        UniqueConstraint("account", "folder", "validity", "uid"),
        Index("ix_imap_failures_digest", "account", "digest"),
    )
    keeping = OF_MAILCOW

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    validity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    sender: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    tried_in: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)
