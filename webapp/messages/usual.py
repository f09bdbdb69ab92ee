"""The usual level of a group: the median of its messages a day over the whole UTC days that are kept.

Past days hardly change, so it is kept for an hour, under the number of messages that they hold.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.lists.conditions import Conditions
from webapp.messages.grouping import EPOCH, Carried, Grouping, Values

FRESH = 3_600  # seconds
MOST_LOOKED_UP = 500  # groups; for more of them all messages are read
BY_DAY = Carried(f"date_bin('1 day', first_seen, {EPOCH}) AS day", "day")
# from the messages counted by the hour
PAST = (
    "(SELECT count(DISTINCT date_trunc('day', hour, 'UTC')) AS days, coalesce(sum(n), 0)::bigint AS kept "
    "FROM message_hours WHERE n > 0 AND hour < :today) AS past"
)


@dataclass(frozen=True)
class Past:
    """The whole days before `today` that are kept, and how many messages they hold."""

    today: datetime
    days: int
    kept: int


def usual_levels(
    session: Session, grouping: Grouping, found: Conditions, past: Past, keys: Sequence[str]
) -> dict[str, float]:
    """The median of these groups, among others, by the grouping's usual key; one that is missing in most of
    the days has 0. `found` is the filter, whose period does not count."""
    if not past.days or not keys:
        return {}
    values: Values = {**found.values, "today": past.today, "days": past.days}
    only = grouping.only(keys, values) if len(keys) <= MOST_LOOKED_UP else "true"
    where = f"first_seen < :today AND {only} AND {found.where}"
    asked = repr((grouping.one, where, sorted(values.items()), past.kept))
    name = "usual:" + hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest()
    levels = cache.fetch(name, dict[str, float])
    if levels is None:
        levels = _count(session, grouping, where, values)
        cache.put(name, levels, FRESH)
    return levels


def _count(session: Session, grouping: Grouping, where: str, values: Values) -> dict[str, float]:
    """A group must have messages on half of the days for its median to be more than 0; only such are read."""
    rows = session.execute(
        text(
            "SELECT key, array_agg(n ORDER BY n) AS counts FROM "
            f"(SELECT {grouping.usual_sql} AS key, day, sum(n)::bigint AS n FROM "
            f"({grouping.cells(BY_DAY, where)}) AS cells WHERE key IS NOT NULL GROUP BY 1, day) AS daily "
            "GROUP BY key HAVING 2 * count(*) >= :days"
        ),
        values,
    )
    return {row.key: level(row.counts, values["days"]) for row in rows}


def level(counts: Sequence[int], days: int) -> float:
    """The median of so many days, of which those not counted had none."""
    return median([0] * (days - len(counts)) + list(counts))
