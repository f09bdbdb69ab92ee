"""The list of notices, declared once."""

from typing import ClassVar

from pydantic import Field
from sqlalchemy import ColumnElement

from webapp.lists.params import Text
from webapp.lists.plainlist import PlainFilter, PlainList, orders
from webapp.notices.answers import NoticeAnswer
from webapp.tables.notices import NoticeRow


class NoticeFilter(PlainFilter):
    """Which notices: of one kind, the newest first."""

    usual_order: ClassVar[str] = "-made"
    sort: orders("made") = Field(None, description="Order of the notices")  # type: ignore[valid-type]
    kind: Text = Field(None, title="Kind", description="Notices of this kind, such as dns")

    def where(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL."""
        return [NoticeRow.kinds.any_() == self.kind] if self.kind else []


NOTICES = PlainList(
    noun="notice",
    path="/alerts/channels",
    template="notices/channels.html",
    source=NoticeRow.__table__,
    filter=NoticeFilter,
    shape=NoticeAnswer,
    order={"made": NoticeRow.made_at},
    key=NoticeRow.key,
)
