"""The addresses that send for us on DNS blocklists: what each list said last, and what changed."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, Identity, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class BlocklistAddress(Base):
    """One address that is looked up; `origin` as in dnscheck.sources, `name` what led to it."""

    __tablename__ = "blocklist_addresses"
    keeping = Keeping(of_mailcow=True)

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    origin: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(Moment)


class BlocklistEntry(Base):
    """One address on one list, by the list's zone.

    `state` is how the last look ended, `known` the last answer (clean or listed; None: there was none yet),
    `known_since` when that began. `bounced` counts recipients whose mail came back naming the list, the last
    one at `bounced_at`.
    """

    __tablename__ = "blocklist_entries"
    keeping = Keeping(of_mailcow=True)

    address: Mapped[str] = mapped_column(Text, primary_key=True)
    zone: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    codes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    why: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(Moment)
    known: Mapped[str | None] = mapped_column(Text)
    known_since: Mapped[datetime | None] = mapped_column(Moment)
    bounced: Mapped[int]
    bounced_at: Mapped[datetime | None] = mapped_column(Moment)


class BlocklistChange(Base):
    """An address that got on a list (`listed`), or left it; the first answer of a list is none."""

    __tablename__ = "blocklist_changes"
    __table_args__ = (Index("ix_blocklist_changes_at", text("at DESC"), text("id DESC")),)
    keeping = Keeping(of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    address: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    listed: Mapped[bool]
    why: Mapped[str] = mapped_column(Text)
