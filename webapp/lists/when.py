"""Times as people type them into a search: `yesterday`, `10:00`, `25 Nov 9-11`, `after:2026-11-24`. Pure.

A time of day alone is the last one that has been; a moment means half an hour on both sides of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from webapp.lists.typed import Term

AROUND = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?[-\N{EN DASH}](\d{1,2})(?::(\d{2}))?")
NUMBERED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})?")
DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?")
YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Span:
    """A period, both ends included, in UTC, None where it is open; `terms` said so."""

    start: datetime | None
    end: datetime | None
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Clock:
    """What time it is, and in which zone times are typed."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The current day in the zone."""
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, of_day: time = time()) -> datetime:
        """A moment of a day in the zone, in UTC."""
        return datetime.combine(day, of_day, self.zone).astimezone(UTC)


def span_of(terms: Sequence[Term], clock: Clock) -> Span | None:
    """The period that a search names, or None. The first time in it counts; what is no time is text."""
    bounds = [term for term in terms if term.field in ("after", "before")]
    if bounds:
        return _bounds(bounds, clock)
    for place, term in enumerate(terms):
        if term.is_word and (found := _span_at(terms, place, clock)):
            return found
    return None


def _bounds(terms: Sequence[Term], clock: Clock) -> Span:
    """Raises ValueError with a sentence where a bound is no time."""
    start = end = None
    for term in terms:
        whole = _day_span(term.text, clock) or _moment(term.text, clock)
        if whole is None:
            raise ValueError(f"{term.field}: needs a day or a time, such as {term.field}:{clock.today}")
        if term.field == "after":
            start = whole[0]
        else:
            end = whole[0] - SECOND
    return Span(start, end, tuple(terms))


def _day_span(text: str, clock: Clock) -> tuple[datetime, datetime] | None:
    day = _day_word(text, clock)
    return (clock.at(day), clock.at(day + timedelta(days=1)) - SECOND) if day else None


def _moment(text: str, clock: Clock) -> tuple[datetime, datetime] | None:
    if found := CLOCK.fullmatch(text):
        of_day = _time(found[1], found[2])
        moment = of_day and _last(of_day, clock)
        return (moment, moment) if moment else None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=clock.zone)).astimezone(UTC)
    return moment, moment


def _span_at(terms: Sequence[Term], place: int, clock: Clock) -> Span | None:
    """The span that begins with this word: a day with or without hours, or hours alone."""
    words = []
    for term in terms[place : place + 4]:
        if not term.is_word:
            break
        words.append(term.text.lower())
    day, used = _day_in(words, clock)
    if day is None:
        hours = _hours(words[0], None, clock) if ":" in words[0] else None
        return Span(*hours, (terms[place],)) if hours else None
    hours = _hours(words[used], day, clock) if used < len(words) else None
    if hours:
        return Span(*hours, tuple(terms[place : place + used + 1]))
    return Span(clock.at(day), clock.at(day + timedelta(days=1)) - SECOND, tuple(terms[place : place + used]))


def _day_in(words: Sequence[str], clock: Clock) -> tuple[date | None, int]:
    """(the day with which the words begin, how many of them name it)."""
    if day := _day_word(words[0], clock):
        return day, 1
    if len(words) < 2:
        return None, 0
    for number, month in (words[:2], (words[1], words[0])):
        found, name = DAY.fullmatch(number), month[:3]
        if found is None or name not in MONTHS or not month.isalpha():
            continue
        year = int(words[2]) if len(words) > 2 and YEAR.fullmatch(words[2]) else None
        day = _day_of(int(found[1]), MONTHS.index(name) + 1, year, clock)
        return day, (2 if year is None else 3) if day else 0
    return None, 0


def _day_word(word: str, clock: Clock) -> date | None:
    word = word.lower()
    if word in ("today", "yesterday"):
        return clock.today - timedelta(days=word == "yesterday")
    if word in WEEKDAYS:
        return clock.today - timedelta(days=(clock.today.weekday() - WEEKDAYS.index(word)) % 7)
    if found := NUMBERED.fullmatch(word):
        return _day_of(int(found[1]), int(found[2]), int(found[3]) if found[3] else None, clock)
    try:
        return date.fromisoformat(word) if len(word) == 10 else None
    except ValueError:
        return None


def _day_of(day: int, month: int, year: int | None, clock: Clock) -> date | None:
    """A day without a year is the last one that has been."""
    try:
        found = date(year or clock.today.year, month, day)
        return found.replace(year=found.year - 1) if year is None and found > clock.today else found
    except ValueError:
        return None


def _hours(word: str, day: date | None, clock: Clock) -> tuple[datetime, datetime] | None:
    if found := CLOCK.fullmatch(word):
        of_day = _time(found[1], found[2])
        if of_day is None:
            return None
        moment = clock.at(day, of_day) if day else _last(of_day, clock)
        return moment - AROUND, moment + AROUND
    if (found := HOURS.fullmatch(word)) is None:
        return None
    first, last = _time(found[1], found[2] or "00"), _time(found[3], found[4] or "00")
    if first is None or last is None:
        return None
    begin = clock.at(day, first) if day else _last(first, clock)
    length = datetime.combine(date.min, last) - datetime.combine(date.min, first)
    return begin, begin + length % timedelta(days=1) - SECOND


def _time(hour: str, minute: str) -> time | None:
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def _last(of_day: time, clock: Clock) -> datetime:
    """The last moment that has this time of day."""
    moment = clock.at(clock.today, of_day)
    return moment if moment <= clock.now else clock.at(clock.today - timedelta(days=1), of_day)
