"""What is known of this installation itself."""

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping, Moment


class Installation(Base):
    """One fact by its name; `origin` says whether the database belongs to the demo or to a real mailcow."""

    __tablename__ = "installation"
    keeping = Keeping()

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class StoredSetting(Base):
    """A setting that was changed in the browser: `name` is the field of Settings, `value` as it was typed."""

    __tablename__ = "stored_settings"
    keeping = Keeping()

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str | None] = mapped_column(Text)
