"""The one query for what a page of messages and what belongs to them are to each other."""

from collections.abc import Sequence
from typing import Any

from webapp.lists.conditions import Conditions
from webapp.lists.daylist import Query
from webapp.messages.related import NOTICES, SAME_ID, SAME_SESSION
from webapp.messages.threads import Threads, fold
from webapp.parse.words import Kind

NEEDED = ("id", "kind", "service", "notices", "mid_keys", "ended_at", "queued_at")
COLUMNS = (
    "id, correlation_key, queue_id, service, kind, sender, recipients, recipient_count, subject, "
    "final_status, first_seen, last_seen, mid_keys, notices, ip, username, ended_at, queued_at, outcomes"
)
MOST = 2000  # messages that belong to those of one page
# the look-ups stay one by one: a client that sends all day has more rows than a session
SESSIONS = (
    "(SELECT found.* FROM unnest(CAST(:t_ips AS text[]), CAST(:t_times AS timestamptz[])) AS one (client, at)"
    " CROSS JOIN LATERAL (SELECT {columns} FROM messages WHERE ip = one.client AND first_seen BETWEEN "
    "one.at - CAST(:t_session AS interval) AND one.at + CAST(:t_session AS interval) AND "
    "first_seen BETWEEN :t_before_session AND :t_after_session AND id <> ALL(:t_ids) LIMIT 100) AS found)"
)


class Folding:
    """What a list of messages reads beside a page's rows."""

    def query(self, rows: Sequence[Any], conditions: Conditions) -> Query:
        """All that may belong to these rows, and whether the list holds it."""
        return Query(_statement(conditions), _values(rows, conditions))

    def read(self, rows: Sequence[Any], more: Sequence[Any]) -> Threads:
        """The threads of the rows."""
        return fold(rows, more)


def _statement(conditions: Conditions) -> str:
    """What a notice is about and the notices of a mail, what shares a Message-ID, and what a client was
    refused or let through in one session."""
    period = "".join(
        f" AND first_seen {sign} :{name}"
        for name, sign, bound in (("start", ">=", conditions.start), ("end", "<=", conditions.end))
        if bound is not None
    )
    columns = f"{COLUMNS}, ({conditions.where}{period}) AS matches"
    arms = (
        "queue_id = ANY(:t_notices) AND first_seen BETWEEN :t_first AND :t_after_notice",
        "notices && CAST(:t_queue_ids AS text[]) AND first_seen BETWEEN :t_before_notice AND :t_last",
        "mid_keys && CAST(:t_keys AS bigint[]) AND first_seen BETWEEN :t_before_same AND :t_after_same",
    )
    own = [f"(SELECT {columns} FROM messages WHERE {arm} AND id <> ALL(:t_ids) LIMIT {MOST})" for arm in arms]
    return " UNION ALL ".join([*own, SESSIONS.format(columns=columns)])


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
