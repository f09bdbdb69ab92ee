"""Which words stand in which stretches of lines: the search index of logs that come by the thousand.

An index over each line by itself holds what all lines have in common once for each of them. Here a row tells
the words of a few lines that arrived one after the other (a block), without those that many of the blocks
around it have: these stand in a row of their own over all of those lines (a chapter). A search asks for a
word, and reads the lines of the blocks and chapters that have it.
"""

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from webapp.tables.db import Base, Keeping, Moment
from webapp.tables.gin import trigrams
from webapp.tables.logs import BY_DAY

STRETCHES = {"postfix_logs": "postfix_stretches", "dovecot_logs": "dovecot_stretches"}
LINES = {stretches: lines for lines, stretches in STRETCHES.items()}
TEXT = "message"  # the column of the lines whose words are told
WITHIN = (  # is a line one of the lines of a stretch?
    "{line}.time BETWEEN {stretch}.time - {stretch}.seconds * interval '1 second' AND {stretch}.time "
    "AND {line}.id BETWEEN {stretch}.first AND {stretch}.first + {stretch}.ids"
)


class Stretch:
    """The words of the lines of one UTC day whose id is `first` or one of the next `ids` ones, and whose time
    is `time` or up to `seconds` before.

    `above` is how much greater `first` is than that of the chapter over the block, None for a chapter.
    `lines`: at least as many of its lines have each word. Before a line feed stand the words of a block that
    exactly one of its lines has. Neither is told (0, none) where lines are not plain ASCII, whose words are
    not their very letters.
    """

    keeping: ClassVar[Keeping] = Keeping(day="time", of_mailcow=True)

    time: Mapped[datetime] = mapped_column(Moment)
    first: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[int]
    ids: Mapped[int]
    lines: Mapped[int]
    above: Mapped[int | None]
    words: Mapped[str] = mapped_column(Text)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805
        """A row is named, but never looked up by its name, so that no index has to be paid for."""
        return {"primary_key": [cls.time, cls.first, cls.above]}


class PostfixStretch(Stretch, Base):
    """Words of Postfix's lines. Day partitions."""

    __tablename__ = "postfix_stretches"
    __table_args__ = (trigrams("ix_postfix_stretches_words_trgm", "words"), BY_DAY)


class DovecotStretch(Stretch, Base):
    """Words of Dovecot's lines. Day partitions."""

    __tablename__ = "dovecot_stretches"
    __table_args__ = (trigrams("ix_dovecot_stretches_words_trgm", "words"), BY_DAY)


def stretches_of_stored(table: str) -> str:
    """The condition on a stretch that some of its lines are stored."""
    within = WITHIN.format(line=table, stretch="stretch")
    return f"EXISTS (SELECT 1 FROM {table} WHERE {within})"
