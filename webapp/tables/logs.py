"""The raw lines, where reading stopped, and what was lost or set aside."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webapp.tables.db import Arrival, Base, Keeping, Moment, Ordinal
from webapp.tables.gin import trigrams

REFUSED = text("event = 'refused'::text")
ORDINAL = "COALESCE(ordinal, 0)"
BY_DAY = {"postgresql_partition_by": "RANGE (time)"}


class LogRow:
    """What the lists share. (time, digest, ordinal) names a row: byte-identical rows are legal.

    The ordinal is nearly always 0, which is stored as NULL and takes no room.
    """

    keeping: ClassVar[Keeping] = Keeping(day="time", of_mailcow=True)

    time: Mapped[datetime] = mapped_column(Moment)
    id: Mapped[int] = mapped_column(Arrival)
    digest: Mapped[int] = mapped_column(BigInteger)
    ordinal: Mapped[int | None] = mapped_column(Ordinal)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805
        """What names a row; a primary key of PostgreSQL has no NULL."""
        return {"primary_key": [cls.time, cls.digest, cls.ordinal]}


def _key(table: str) -> Index:
    """What names a row; by its time lists are read, and sorted by `id` within a second.

    Digest and ordinal stand in it as one number, which takes a fifth less: of one digest no two ordinals give
    the same, and that two digests of one second do is as rare as that they are equal.
    """
    return Index(f"uq_{table}_name", "time", text(f"(digest # {ORDINAL})"), unique=True)


def _by_address(column: str) -> tuple[Index, Index]:
    """The indexes by which an address is found: its key, and where a row has none, its spelling."""
    return (
        Index(
            f"ix_postfix_logs_{column}_key",
            f"{column}_key",
            "time",
            postgresql_where=text(f"{column}_key IS NOT NULL"),
        ),
        Index(
            f"ix_postfix_logs_{column}",
            text(f'"left"(lower({column}), 320)'),
            "time",
            postgresql_where=text(f"{column}_key IS NULL AND {column} IS NOT NULL"),
        ),
    )


class PostfixLog(LogRow, Base):
    """One Postfix line with those of its fields that are asked for; `delay` in seconds. Day partitions.

    `program` and `priority` are written short (see parse/programs). Addresses are found by their keys (see
    parse/address), which lines of before migration 0033 do not have.
    """

    __tablename__ = "postfix_logs"
    __table_args__ = (
        _key("postfix_logs"),
        Index("ix_postfix_logs_queue_id", "queue_id", "time", postgresql_where=text("queue_id IS NOT NULL")),
        *_by_address("sender"),
        *_by_address("recipient"),
        Index(
            "ix_postfix_logs_trouble",
            "status",
            "time",
            "id",
            postgresql_where=text("status IS NOT NULL AND status <> 'sent'::text"),
        ),
        BY_DAY,
    )

    program: Mapped[str] = mapped_column(Text)
    priority: Mapped[str | None] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    queue_id: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(Text)
    recipient: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str | None] = mapped_column(Text)
    delay: Mapped[float | None] = mapped_column(Double)
    dsn: Mapped[str | None] = mapped_column(Text)
    sender_key: Mapped[int | None] = mapped_column(BigInteger)
    recipient_key: Mapped[int | None] = mapped_column(BigInteger)


class RspamdLog(LogRow, Base):
    """One Rspamd scan; `size` in bytes, `symbols` are the names of its symbols (see parse/symbols), `raw` is
    what else the row tells, the symbols included (see packed)."""

    __tablename__ = "rspamd_logs"
    __table_args__ = (
        _key("rspamd_logs"),
        Index("ix_rspamd_logs_action", "action", "time", "id"),
        Index("ix_rspamd_logs_score", "score"),
        Index("ix_rspamd_logs_spam", "time", "id", postgresql_where=text("is_spam")),
        Index("ix_rspamd_logs_mid_key", "mid_key"),
        trigrams("ix_rspamd_logs_search_trgm", "search_text"),
        BY_DAY,
    )

    mid_key: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[str | None] = mapped_column(Text)
    sender: Mapped[str | None] = mapped_column(Text)
    recipients: Mapped[list[str]] = mapped_column(ARRAY(Text))
    subject: Mapped[str | None] = mapped_column(Text)
    username: Mapped[str | None] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None] = mapped_column(BigInteger)
    score: Mapped[float | None] = mapped_column(Double)
    required_score: Mapped[float | None] = mapped_column(Double)
    action: Mapped[str] = mapped_column(Text)
    is_spam: Mapped[bool]
    has_auth: Mapped[bool]
    direction: Mapped[str | None] = mapped_column(Text)
    symbols: Mapped[str] = mapped_column(Text)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    search_text: Mapped[str] = mapped_column(Text)


class NetfilterLog(LogRow, Base):
    """One line of mailcow's netfilter (fail2ban)."""

    __tablename__ = "netfilter_logs"
    __table_args__ = (
        _key("netfilter_logs"),
        Index("ix_netfilter_logs_ip", "ip", "time"),
        trigrams("ix_netfilter_logs_message_trgm", "message"),
        BY_DAY,
    )

    priority: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(Text)
    rule_id: Mapped[int | None]
    attempts_left: Mapped[int | None]
    username: Mapped[str | None] = mapped_column(Text)
    auth_method: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)


class DovecotLog(LogRow, Base):
    """One Dovecot line that tells of a delivery or of a refused sign-in; others are not kept (see SignIn).

    `event` is a DovecotEvent, `mid_key` the join key of the mail's Message-ID, the others are DovecotLine's.
    """

    __tablename__ = "dovecot_logs"
    __table_args__ = (
        _key("dovecot_logs"),
        Index("ix_dovecot_logs_session", "session", postgresql_where=text("session IS NOT NULL")),
        Index("ix_dovecot_logs_mid_key", "mid_key", postgresql_where=text("mid_key IS NOT NULL")),
        Index("ix_dovecot_logs_refused_user", "username", "time", postgresql_where=REFUSED),
        Index("ix_dovecot_logs_refused_ip", "ip", "time", postgresql_where=REFUSED),
        Index(
            "ix_dovecot_logs_event", "event", "time", "id", postgresql_where=text("event <> 'stored'::text")
        ),
        BY_DAY,
    )

    event: Mapped[str] = mapped_column(Text)
    username: Mapped[str] = mapped_column(Text)
    session: Mapped[str | None] = mapped_column(Text)
    mid_key: Mapped[int | None] = mapped_column(BigInteger)
    folder: Mapped[str | None] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    by_rule: Mapped[bool]
    reason: Mapped[str | None] = mapped_column(Text)
    ip: Mapped[str | None] = mapped_column(Text)
    protocol: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int]
    message: Mapped[str] = mapped_column(Text)


class SignIn(Base):
    """How often a mailbox signed in from one address by one protocol within a UTC hour (`n`), and when first
    and last."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_hour", "hour"),)
    keeping = Keeping(clock="hour", of_mailcow=True)

    username: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    ip: Mapped[str] = mapped_column(Text, primary_key=True)
    protocol: Mapped[str] = mapped_column(Text, primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger)
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class LogCursor(Base):
    """Where reading of one list stopped: its newest rows as [time, digest], newest first."""

    __tablename__ = "log_cursors"
    keeping = Keeping(of_mailcow=True)

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    tail: Mapped[list[list[int]]] = mapped_column(JSONB)
    newest: Mapped[datetime | None] = mapped_column(Moment)
    imported_at: Mapped[datetime | None] = mapped_column(Moment)
    fetched_at: Mapped[datetime | None] = mapped_column(Moment)


class LogGap(Base):
    """Rows that mailcow had dropped before they could be read: lost for good between two times.

    `length`: how many rows its list held that had been empty, until it is known whether it was full.
    """

    __tablename__ = "log_gaps"
    __table_args__ = (UniqueConstraint("source", "start"),)
    keeping = Keeping(clock="end", of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    start: Mapped[datetime] = mapped_column(Moment)
    end: Mapped[datetime] = mapped_column(Moment)
    detected_at: Mapped[datetime] = mapped_column(Moment)
    length: Mapped[int | None] = mapped_column(Integer)


class ClockJump(Base):
    """Two rows, one written after the other, between which the server's clock jumped: the times they show."""

    __tablename__ = "clock_jumps"
    __table_args__ = (UniqueConstraint("source", "before", "after"),)
    keeping = Keeping(clock="detected_at", of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    before: Mapped[datetime] = mapped_column(Moment)
    after: Mapped[datetime] = mapped_column(Moment)
    detected_at: Mapped[datetime] = mapped_column(Moment)


class SetAsideRow(Base):
    """A row that could not be understood, kept with the reason."""

    __tablename__ = "set_aside_rows"
    __table_args__ = (UniqueConstraint("source", "digest"),)
    keeping = Keeping(clock="seen_at", of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    digest: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    row: Mapped[str] = mapped_column(Text)


class SuppressedQueueId(Base):
    """A mail from or to a blacklisted address: its lines are not stored, whenever they come."""

    __tablename__ = "suppressed_queue_ids"
    keeping = Keeping(clock="since", of_mailcow=True)

    queue_id: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(Moment)
    mid_keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
