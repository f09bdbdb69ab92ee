"""Trouble from its beginning to its end, what was told of it, and when each rule was judged last."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class AlertEvent(Base):
    """One trouble: by which rule, of what. There is at most one open event of a rule, subject and aspect.

    `aspect` tells several troubles of one subject apart (a check of a domain, a list that an address is on).
    `confirmed_at`: since then it counts, because it lasted; before, nothing shows it. `ended_by` is over, or
    off where the rule was switched off. `link` is the path of the page that shows more.
    """

    __tablename__ = "alert_events"
    __table_args__ = (
        Index(
            "uq_alert_events_open",
            "rule",
            "subject",
            "aspect",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_alert_events_began_at", text("began_at DESC"), text("id DESC")),
        Index("ix_alert_events_told", "rule", text("begin_told_at DESC")),
    )
    keeping = Keeping(of_mailcow=True)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    aspect: Mapped[str] = mapped_column(Text)
    severity: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_seen: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    numbers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    link: Mapped[str] = mapped_column(Text)
    begin_told_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded_at: Mapped[datetime | None] = mapped_column(Moment)
    end_told_at: Mapped[datetime | None] = mapped_column(Moment)


class AlertLook(Base):
    """When a rule was judged last (None: never yet), and since when what it judges is not known."""

    __tablename__ = "alert_looks"
    keeping = Keeping(of_mailcow=True)

    rule: Mapped[str] = mapped_column(Text, primary_key=True)
    judged_at: Mapped[datetime | None] = mapped_column(Moment)
    unknown_since: Mapped[datetime | None] = mapped_column(Moment)


class Certificate(Base):
    """The certificate that a host showed on a port when it was last asked; `error` says why none was seen."""

    __tablename__ = "certificates"
    keeping = Keeping(of_mailcow=True)

    host: Mapped[str] = mapped_column(Text, primary_key=True)
    port: Mapped[int] = mapped_column(primary_key=True)
    not_after: Mapped[datetime | None] = mapped_column(Moment)
    issuer: Mapped[str] = mapped_column(Text)
    checked_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text)
