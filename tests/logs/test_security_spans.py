"""The hours and days of the Security chart are those of the configured zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.logs.security import MOST_BARS, spans

BERLIN = ZoneInfo("Europe/Berlin")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_days_begin_at_the_zones_midnight_also_when_the_clock_changes() -> None:
    days = spans(datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC), DAY, BERLIN)
    assert days == [datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC)]


def test_no_hour_is_missing_or_doubled_when_the_clock_changes() -> None:
    start = datetime(2026, 10, 24, 20, 30, tzinfo=UTC)
    hours = spans(start, start + 10 * HOUR, HOUR, BERLIN)
    assert hours == [datetime(2026, 10, 24, 20, tzinfo=UTC) + n * HOUR for n in range(11)]


def test_a_long_period_keeps_its_newest_days() -> None:
    end = datetime(2026, 11, 22, 12, tzinfo=UTC)
    days = spans(end - timedelta(days=3000), end, DAY, BERLIN)
    assert len(days) in (MOST_BARS - 1, MOST_BARS)
    assert days[-1] == datetime(2026, 11, 21, 23, tzinfo=UTC)
