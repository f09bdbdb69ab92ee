"""Reading raw lines. Queries only read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.lists.daylist import DayList, Found
from webapp.lists.params import cursor_of, place
from webapp.logs.filter import LogFilter, NetfilterFilter, PostfixFilter, RspamdFilter
from webapp.parse.identity import correlation_key, refusal_name
from webapp.parse.netfilter import with_networks

COLUMNS = {
    PostfixFilter: (
        "postfix_logs",
        "id, time, digest, ordinal, program, priority, message, queue_id, message_id, sender, recipient, "
        "status, relay, delay, dsn",
    ),
    RspamdFilter: (
        "rspamd_logs",
        "id, time, digest, ordinal, message_id, subject, size, sender, recipients, score, required_score, "
        "action, direction, ip, is_spam, has_auth, username, symbols",
    ),
    NetfilterFilter: (
        "netfilter_logs",
        "id, time, priority, message, ip, rule_id, attempts_left, username, auth_method, action",
    ),
}
LINE = (
    "id, time, program, priority, message, queue_id, message_id, sender, recipient, status, relay, delay, dsn"
)
MOST_LINES = 5000  # of one message
MOST_EVENTS = 200


def listed(session: Session, chosen: LogFilter) -> DayList:
    """The list that a filter is made for."""
    table, columns = COLUMNS[type(chosen)]
    return DayList(session.connection(), table, columns)


def search_logs(session: Session, chosen: LogFilter, exact: int) -> Found:
    """The page of rows that the filter names, newest first; totals are counted exactly up to `exact`."""
    after = place(chosen.cursor) if chosen.cursor else None
    return listed(session, chosen).found(chosen.conditions(), chosen.page, chosen.limit, after, exact)


def row_cursor(row: Any) -> str:
    """The place of a row in its list."""
    return cursor_of(row.time, row.id)


def message_keys(session: Session, rows: Sequence[Any]) -> dict[int, str]:
    """The correlation key of the message that each Postfix line belongs to, by the line's id.

    Reads the messages by SQL alone: this domain does not know the one above it.
    """
    wanted = [row for row in rows if row.queue_id]
    if not wanted:
        return {}
    lives = session.execute(
        text(
            "SELECT queue_id, first_seen, last_seen, correlation_key FROM messages WHERE queue_id = ANY(:ids)"
        ),
        {"ids": sorted({row.queue_id for row in wanted})},
    ).all()
    return {
        row.id: life.correlation_key
        for row in wanted
        for life in lives
        if life.queue_id == row.queue_id and life.first_seen <= row.time <= life.last_seen
    }


def scan_keys(session: Session, rows: Sequence[Any]) -> dict[int, str]:
    """The correlation key of the message that each Rspamd row belongs to, by the row's id."""
    if not rows:
        return {}
    owners = session.execute(
        text(
            "SELECT rspamd_time, rspamd_digest, rspamd_ordinal, correlation_key FROM messages WHERE "
            "rspamd_digest = ANY(:digests)"
        ),
        {"digests": [row.digest for row in rows]},
    ).all()
    names = {
        (owner.rspamd_time, owner.rspamd_digest, owner.rspamd_ordinal): owner.correlation_key
        for owner in owners
    }
    return {
        row.id: names[row.time, row.digest, row.ordinal]
        for row in rows
        if (row.time, row.digest, row.ordinal) in names
    }


def refusal_key(row: Any) -> str:
    """The correlation key of a refused attempt, which is named by its line."""
    return correlation_key(refusal_name(int(row.time.timestamp()), row.digest, row.ordinal))


def lines_of_queue_id(session: Session, queue_id: str) -> Sequence[Any]:
    """The newest 5,000 lines of a queue id, all its lives, oldest first."""
    return session.execute(
        text(
            f"SELECT * FROM (SELECT {LINE} FROM postfix_logs WHERE queue_id = :queue_id ORDER BY time DESC, "
            f"id DESC LIMIT {MOST_LINES}) AS l "
            "ORDER BY time, id"
        ),
        {"queue_id": queue_id},
    ).all()


def lines_of_message(session: Session, message: Any) -> Sequence[Any]:
    """The lines of one life of a queue id, or the one line of a refused attempt, oldest first."""
    span = {"start": message.first_seen, "end": message.last_seen}
    if message.kind == "scan":
        return []
    if message.queue_id:
        return session.execute(
            text(
                f"SELECT {LINE} FROM postfix_logs WHERE queue_id = :queue_id AND time BETWEEN :start AND "
                f":end "
                f"ORDER BY time, id LIMIT {MOST_LINES}"
            ),
            {"queue_id": message.queue_id, **span},
        ).all()
    refused = session.execute(
        text(
            f"SELECT {LINE}, digest, ordinal FROM postfix_logs WHERE time = :start AND queue_id IS NULL AND "
            f"status = 'rejected' "
            f"AND sender IS NOT DISTINCT FROM :sender AND recipient IS NOT DISTINCT FROM :recipient ORDER BY "
            f"id LIMIT {MOST_LINES}"
        ),
        {
            "start": message.first_seen,
            "sender": message.sender,
            "recipient": message.recipients[0] if message.recipients else None,
        },
    )
    return [row for row in refused if refusal_key(row) == message.correlation_key]


def find_scan(session: Session, time: datetime | None, digest: int | None, ordinal: int | None) -> Any | None:
    """The Rspamd row of that name, or None."""
    if time is None:
        return None
    return session.execute(
        text("SELECT * FROM rspamd_logs WHERE time = :time AND digest = :digest AND ordinal = :ordinal"),
        {"time": time, "digest": digest, "ordinal": ordinal},
    ).first()


def netfilter_around(session: Session, ip: str | None, start: datetime, end: datetime) -> Sequence[Any]:
    """The netfilter events of an address and of networks that hold it in a span of time, oldest first, at
    most 200."""
    if not ip:
        return []
    return session.execute(
        text(
            "SELECT id, time, priority, message, ip, rule_id, attempts_left, username, auth_method, action "
            "FROM netfilter_logs "
            f"WHERE ip = ANY(:names) AND time BETWEEN :start AND :end ORDER BY time, id LIMIT {MOST_EVENTS}"
        ),
        {"names": with_networks(ip), "start": start, "end": end},
    ).all()


def recent_gaps(session: Session, since: datetime) -> Sequence[Any]:
    """The gaps noticed since then, newest first, at most 20."""
    return session.execute(
        text(
            'SELECT id, source, start, "end", detected_at FROM log_gaps WHERE detected_at >= :since '
            "ORDER BY detected_at DESC LIMIT 20"
        ),
        {"since": since},
    ).all()
