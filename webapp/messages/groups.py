"""Who and where: the messages that a filter finds, grouped. Queries only read.

Every figure is counted by the very conditions of the list, so that a group's link shows as many messages.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.lists.answer import read
from webapp.lists.conditions import Conditions
from webapp.lists.daylist import Found
from webapp.messages.filter import MessageFilter
from webapp.messages.groupanswers import GroupFilter, GroupRow, Groups
from webapp.messages.grouping import GROUPINGS, Carried, Grouping, Values, words_of
from webapp.messages.terms import by_status
from webapp.messages.usual import BY_DAY, PAST, Past, level, usual_levels
from webapp.parse.reply import reason_of
from webapp.parse.words import FAILED, Outcome
from webapp.tables.db import iso, now, plan_anew

FRESH = 60  # seconds; an import that changes messages clears it sooner
# the outcomes of all others follow from their final status, and a NULL is compared sooner than an array
BY_OUTCOME = Carried(
    "final_status, is_spam, "
    "CASE WHEN final_status IN ('mixed', 'bounced', 'expired') THEN outcomes END AS outcomes",
    "final_status, is_spam, outcomes",
)
COUNTED = (
    Outcome.DELIVERED,
    Outcome.BOUNCED,
    Outcome.DEFERRED,
    Outcome.REJECTED,
    Outcome.SPAM,
    FAILED,
)
BY_OUTCOME_AND_DAY = Carried(f"{BY_OUTCOME.select}, {BY_DAY.select}", f"{BY_OUTCOME.names}, {BY_DAY.names}")
# one day's messages of each group, for its usual level
DAILY = (
    ", daily AS (SELECT key, array_agg(n) AS by_day FROM (SELECT key, day, sum(n)::bigint AS n FROM cells "
    "WHERE day < :today GROUP BY key, day) AS each_day GROUP BY key)"
)
ORDER = {"group": "key", "failure_rate": "failed::float / messages"}


@dataclass(slots=True)
class CountedGroup:
    """One group as it is counted; of an hour `key` is its beginning."""

    key: str
    messages: int
    recipients: int
    delivered: int
    bounced: int
    deferred: int
    rejected: int
    spam: int
    failed: int
    last_seen: datetime
    reply: str | None
    by_day: list[int] | None  # messages of each whole day before today that had some, where it was asked for


@dataclass(slots=True)
class Counted:
    """One page of groups of `total`, and the whole days before today with the messages that they hold."""

    days: int
    kept: int
    total: int
    rows: list[CountedGroup]


def search_groups(session: Session, by: str, chosen: GroupFilter) -> Groups:
    """The page of groups that the filter names."""
    return _groups(session, by, chosen, chosen.limit, chosen.offset)


def all_groups(session: Session, by: str, chosen: GroupFilter, limit: int) -> Groups:
    """The first `limit` groups in the filter's order."""
    return _groups(session, by, chosen, limit, 0)


def _groups(session: Session, by: str, chosen: GroupFilter, limit: int, offset: int) -> Groups:
    grouping, found = GROUPINGS[by], chosen.conditions()
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    values: Values = {**found.values, "today": today}
    daily = grouping.counted_daily and found.start is None and found.end is None
    statement = _statement(grouping, chosen, found, values, _Page(limit, offset, daily))
    key = cache.digest(statement, sorted(values.items()), found.start, found.end)
    plan_anew(session.connection())
    kept = cache.cached(f"groups:{key}", FRESH, lambda: _count(session, statement, values), Counted)
    past = Past(today, kept.days, kept.kept)
    levels = (
        {row.key: level(row.by_day or (), past.days) for row in kept.rows if past.days}
        if daily
        else usual_levels(session, grouping, found, past, [row.key for row in kept.rows])
    )
    rows = [_row(by, row, chosen, levels if past.days else None) for row in kept.rows]
    return Groups(Found(rows, kept.total, False, chosen.page, limit), past.days)


@dataclass(frozen=True)
class _Page:
    limit: int
    offset: int
    daily: bool  # with each group's messages by day


def _statement(
    grouping: Grouping, chosen: GroupFilter, found: Conditions, values: Values, page: _Page
) -> str:
    """SQL of one page of groups with their number, and of what the past holds."""
    order = chosen.sort or grouping.order
    name = order.removeprefix("-")
    counts = ", ".join(
        f"coalesce(sum(n) FILTER (WHERE {by_status(word)}), 0)::bigint AS {word}" for word in COUNTED
    )
    cells = grouping.cells(BY_OUTCOME_AND_DAY if page.daily else BY_OUTCOME, _where(found, values))
    by_day, daily = (
        ("daily.by_day", " LEFT JOIN daily ON daily.key = page.key") if page.daily else ("NULL", "")
    )
    return (
        f"WITH cells AS ({cells}), "
        f"groups AS MATERIALIZED (SELECT key, sum(n)::bigint AS messages, sum(recipients)::bigint AS "
        f"recipients, {counts}, max(last_seen) AS last_seen, max(reply) AS reply "
        f"FROM cells WHERE {grouping.among(chosen, values)} GROUP BY key){DAILY if page.daily else ''} "
        f"SELECT past.days, past.kept, (SELECT count(*) FROM groups) AS total, page.*, {by_day} AS by_day "
        f"FROM {PAST} LEFT JOIN "
        f"(SELECT * FROM groups ORDER BY {ORDER.get(name, name)} {'DESC' if name != order else 'ASC'}, key "
        f"LIMIT {page.limit} OFFSET {page.offset}) AS page ON true{daily}"
    )


def _where(found: Conditions, values: Values) -> str:
    """The filter with its period."""
    bounds = [("start", ">=", found.start), ("end", "<=", found.end)]
    spans = [f"first_seen {sign} :{name}" for name, sign, bound in bounds if bound is not None]
    values.update({name: bound for name, _, bound in bounds if bound is not None})
    return " AND ".join([*spans, found.where])


def _count(session: Session, statement: str, values: Values) -> Counted:
    rows = session.execute(text(statement), values).all()
    first = rows[0]
    return Counted(first.days, first.kept, first.total, [_group(row) for row in rows if row.messages])


def _group(row: Any) -> CountedGroup:
    found = read(CountedGroup, row)
    found.key = iso(row.key) or "" if isinstance(row.key, datetime) else row.key
    return found


def _row(by: str, row: CountedGroup, chosen: MessageFilter, levels: dict[str, float] | None) -> GroupRow:
    grouping, key = GROUPINGS[by], row.key
    return GroupRow(
        group=key,
        label=words_of(by, key),
        **{name: getattr(row, name) for name in ("messages", "recipients", *COUNTED)},
        failure_rate=round(100 * row.failed / row.messages, 2),
        last_seen=row.last_seen,
        usual_per_day=None if levels is None else levels.get(grouping.usual_key(key), 0),
        reply=reason_of(row.reply) if row.reply else None,
        filter=dict(grouping.link(key, chosen)),
    )
