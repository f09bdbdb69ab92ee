"""Times as pages tell them, in one zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)
ROLLING = ("Last hour", "Last 24 hours")  # they begin at another moment with every look


class Preset(NamedTuple):
    """A period offered in one click: ISO 8601 moments in UTC that both belong to it, an open `end` is None;
    `days` is how far back it reaches."""

    label: str
    start: str
    end: str | None
    days: int


def moment_of(value: str | None, last: bool = False) -> datetime | None:
    """The moment of an ISO text, a day's first or last second in UTC; None for what is none."""
    try:
        moment = datetime.fromisoformat(value) if value else None
    except ValueError:
        return None
    if moment is None:
        return None
    if value and len(value) == len("2026-11-25"):
        moment += timedelta(days=1) - SECOND if last else timedelta()
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).replace(microsecond=0)


class Times:
    """Formats of aware datetimes in one zone; every method answers '' for None."""

    def __init__(self, zone: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._zone = ZoneInfo(zone)
        self._now = now

    def today(self) -> date:
        """The current day in the configured zone."""
        return self._now().astimezone(self._zone).date()

    def iso(self, value: datetime | None) -> str:
        """UTC with a Z, for `<time datetime>`."""
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""

    def clock(self, value: datetime | None) -> str:
        """Hour, minute, second: `14:02:11`."""
        return value.astimezone(self._zone).strftime("%H:%M:%S") if value else ""

    def minute(self, value: datetime | None) -> str:
        """`14:02` today, `21 Nov 14:02` on other days."""
        if value is None:
            return ""
        return f"{self.day(value)} {value.astimezone(self._zone):%H:%M}".strip()

    def short(self, value: datetime | None) -> str:
        """`14:02:11` today, `21 Nov 14:02` on other days."""
        if value is None:
            return ""
        local, day = value.astimezone(self._zone), self.day(value)
        return f"{day} {local.hour:02}:{local.minute:02}" if day else f"{local:%H:%M:%S}"

    def day(self, value: datetime | None) -> str:
        """'' for today, `21 Nov` this year, `21 Nov 2025` before."""
        if value is None:
            return ""
        local, today = value.astimezone(self._zone).date(), self.today()
        if local == today:
            return ""
        return f"{local.day} {local:%b}" if local.year == today.year else f"{local.day} {local:%b %Y}"

    def date_words(self, value: datetime) -> str:
        """`21 Nov`, today too; `21 Nov 2025` in another year."""
        return self._day_words(value.astimezone(self._zone).date())

    def hour(self, value: datetime) -> str:
        """`14:00`."""
        return f"{value.astimezone(self._zone):%H:%M}"

    def full(self, value: datetime | None) -> str:
        """`Sat 21 Nov 2026, 14:02:11 CET`, unmistakable."""
        if value is None:
            return ""
        local = value.astimezone(self._zone)
        return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S %Z}"

    def age(self, value: datetime | None) -> str:
        """How long ago: `12 s ago`, `3 min ago`, `2 h ago`, `5 days ago`."""
        if value is None:
            return ""
        seconds = max(0, int((self._now() - value).total_seconds()))
        if seconds < 60:
            return f"{seconds} s ago"
        if seconds < 3600:
            return f"{seconds // 60} min ago"
        if seconds < 48 * 3600:
            return f"{seconds // 3600} h ago"
        return f"{seconds // 86400} days ago"

    def presets(self, kept_days: int = 30) -> list[Preset]:
        """The periods offered in one click, shortest first; none begins before what is kept, in days."""
        now = self._now().replace(microsecond=0)
        day = {days: self._midnight(self.today() - timedelta(days=days)) for days in (0, 1, 6, 29)}
        offered = [
            Preset("Last hour", self.iso(now - timedelta(hours=1)), None, 1),
            Preset("Last 24 hours", self.iso(now - timedelta(days=1)), None, 1),
            Preset("Today", self.iso(day[0]), None, 1),
            Preset("Yesterday", self.iso(day[1]), self.iso(day[0] - SECOND), 2),
            Preset("Last 7 days", self.iso(day[6]), None, 7),
            Preset("Last 30 days", self.iso(day[29]), None, 30),
        ]
        return [preset for preset in offered if preset.days <= max(kept_days, 1)]

    def period(self, start: str | None, end: str | None) -> str:
        """The words for a range of ISO texts: `today`, `last 7 days`, `1 Nov to 5 Nov`, `25 Nov 18:00–19:00`,
        `since 25 Nov 18:00`, '' when open on both sides. Both ends belong to it; what is no time stays."""
        first, last = moment_of(start), moment_of(end, last=True)
        if (start and first is None) or (end and last is None):
            return " to ".join(filter(None, (start, end)))
        if last is None:
            return self._since(first) if first else ""
        past = last.astimezone(self._zone) + (SECOND if last.second == 59 else timedelta())
        if first is None:
            return f"until {self._moment_words(past, is_end=True)}"
        if first >= last:
            return f"at {self.date_words(first)} {self.hour(first)}"
        return self._between(first.astimezone(self._zone), past)

    def _since(self, first: datetime) -> str:
        for preset in self.presets():
            if preset.start == self.iso(first) and preset.end is None and preset.label not in ROLLING:
                return preset.label.lower()
        return f"since {self._moment_words(first.astimezone(self._zone))}"

    def _between(self, first: datetime, past: datetime) -> str:
        """Two local moments, `past` just behind the last one."""
        if first.time() == past.time() == time():
            days = first.date(), past.date() - timedelta(days=1)
            if days[0] == days[1]:
                known = {self.today(): "today", self.today() - timedelta(days=1): "yesterday"}
                return known.get(days[0], f"on {self._day_words(days[0])}")
            return f"{self._day_words(days[0])} to {self._day_words(days[1])}"
        begin = f"{self._day_words(first.date())} {first:%H:%M}"
        if past.date() == first.date() or (past.time() == time() and past - first < timedelta(days=1)):
            return f"{begin}\N{EN DASH}{past:%H:%M}"
        return f"{begin} to {self._day_words(past.date())} {past:%H:%M}"

    def _moment_words(self, local: datetime, is_end: bool = False) -> str:
        """A local moment, without the hour at midnight; as an end this is the end of the day before."""
        if local.time() != time():
            return f"{self._day_words(local.date())} {local:%H:%M}"
        return self._day_words(local.date() - timedelta(days=is_end))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._zone).astimezone(UTC)

    def field(self, value: str | None, last: bool = False) -> str:
        """The value of a `datetime-local` field for an ISO text. The last second before a minute is shown as
        that minute: `to 19:00` means what lies before it."""
        moment = moment_of(value, last)
        if moment is None:
            return ""
        if last and moment.second == 59:
            moment += SECOND
        return moment.astimezone(self._zone).strftime(
            "%Y-%m-%dT%H:%M" if not moment.second else "%Y-%m-%dT%H:%M:%S"
        )

    def absolute(self, typed: str, last: bool = False) -> str | None:
        """The moment in UTC of what such a field gives; None for a text with a zone, and for no moment."""
        try:
            local = datetime.fromisoformat(typed) if "T" in typed else None
        except ValueError:
            return None
        if local is None or local.tzinfo:
            return None
        if last and len(typed) == len("2026-11-25T19:00"):
            local -= SECOND
        return self.iso(local.replace(tzinfo=self._zone))

    def zone(self) -> str:
        """The zone's name now: `CET`."""
        return self._now().astimezone(self._zone).strftime("%Z")

    def _day_words(self, day: date) -> str:
        return f"{day.day} {day:%b}" if day.year == self.today().year else f"{day.day} {day:%b %Y}"
