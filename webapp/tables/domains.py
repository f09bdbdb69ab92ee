"""What DNS said of the domains at the last check, and what every record was before."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class DomainCheckRow(Base):
    """The last grades of one domain by the name of their check.

    `is_full_check` says whether the last check was of all domains, `full_checked_at` when the last such one
    was.
    """

    __tablename__ = "domain_dns_checks"
    __table_args__ = (Index("ix_domain_dns_checks_checked_at", "checked_at"),)
    keeping = Keeping(of_mailcow=True)

    domain_name: Mapped[str] = mapped_column(Text, primary_key=True)
    checked_at: Mapped[datetime] = mapped_column(Moment)
    full_checked_at: Mapped[datetime | None] = mapped_column(Moment)
    is_full_check: Mapped[bool]
    grades: Mapped[dict[str, Any]] = mapped_column(JSONB, nullable=False)


class DomainRecordRow(Base):
    """What one check found as its record from `seen_at` on; `value` is None where there was no record.

    Only a change makes a row; a look-up without an answer never does.
    """

    __tablename__ = "domain_dns_records"
    __table_args__ = (
        UniqueConstraint("domain_name", "check_name", "seen_at"),
        Index("ix_domain_dns_records_seen_at", text("seen_at DESC")),
    )
    keeping = Keeping(of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    domain_name: Mapped[str] = mapped_column(Text)
    check_name: Mapped[str] = mapped_column(Text)
    value: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class DomainTurnRow(Base):
    """A check of a domain whose result turned worse: from `was` to `status`, and when.

    The row goes as soon as the result is as good as it was.
    """

    __tablename__ = "domain_dns_turns"
    keeping = Keeping(of_mailcow=True)

    domain_name: Mapped[str] = mapped_column(Text, primary_key=True)
    check_name: Mapped[str] = mapped_column(Text, primary_key=True)
    was: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    turned_at: Mapped[datetime] = mapped_column(Moment)
