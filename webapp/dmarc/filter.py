"""What a URL of the room chooses: how many days back, and which page."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from webapp.errors import BadParameter
from webapp.lists.params import DEEPEST_PAGE, Parameters, between
from webapp.reports.judge import WORDS
from webapp.tables.db import now


class DaysFilter(Parameters):
    """How far to look back."""

    days: Annotated[int, between(1, 365)] = Field(30, description="Number of days to look back (1-365)")

    @property
    def since(self) -> date:
        """The first UTC day that is looked at."""
        return now().date() - timedelta(days=self.days)


class PagedFilter(DaysFilter):
    """The same, page by page."""

    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")
    limit: Annotated[int, between(1, 500)] = Field(100, description="Items per page")

    @property
    def offset(self) -> int:
        """Rows to leave out before the page."""
        return (self.page - 1) * self.limit


class RecordsFilter(Parameters):
    """A page of a report's records."""

    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")


class ClassRequest(BaseModel):
    """What the operator says a source is."""

    model_config = ConfigDict(json_schema_extra={"example": {"class": "legitimate"}})

    kind: str = Field(
        "",
        alias="class",
        max_length=40,
        description="The class, or nothing",
        json_schema_extra={"enum": [*WORDS, ""]},
    )


class TlsDaysFilter(DaysFilter):
    """TLS reports day by day."""

    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")
    page_size: Annotated[int, between(1, 500)] = Field(20, description="Items per page")

    @property
    def offset(self) -> int:
        """Days to leave out before the page."""
        return (self.page - 1) * self.page_size


def report_date(text: str) -> date:
    """A day out of a path: `2026-01-17`, or the Unix second of its midnight; raises BadParameter."""
    try:
        if text.isascii() and text.isdecimal() and len(text) <= 11:
            return datetime.fromtimestamp(int(text), UTC).date()
        return date.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise BadParameter("report_date must be a date such as 2026-01-31") from error
