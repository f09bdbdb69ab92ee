"""Messages counted by hour, direction, status, verdict and outcomes, in the transaction that changes them.

So the dashboard adds up some thousand counts, whatever the number of messages. Hours are UTC.
"""

from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Connection, text


class Span(TypedDict):
    """Between which times the messages began that stand in incoming_messages: only partitions of these days
    are looked into."""

    first: datetime
    last: datetime


KEY = "hour, direction, final_status, is_spam, outcomes"


def _cell(table: str) -> str:
    return (
        f"date_trunc('hour', {table}.first_seen, 'UTC') AS hour, coalesce({table}.direction, '') AS "
        f"direction, "
        f"coalesce({table}.final_status, '') AS final_status, {table}.is_spam, {table}.outcomes"
    )


def _added(changes: str, before: str = "") -> str:
    return (
        f"{before} INSERT INTO message_hours AS kept ({KEY}, n) SELECT {KEY}, sum(change) FROM ({changes}) "
        f"AS changes GROUP BY {KEY} "
        f"HAVING sum(change) <> 0 ON CONFLICT ({KEY}) DO UPDATE SET n = kept.n + excluded.n"
    )


REPLACE = text(
    _added(
        f"SELECT {_cell('fresh')}, 1 AS change FROM incoming_messages fresh UNION ALL "
        f"SELECT {_cell('old')}, -1 FROM incoming_messages JOIN messages old USING (id, first_seen) "
        "WHERE old.first_seen BETWEEN :first AND :last"
    )
)
DELETE = text(
    _added(
        f"SELECT {_cell('old')}, -1 AS change FROM old",
        "WITH old AS (DELETE FROM messages "
        "WHERE id = ANY(:ids) AND first_seen = ANY(:times) RETURNING first_seen, direction, final_status, "
        "is_spam, outcomes)",
    )
)
RECOUNT = text(_added(f"SELECT {_cell('messages')}, 1 AS change FROM messages WHERE first_seen < :end"))


def count_incoming(connection: Connection, span: Span) -> None:
    """Count what stands in incoming_messages and no longer the rows it will replace; before these are
    replaced."""
    connection.execute(REPLACE, {**span})


def delete_counted(connection: Connection, names: dict[str, Any]) -> None:
    """Delete the messages with these `ids` and `times` (of their first lines), and no longer count them."""
    connection.execute(DELETE, names)


def recount(connection: Connection, end: datetime) -> None:
    """Count anew what began before a full hour: after messages were dropped with their day."""
    connection.execute(text("DELETE FROM message_hours WHERE hour < :end OR n = 0"), {"end": end})
    connection.execute(RECOUNT, {"end": end})
