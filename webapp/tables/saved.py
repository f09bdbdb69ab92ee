"""Searches that somebody has given a name."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class SavedSearch(Base):
    """A search of messages under a name. `owner` is an account, or a browser where nobody signs in; `query`
    holds its parameters as a URL does; `pinned` ones stand on the dashboard."""

    __tablename__ = "saved_searches"
    __table_args__ = (UniqueConstraint("owner", "name", name="uq_saved_searches_owner_name"),)
    keeping = Keeping()

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    owner: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    pinned: Mapped[bool]
    saved_at: Mapped[datetime] = mapped_column(Moment)
