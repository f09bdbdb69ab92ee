"""The week that is told of: seven whole UTC days, and what is kept of them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from webapp.errors import BadParameter
from webapp.mailboxes.filter import Days

LENGTH = 7
OLDEST = 400  # days back that can be asked for


@dataclass(frozen=True)
class Week:
    """Seven days, the last of them is over; figures are counted by UTC days, as everywhere."""

    days: Days

    @property
    def before(self) -> "Week":
        """The seven days before."""
        return week_until(self.days.first - timedelta(days=1))

    @property
    def key(self) -> str:
        """Its natural name: the ISO week of its first day, so that one summary is sent in each."""
        year, number, _ = self.days.first.isocalendar()
        return f"{year}-W{number:02}"

    @property
    def end(self) -> datetime:
        """The first moment after it."""
        return self.days.start + timedelta(days=LENGTH)

    @property
    def period(self) -> dict[str, str]:
        """The parameters by which lists of messages show it."""
        return {"start_date": self.days.first.isoformat(), "end_date": self.days.last.isoformat()}

    @property
    def words(self) -> str:
        """`16 to 22 Nov 2026`, `28 Dec 2026 to 3 Jan 2027`."""
        first, last = self.days.first, self.days.last
        year = "" if first.year == last.year else f" {first.year}"
        month = "" if first.month == last.month and not year else f" {first:%b}"
        return f"{first.day}{month}{year} to {last.day} {last:%b} {last.year}"


@dataclass(frozen=True)
class Kept:
    """What is known of the past: the first day with any record (itself not whole), and the day from which on
    all messages are kept."""

    first_day: date | None
    messages_from: date

    def counts(self, week: Week) -> bool:
        """True where every day of the week was recorded whole."""
        return self.first_day is not None and self.first_day < week.days.first

    def messages(self, week: Week) -> bool:
        """True where all its messages are kept, too."""
        return self.counts(week) and self.messages_from <= week.days.first


def week_until(last: date) -> Week:
    """The week whose last day this is."""
    return Week(Days(last - timedelta(days=LENGTH - 1), last))


def asked_week(last: date | None, today: date) -> Week:
    """The week that ends with a day, or with yesterday; raises BadParameter for a day that is not over."""
    latest = today - timedelta(days=1)
    if last is None:
        return week_until(latest)
    if not today - timedelta(days=OLDEST) <= last <= latest:
        raise BadParameter(f"last must be a day between {OLDEST} days ago and yesterday (UTC)")
    return week_until(last)
