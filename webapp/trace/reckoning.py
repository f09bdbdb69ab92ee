"""The day that retention reckons from, and when it must not do as the clock says.

A clock that runs ahead makes everything look old. What is stored tells another time: the newest line was
written by mailcow's clock. And no run takes away everything but the last day, unless it has been refused
before and nobody has minded.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime

from sqlalchemy import Connection, text

from webapp.errors import ExpectedError
from webapp.tables.db import now
from webapp.tables.partitions import existing_days, partition_name
from webapp.tables.schema import PARTITIONED

JOB = "cleanup_logs"
REFUSED = "Nothing was dropped"  # the first words of the refusal, by which later runs know it
PATIENCE = 2  # runs in a row that are refused; the next one does as the clock says
NEWEST = text(
    "SELECT max(newest) FROM (SELECT (SELECT max(time) FROM postfix_logs WHERE time <= :now) AS newest "
    "UNION ALL SELECT (SELECT max(time) FROM rspamd_logs WHERE time <= :now)) AS both_logs"
)
EARLIER = text(
    "SELECT count(*) FROM (SELECT error FROM job_runs WHERE name = :job AND finished_at IS NOT NULL "
    "ORDER BY id DESC LIMIT :patience) AS last WHERE error LIKE :refused"
)


class RetentionRefused(ExpectedError):
    """The job would take everything but the last day; the text says why that is not done."""


def reckoned_day(connection: Connection) -> date:
    """Today, or the day of the newest stored line where that is earlier."""
    newest: datetime | None = connection.scalar(NEWEST, {"now": now()})
    today = now().date()
    return min(today, newest.astimezone(UTC).date()) if newest else today


def check(connection: Connection, cutoff: date, retention_days: int) -> None:
    """Raises RetentionRefused where dropping the days before the cutoff would leave at most one with rows."""
    stored = _days_with_rows(connection)
    old = {day for day in stored if day < cutoff}
    if len(old) < 2 or len(stored) - len(old) > 1 or retention_days < 2:
        return
    asked = {"job": JOB, "patience": PATIENCE, "refused": REFUSED + "%"}
    if (connection.scalar(EARLIER, asked) or 0) >= PATIENCE:
        return
    raise RetentionRefused(
        f"{REFUSED}: {len(old)} of {len(stored)} days would go at once, all before {cutoff:%-d %B %Y}. Is "
        f"this machine's clock right ({now():%-d %B %Y %H:%M} UTC)? It is done all the same after "
        f"{PATIENCE} refusals in a row"
    )


def _days_with_rows(connection: Connection) -> Collection[date]:
    names = {
        partition_name(table, day): day for table in PARTITIONED for day in existing_days(connection, table)
    }
    filled = connection.scalars(
        text(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
            "n.nspname = current_schema() AND c.relname = ANY(:names) AND pg_relation_size(c.oid) > 0"
        ),
        {"names": list(names)},
    )
    return {names[name] for name in filled}
