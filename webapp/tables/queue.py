"""How long mailcow's queue was over time."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class QueueSample(Base):
    """The queue within five minutes that begin `at`, as it was seen last in them: its mails, when the oldest
    arrived, and its mails by destination (those with most, 200 at the most)."""

    __tablename__ = "queue_samples"
    keeping = Keeping(clock="at", of_mailcow=True)

    at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    mails: Mapped[int]
    oldest: Mapped[datetime | None] = mapped_column(Moment)
    destinations: Mapped[dict[str, int]] = mapped_column(JSONB)
