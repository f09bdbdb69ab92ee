"""What mailboxes can be filtered by: one object for the page and the API. Days are UTC, both ends
included."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field, model_validator

from webapp.lists.params import DEEPEST_PAGE, EndDate, Parameters, StartDate, Text, between
from webapp.lists.rules import TRUTH, word_of
from webapp.tables.db import now

RANGES = {"today": 0, "7days": 7, "30days": 30, "90days": 90}  # days before today
CUSTOM = "custom"
DEFAULT_RANGE = "30days"
SORTS = ("sent_total", "received_total", "failure_rate", "quota_used", "username")
ORDERS = ("asc", "desc")
STATES = ("all", "kept", "inactive")
FORMATS = ("json", "csv")
LAST_SECOND = time(23, 59, 59, tzinfo=UTC)


Truth = Annotated[bool, TRUTH]


@dataclass(frozen=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """The last second."""
        return datetime.combine(self.last, LAST_SECOND)

    @property
    def all(self) -> list[date]:
        """Every day of it, oldest first."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


class DayRange(Parameters):
    """Which days are counted."""

    date_range: Annotated[str, word_of(*RANGES, CUSTOM)] = Field(
        DEFAULT_RANGE, description="today, 7days, 30days, 90days, or custom (start_date to end_date)"
    )
    start_date: StartDate = Field(None, description="First day of a custom range (UTC)")
    end_date: EndDate = Field(None, description="Last day of a custom range (UTC); today where it is missing")

    @model_validator(mode="after")
    def _whole(self) -> "DayRange":
        if self.date_range == CUSTOM and self.start_date is None:
            raise ValueError("start_date must be given with date_range=custom")
        if self.date_range == CUSTOM and self.days.last < self.days.first:
            raise ValueError("end_date must not be before start_date")
        return self

    @property
    def days(self) -> Days:
        """The days of it. A range of days is today and so many whole days before."""
        today = now().date()
        if self.date_range == CUSTOM and self.start_date:
            return Days(self.start_date.date(), self.end_date.date() if self.end_date else today)
        return Days(today - timedelta(days=RANGES.get(self.date_range, 0)), today)


class MailboxFilter(DayRange):
    """The query parameters of GET /api/mailbox-stats/all and of the Mailboxes page."""

    domain: Text = Field(None, description="Filter by domain name")
    active_only: Truth = Field(True, description="Only mailboxes that are active in mailcow")
    hide_zero: Truth = Field(False, description="Leave out mailboxes that sent and received nothing")
    search: Text = Field(None, description="Search in mailbox address, name, and alias addresses")
    state: Annotated[str, word_of(*STATES)] = Field(
        "all",
        title="State",
        description="all; kept: those that mailcow has; inactive: of these, switched off",
    )
    sort_by: Annotated[str, word_of(*SORTS)] = Field("sent_total", description=", ".join(SORTS))
    sort_order: Annotated[str, word_of(*ORDERS)] = Field("desc", description="asc, desc")
    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")
    page_size: Annotated[int, between(10, 100)] = Field(50, description="Items per page")


class PageFilter(MailboxFilter):
    """The same for the page: the days whose messages are kept at least, and every mailbox."""

    date_range: Annotated[str, word_of(*RANGES, CUSTOM)] = Field("7days", title="Days")
    active_only: Truth = Field(False, title="Active only")


class DailyFilter(DayRange):
    """The query parameters of GET /api/mailbox-stats/daily."""

    domain: Text = Field(None, description="One of your domains; all of them where it is missing")
    format: Annotated[str, word_of(*FORMATS)] = Field("json", description="json, csv")
