"""What is known of this installation itself."""

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.tables.db import Base, Keeping


class Installation(Base):
    """One fact by its name; `origin` says whether the database belongs to the demo or to a real mailcow."""

    __tablename__ = "installation"
    keeping = Keeping()

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text)
