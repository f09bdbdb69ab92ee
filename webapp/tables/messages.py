"""Messages and their deliveries, day-partitioned by the first line's time."""

from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base
from webapp.tables.logs import Moment


class Message(Base):
    """One life of a queue id, one refused attempt, or one Rspamd row that no Postfix line belongs to.

    `id` is made from `correlation_key` (see identity.py), so that writing twice is writing once. `size` in
    bytes. `outcomes` are the different words of its deliveries. `correlation`: open, complete, or expired
    (given up).
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_seen: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    correlation_key: Mapped[str] = mapped_column(Text)
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
    spam_score: Mapped[float | None]
    is_spam: Mapped[bool]
    rspamd_time: Mapped[datetime | None] = mapped_column(Moment)
    rspamd_digest: Mapped[int | None] = mapped_column(BigInteger)
    rspamd_ordinal: Mapped[int | None]
    correlation: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    notices: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    recipient_keys: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    recipient_text: Mapped[str] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)

    @property
    def is_complete(self) -> bool:
        """True when the story has ended and everything that belongs to it is there."""
        return self.correlation == "complete"

    @property
    def recipient(self) -> str | None:
        """The first recipient."""
        return self.recipients[0] if self.recipients else None


class Delivery(Base):
    """One recipient's own outcome; `orig_to` is the alias it came through. `delay` in seconds."""

    __tablename__ = "deliveries"

    message_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    message_time: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    recipient: Mapped[str] = mapped_column(Text)
    orig_to: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    dsn: Mapped[str | None] = mapped_column(Text)
    relay: Mapped[str | None] = mapped_column(Text)
    delay: Mapped[float | None]
    attempts: Mapped[int]
    response: Mapped[str | None] = mapped_column(Text)
    time: Mapped[datetime] = mapped_column(Moment)
