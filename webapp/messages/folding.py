"""The one query for what a page of messages and what belongs to them are to each other."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.lists.beside import Query
from webapp.lists.conditions import Conditions
from webapp.messages.related import NOTICES, SAME_ID, SAME_SESSION
from webapp.messages.threads import Threads, fold
from webapp.parse.words import Kind
from webapp.tables.partitions import midnight

NEEDED = ("id", "kind", "service", "notices", "mid_keys", "ended_at", "queued_at")
COLUMNS = (
    "id, correlation_key, queue_id, service, kind, sender, recipients, recipient_count, subject, "
    "final_status, first_seen, last_seen, mid_keys, notices, ip, username, ended_at, queued_at, outcomes"
)
MOST = 2000  # messages that belong to those of one page
# not estimated by PostgreSQL, which takes 12 ms for fifty ids and all days
OTHERS = "coalesce(id <> ALL(:t_ids), true)"
# the look-ups stay one by one: a client that sends all day has more rows than a session
SESSIONS = (
    "(SELECT found.* FROM unnest(CAST(:t_ips AS text[]), CAST(:t_times AS timestamptz[])) AS one (client, at)"
    " CROSS JOIN LATERAL (SELECT {columns} FROM messages WHERE ip = one.client AND first_seen BETWEEN "
    "one.at - CAST(:t_session AS interval) AND one.at + CAST(:t_session AS interval) AND {days} "
    "AND {others} LIMIT 100) AS found)"
)


class Folding:
    """What a list of messages reads beside a page's rows."""

    def query(self, rows: Sequence[Any], conditions: Conditions) -> Query | None:
        """All that may belong to these rows, and whether the list holds it; None where nothing can."""
        values = _values(rows, conditions)
        sql = _statement(conditions, values)
        return Query(sql, values) if sql else None

    def read(self, rows: Sequence[Any], more: Sequence[Any]) -> Threads:
        """The threads of the rows."""
        return fold(rows, more)


def _statement(conditions: Conditions, values: Mapping[str, Any]) -> str:
    """What a notice is about and the notices of a mail, what shares a Message-ID, and what a client was
    refused or let through in one session. What no row asks for is left out.

    The days stand in the statement itself, so that a plan for any values reads only those, and PostgreSQL
    keeps it; the span within them is told as a range, lest an index by time be read whole for it. Arrays
    stand in a SELECT of their own, where the planner does not look into them: it takes fifty keys for a tenth
    of a day, and reads all of it.
    """
    period = "".join(
        f" AND first_seen {sign} :{name}"
        for name, sign, bound in (("start", ">=", conditions.start), ("end", "<=", conditions.end))
        if bound is not None
    )
    columns = f"{COLUMNS}, ({conditions.where}{period}) AS matches"
    arms = {
        "t_notices": ("queue_id = ANY(:t_notices)", "t_first", "t_after_notice"),
        "t_queue_ids": ("notices && (SELECT CAST(:t_queue_ids AS text[]))", "t_before_notice", "t_last"),
        "t_keys": ("mid_keys && (SELECT CAST(:t_keys AS bigint[]))", "t_before_same", "t_after_same"),
    }
    own = [
        f"(SELECT {columns} FROM messages WHERE {found} AND {_days(values[start], values[end])} "
        f"AND tstzrange(:{start}, :{end}, '[]') @> first_seen AND {OTHERS} LIMIT {MOST})"
        for asked, (found, start, end) in arms.items()
        if values[asked]
    ]
    days = _days(values["t_before_session"], values["t_after_session"])
    sessions = [SESSIONS.format(columns=columns, days=days, others=OTHERS)] if values["t_ips"] else []
    return " UNION ALL ".join([*own, *sessions])


def _days(start: datetime, end: datetime) -> str:
    """The whole UTC days that a span lies in."""
    past = midnight(end.astimezone(UTC).date() + timedelta(days=1))
    return f"first_seen >= '{midnight(start.astimezone(UTC).date())}' AND first_seen < '{past}'"


def _values(rows: Sequence[Any], conditions: Conditions) -> dict[str, Any]:
    first, last = rows[-1].first_seen, rows[0].first_seen
    clients = [row for row in rows if row.ip and row.kind != Kind.SCAN]
    bounds = {"start": conditions.start, "end": conditions.end}
    return {
        **conditions.values,
        **{name: bound for name, bound in bounds.items() if bound is not None},
        "t_ids": [row.id for row in rows],
        "t_first": first,
        "t_last": last,
        "t_notices": [queue_id for row in rows for queue_id in row.notices or ()],
        "t_after_notice": last + NOTICES,
        "t_queue_ids": [row.queue_id for row in rows if row.service == "notice" and row.queue_id],
        "t_before_notice": first - NOTICES,
        "t_keys": [key for row in rows for key in row.mid_keys],
        "t_before_same": first - 2 * SAME_ID,
        "t_after_same": last + 2 * SAME_ID,
        "t_ips": [row.ip for row in clients],
        "t_times": [row.first_seen for row in clients],
        "t_session": SAME_SESSION,
        "t_before_session": first - SAME_SESSION,
        "t_after_session": last + SAME_SESSION,
    }
