"""The days that the room counts: from the first one asked for to the last one that counts at all. Each count,
sum and list is of the same days."""

from datetime import date, timedelta

from webapp.tables.reports import last_counted_day

IN_PERIOD = "day BETWEEN :since AND :until"
SEEN = (  # a source with a day in the period; one that is only about days to come has none
    "last_day >= :since AND (last_day <= :until OR EXISTS (SELECT 1 FROM dmarc_source_days AS days WHERE "
    f"days.domain = dmarc_sources.domain AND days.source = dmarc_sources.source AND {IN_PERIOD}))"
)


def period(since: date) -> dict[str, date]:
    """The days that are counted since one, for `IN_PERIOD`."""
    return {"since": since, "until": last_counted_day()}


def days_since(since: date) -> list[date]:
    """Every day of the period, so that the table's key (domain, day, source) leads straight to the rows."""
    return [since + timedelta(days=number) for number in range((last_counted_day() - since).days + 1)]
