"""To which day a report belongs, told honestly: most cover one day, some a part of it, some several."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

ONE_DAY = timedelta(hours=25)  # with a second or an hour more than a day


@dataclass(frozen=True)
class Span:
    """The UTC day that a report is counted under. `spans` is true where its messages may be of other days
    too.
    """

    day: date
    spans: bool


def span(begin: datetime, end: datetime) -> Span:
    """The day in which most of the report lies; one over several days counts under its first."""
    if end - begin > ONE_DAY:
        return Span(begin.date(), True)
    middle = begin + (end - begin) / 2
    return Span(middle.date(), begin.date() != (end - timedelta(seconds=1)).date() and end > begin)
