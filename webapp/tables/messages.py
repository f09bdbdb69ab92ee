"""Messages and their deliveries, day-partitioned by the first line's time; messages counted by the hour."""

from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Double, Index, Integer, PrimaryKeyConstraint, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.parse.identity import correlation_key, life_name
from webapp.parse.words import Correlation
from webapp.tables.db import Base, Keeping, Moment
from webapp.tables.gin import trigrams

OUTCOME_COUNTS = "coalesce({message}outcome_counts, '{{1}}')"
RECEIVED_BY = "coalesce({message}received_by, {message}recipients)"
ONLY_DOMAIN = "split_part(coalesce({message}account, {message}recipients[1]), '@', -1)"
DOMAINS = f"coalesce({{message}}domains, ARRAY[{ONLY_DOMAIN}])"


class Message(Base):
    """One life of a queue id, one refused attempt, or one Rspamd row that no Postfix line belongs to.

    `id` is made from `correlation_key` (see identity.py), so that writing twice is writing once. `size` in
    bytes. `outcomes` are the different words of its deliveries, `outcome_counts` how many of its recipients
    have each. `account` sent it, `received_by` are the local addresses that got it, `domains` those of ours
    that it concerns (see trace/accounts). `correlation`: open, complete, or expired (given up). `held_at`: it
    waits on hold since then.

    Addresses are found by their keys (see parse/address): `recipient_key` where it was for one, else
    `recipient_keys`. Messages of before migration 0033 have only the latter.

    What follows from other columns is NULL (see trace/spared), and read by OUTCOME_COUNTS, RECEIVED_BY,
    DOMAINS and `key_of`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        PrimaryKeyConstraint("id", "first_seen", name="pk_messages"),
        Index("ix_messages_first_seen", "first_seen", "id"),
        Index(
            "ix_messages_status",
            "final_status",
            "first_seen",
            "id",
            postgresql_where=text("final_status <> 'delivered'::text"),
        ),
        Index("ix_messages_spam", "first_seen", "id", postgresql_where=text("is_spam")),
        Index("ix_messages_queue_id", "queue_id", postgresql_where=text("queue_id IS NOT NULL")),
        Index(
            "ix_messages_sender_key",
            "sender_key",
            "first_seen",
            postgresql_where=text("sender_key IS NOT NULL"),
        ),
        Index(
            "ix_messages_sender",
            text('"left"(lower(sender), 320)'),
            "first_seen",
            postgresql_where=text("sender_key IS NULL AND sender IS NOT NULL"),
        ),
        Index("ix_messages_ip", "ip", "first_seen"),
        Index(
            "ix_messages_account",
            "account",
            "first_seen",
            postgresql_where=text("account IS NOT NULL"),
        ),
        Index(
            "ix_messages_for_several",
            "first_seen",
            postgresql_where=text("cardinality(received_by) > 2"),
        ),
        Index(
            "ix_messages_recipient_key",
            "recipient_key",
            "first_seen",
            postgresql_where=text("recipient_key IS NOT NULL"),
        ),
        Index(
            "ix_messages_recipient_keys",
            "recipient_keys",
            postgresql_using="gin",
            postgresql_where=text("recipient_keys IS NOT NULL"),
        ),
        Index("ix_messages_mid_keys", "mid_keys", postgresql_using="gin"),
        Index(
            "ix_messages_notices",
            "notices",
            postgresql_using="gin",
            postgresql_where=text("notices IS NOT NULL"),
        ),
        Index("ix_messages_rspamd", "rspamd_digest", postgresql_where=text("rspamd_digest IS NOT NULL")),
        Index("ix_messages_unfinished", "last_seen", postgresql_where=text("correlation = 'open'::text")),
        trigrams("ix_messages_search_trgm", "search_text"),
        {"postgresql_partition_by": "RANGE (first_seen)"},
    )
    keeping = Keeping(day="first_seen", of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    first_seen: Mapped[datetime] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    correlation_key: Mapped[str | None] = mapped_column(Text)
    content_digest: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    queue_id: Mapped[str | None] = mapped_column(Text)
    message_id: Mapped[str | None] = mapped_column(Text)
    mid_keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    sender: Mapped[str | None] = mapped_column(Text)
    recipients: Mapped[list[str]] = mapped_column(ARRAY(Text))
    recipient_count: Mapped[int]
    subject: Mapped[str | None] = mapped_column(Text)
    username: Mapped[str | None] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(Text)
    client_name: Mapped[str | None] = mapped_column(Text)
    helo: Mapped[str | None] = mapped_column(Text)
    service: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    direction: Mapped[str | None] = mapped_column(Text)
    final_status: Mapped[str | None] = mapped_column(Text)
    outcomes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    outcome_counts: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    account: Mapped[str | None] = mapped_column(Text)
    received_by: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    domains: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    spam_score: Mapped[float | None] = mapped_column(Double)
    is_spam: Mapped[bool]
    rspamd_time: Mapped[datetime | None] = mapped_column(Moment)
    rspamd_digest: Mapped[int | None] = mapped_column(BigInteger)
    rspamd_ordinal: Mapped[int | None]
    correlation: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    held_at: Mapped[datetime | None] = mapped_column(Moment)
    notices: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    sender_key: Mapped[int | None] = mapped_column(BigInteger)
    recipient_key: Mapped[int | None] = mapped_column(BigInteger)
    recipient_keys: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    recipient_text: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)

    @property
    def is_complete(self) -> bool:
        """True when the story has ended and everything that belongs to it is there."""
        return self.correlation == Correlation.COMPLETE

    @property
    def recipient(self) -> str | None:
        """The first recipient."""
        return self.recipients[0] if self.recipients else None


def key_of(row: Any) -> str:
    """The correlation key of a message's row; not stored where its queue id and its beginning name it."""
    if row.correlation_key:
        return str(row.correlation_key)
    return correlation_key(life_name(row.queue_id, int(row.first_seen.timestamp())))


class Delivery(Base):
    """One recipient's own outcome; `orig_to` is the alias it came through. `delay` in seconds.

    `session` names the delivery in Dovecot's log, `folder` is where Dovecot put the mail, `filter` what its
    rules did with it (see trace/places).
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        PrimaryKeyConstraint("message_id", "message_time", "position", name="pk_deliveries"),
        Index("ix_deliveries_session", "session", postgresql_where=text("session IS NOT NULL")),
        Index(
            "ix_deliveries_without_session",
            "time",
            postgresql_where=text("session IS NULL AND relay ~~ 'dovecot%'::text"),
        ),
        {"postgresql_partition_by": "RANGE (message_time)"},
    )
    keeping = Keeping(day="message_time", of_mailcow=True)

    message_id: Mapped[int] = mapped_column(BigInteger, autoincrement=False)
    message_time: Mapped[datetime] = mapped_column(Moment)
    position: Mapped[int] = mapped_column(autoincrement=False)
    recipient: Mapped[str] = mapped_column(Text)
    orig_to: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    dsn: Mapped[str | None] = mapped_column(Text)
    relay: Mapped[str | None] = mapped_column(Text)
    delay: Mapped[float | None] = mapped_column(Double)
    attempts: Mapped[int]
    response: Mapped[str | None] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(Moment)
    session: Mapped[str | None] = mapped_column(Text)
    folder: Mapped[str | None] = mapped_column(Text)
    filter: Mapped[str | None] = mapped_column(Text)


class MessageHour(Base):
    """How many messages (`n`) of one kind began in one UTC hour; '' stands for no direction and no status."""

    __tablename__ = "message_hours"
    keeping = Keeping(of_mailcow=True)

    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    direction: Mapped[str] = mapped_column(Text, primary_key=True)
    final_status: Mapped[str] = mapped_column(Text, primary_key=True)
    is_spam: Mapped[bool] = mapped_column(primary_key=True)
    outcomes: Mapped[list[str]] = mapped_column(ARRAY(Text), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
