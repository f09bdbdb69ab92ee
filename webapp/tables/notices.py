"""Notices to the administrator, and their way to each channel."""

from datetime import datetime

from sqlalchemy import ARRAY, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class NoticeRow(Base):
    """One notice as it was put (see alerts/notice); `routed_at`: its channels have been chosen.

    `mail_text` and `mail_html` are the mail of a notice that brings its own, such as the weekly summary.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index("ix_notices_made_at", text("made_at DESC")),
        Index("ix_notices_unrouted", "made_at", postgresql_where=text("routed_at IS NULL")),
    )
    keeping = Keeping(of_mailcow=True)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    severity: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    lines: Mapped[list[str]] = mapped_column(ARRAY(Text))
    link: Mapped[str] = mapped_column(Text)
    mail_text: Mapped[str | None] = mapped_column(Text)
    mail_html: Mapped[str | None] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Moment)
    routed_at: Mapped[datetime | None] = mapped_column(Moment)


class NoticeDelivery(Base):
    """One notice on one channel, by the channel's name: open until it is sent or closed.

    `alone`: it is not put together with others any more. `closed_at` ends it unsent, `last_error` says why.
    """

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        Index(
            "ix_notice_deliveries_open",
            "channel",
            "next_try",
            postgresql_where=text("sent_at IS NULL AND closed_at IS NULL"),
        ),
        Index("ix_notice_deliveries_tried_at", "channel", text("tried_at DESC")),
    )
    keeping = Keeping(of_mailcow=True)

    notice_key: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    attempts: Mapped[int]
    alone: Mapped[bool]
    next_try: Mapped[datetime] = mapped_column(Moment)
    tried_at: Mapped[datetime | None] = mapped_column(Moment)
    sent_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(Text)
