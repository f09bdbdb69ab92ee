"""mailcow's mailboxes and aliases as last read, and what is counted of them by the day. Days are UTC."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Identity, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class Mailbox(Base):
    """One mailbox; `deleted_at` is when it was first missing. Sizes in bytes, addresses in lower case."""

    __tablename__ = "mailboxes"
    keeping = Keeping(of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    username: Mapped[str] = mapped_column(Text, unique=True)
    domain: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    quota: Mapped[int] = mapped_column(BigInteger)
    quota_used: Mapped[int] = mapped_column(BigInteger)
    messages: Mapped[int] = mapped_column(BigInteger)
    last_imap_login: Mapped[datetime | None] = mapped_column(Moment)
    last_pop3_login: Mapped[datetime | None] = mapped_column(Moment)
    last_smtp_login: Mapped[datetime | None] = mapped_column(Moment)
    logins_known: Mapped[bool]
    rl_value: Mapped[int | None]
    rl_frame: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, str]] = mapped_column(JSONB)
    created: Mapped[datetime | None] = mapped_column(Moment)
    modified: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)


class Alias(Base):
    """One alias; `address` is `@domain` for a catch-all, `mailboxes` are those that its mail ends in.

    `counted_as` is the address in the domain that an alias domain stands for, as mail is counted.
    """

    __tablename__ = "mailbox_aliases"
    keeping = Keeping(of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    address: Mapped[str] = mapped_column(Text, unique=True)
    counted_as: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    is_catch_all: Mapped[bool]
    goto: Mapped[list[str]] = mapped_column(ARRAY(Text))
    mailboxes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    comment: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime | None] = mapped_column(Moment)
    modified: Mapped[datetime | None] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    deleted_at: Mapped[datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_mailbox_aliases_mailboxes", "mailboxes", postgresql_using="gin"),)


class MailboxSize(Base):
    """What a mailbox held on one day, as last read that day; `quota_used` in bytes."""

    __tablename__ = "mailbox_sizes"
    keeping = Keeping(of_mailcow=True)

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    quota: Mapped[int] = mapped_column(BigInteger)
    quota_used: Mapped[int] = mapped_column(BigInteger)
    messages: Mapped[int] = mapped_column(BigInteger)


def _count() -> Mapped[int]:
    return mapped_column(Integer, server_default=text("0"))


class AddressDay(Base):
    """What was sent by one account and received by one address on one day (of the mails' first lines).

    `sent_*` count recipients, `*_sent` and the rest messages; `with_*` messages with such a recipient.
    """

    __tablename__ = "address_days"
    keeping = Keeping(of_mailcow=True)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    address: Mapped[str] = mapped_column(Text, primary_key=True)
    messages_sent: Mapped[int] = _count()
    inbound_sent: Mapped[int] = _count()
    outbound_sent: Mapped[int] = _count()
    internal_sent: Mapped[int] = _count()
    sent_total: Mapped[int] = _count()
    sent_delivered: Mapped[int] = _count()
    sent_bounced: Mapped[int] = _count()
    sent_deferred: Mapped[int] = _count()
    sent_rejected: Mapped[int] = _count()
    sent_expired: Mapped[int] = _count()
    sent_discarded: Mapped[int] = _count()
    with_delivered: Mapped[int] = _count()
    with_bounced: Mapped[int] = _count()
    with_deferred: Mapped[int] = _count()
    with_rejected: Mapped[int] = _count()
    with_expired: Mapped[int] = _count()
    with_failed: Mapped[int] = _count()
    received_total: Mapped[int] = _count()
    inbound_received: Mapped[int] = _count()
    outbound_received: Mapped[int] = _count()
    internal_received: Mapped[int] = _count()
    spam_received: Mapped[int] = _count()

    __table_args__ = (
        Index("ix_address_days_address", "address", "day"),
        {"postgresql_with": {"fillfactor": 70}},
    )


class DomainDay(Base):
    """Messages that concerned one of our domains on one day: by direction, with such a recipient, spam."""

    __tablename__ = "domain_days"
    keeping = Keeping(of_mailcow=True)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    domain: Mapped[str] = mapped_column(Text, primary_key=True)
    inbound: Mapped[int] = _count()
    outbound: Mapped[int] = _count()
    internal: Mapped[int] = _count()
    delivered: Mapped[int] = _count()
    bounced: Mapped[int] = _count()
    deferred: Mapped[int] = _count()
    rejected: Mapped[int] = _count()
    spam: Mapped[int] = _count()


class ClosedDay(Base):
    """The one row that tells before which day the messages are gone and the daily counts stand for
    themselves."""

    __tablename__ = "closed_days"
    keeping = Keeping(of_mailcow=True)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    before: Mapped[date] = mapped_column(Date)


class MailboxSign(Base):
    """One sign of trouble of one mailbox: of which kind, since when, with its numbers; ended where it is
    over."""

    __tablename__ = "mailbox_signs"
    keeping = Keeping(of_mailcow=True)

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
