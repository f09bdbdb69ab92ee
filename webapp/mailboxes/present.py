"""What the pages of mailboxes draw: sparklines, charts by day, and the words of a range."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from webapp.mailboxes import figures
from webapp.mailboxes.filter import RANGES, Days, MailboxFilter, PageFilter
from webapp.mailboxes.story import Story
from webapp.tables.db import now
from webapp.web.charts import Columns, stacked_columns

HEIGHT = 24.0  # of a sparkline; what was sent stands above the middle, what was received hangs below it
MOST_BARS = 92
SENT_SERIES = ("delivered", "deferred", "bounced", "rejected", "expired")
RANGE_WORDS = {
    "today": "today",
    "7days": "last 7 days",
    "30days": "last 30 days",
    "90days": "last 90 days",
    "custom": "chosen days",
}


class Spark(NamedTuple):
    """One day of a sparkline: its left edge and the heights of what it sent, what of it failed, and what it
    got."""

    x: int
    sent: float
    failed: float
    received: float


def sparkline(days: Days, daily: Sequence[Sequence[Any]]) -> list[Spark]:
    """A bar a day for `[date, sent, failed, received]`, the latest 92 days at the most."""
    told = {date.fromisoformat(day): numbers for day, *numbers in daily}
    shown = days.all[-MOST_BARS:]
    most = max((max(numbers[0], numbers[2]) for numbers in told.values()), default=0) or 1
    scale = HEIGHT / 2 / most
    found = [told.get(day, (0, 0, 0)) for day in shown]
    return [
        Spark(x, round(sent * scale, 2), round(failed * scale, 2), round(received * scale, 2))
        for x, (sent, failed, received) in enumerate(found)
    ]


def bars(
    days: Sequence[tuple[date, Mapping[str, int]]], names: Mapping[str, str]
) -> list[tuple[datetime, Any]]:
    """The columns of a chart: (start of the day, {series: count}); `names` gives each series its count."""
    return [
        (datetime.combine(day, time(), UTC), {series: counts[name] for series, name in names.items()})
        for day, counts in days
    ]


def end_of(days: Days) -> datetime:
    """The moment at which the last day is over."""
    return datetime.combine(days.last + timedelta(days=1), time(), UTC)


def period(days: Days) -> str:
    """The days as parameters of a list of messages."""
    return f"start_date={days.first}&end_date={days.last}"


def beyond(days: Days, retention_days: int) -> bool:
    """True where the range begins before the messages that are kept."""
    return days.first < now().date() - timedelta(days=retention_days)


def range_words(chosen: MailboxFilter) -> str:
    """The range in words."""
    days = chosen.days
    if chosen.date_range in RANGES:
        return RANGE_WORDS[chosen.date_range]
    return f"{days.first} to {days.last}" if days.first != days.last else f"{days.first}"


@dataclass(frozen=True)
class Listing:
    """The page of all mailboxes. `answer` and `summary` as the API gives them, without rows where a parameter
    is bad."""

    chosen: PageFilter
    answer: dict[str, Any]
    summary: dict[str, Any]
    around: dict[str, Any]
    error: str | None
    retention_days: int

    @property
    def days(self) -> Days:
        """The days that are counted."""
        return self.chosen.days

    @property
    def words(self) -> str:
        """The range in words."""
        return range_words(self.chosen)

    @property
    def period(self) -> str:
        """The days as parameters of the lists behind the figures."""
        return period(self.days)

    @property
    def is_beyond(self) -> bool:
        """True where older messages than those kept are counted."""
        return beyond(self.days, self.retention_days)

    def sparkline(self, box: Mapping[str, Any]) -> list[Spark]:
        """The days of one mailbox."""
        return sparkline(self.days, box["daily"])

    @property
    def is_narrowed(self) -> bool:
        """True where not all mailboxes are looked for."""
        return bool(
            self.chosen.search
            or self.chosen.domain
            or self.chosen.active_only
            or self.chosen.hide_zero
            or self.chosen.state != "all"
        )


def listing(session: Session, chosen: PageFilter, error: str | None, retention_days: int) -> Listing:
    """What the page of all mailboxes shows."""
    return Listing(
        chosen,
        figures.every(session, chosen),
        figures.summary(session, chosen),
        figures.around(session),
        error,
        retention_days,
    )


@dataclass(frozen=True)
class Account(Listing):
    """The page of one mailbox."""

    story: Story | None = None

    @property
    def sent(self) -> Columns:
        """Its recipients by day and outcome."""
        return self._chart({word: f"sent_{word}" for word in SENT_SERIES}, SENT_SERIES)

    @property
    def received(self) -> Columns:
        """What it received by day."""
        return self._chart({"delivered": "received_total"}, ("delivered",))

    def _chart(self, names: Mapping[str, str], series: Sequence[str]) -> Columns:
        days = self.story.days if self.story else ()
        return stacked_columns(bars(days, names), end_of(self.days), series)


def account(found: Story, chosen: PageFilter, error: str | None, retention_days: int) -> Account:
    """What the page of one mailbox shows."""
    return Account(chosen, {}, {}, {}, error, retention_days, found)
