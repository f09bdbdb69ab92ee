"""What is stored of the queue ids and Message-IDs that a batch touches, in a handful of set-wise queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, TextClause, text

from webapp.config import Settings
from webapp.mailcow.domains import alias_targets, local_domains
from webapp.parse.address import untagged
from webapp.parse.postfix import parse_line
from webapp.parse.programs import program_of
from webapp.tables.columns import as_array, names_of
from webapp.tables.db import utc
from webapp.tables.logs import ORDINAL
from webapp.trace.beforehand import NEAR, SLACK, Mail
from webapp.trace.lives import LONGEST_JUMP
from webapp.trace.places import CLOSE
from webapp.trace.story import Event, Put, Scan
from webapp.trace.verdict import Surroundings

LONGEST_SESSION = 2 * 86400  # seconds between a mail's first line and its scan: a session and a jump
CLOCKS_APART = (
    2 * 3600
)  # seconds: Postfix's lines have the local time's stamp, which is an hour off in autumn
LONGEST_STAY = 8 * 86400  # seconds: a mail is queued for five days at the most, and its notice follows


@dataclass(frozen=True, slots=True)
class Known:
    """A stored message as far as linking needs it."""

    id: int
    first_seen: datetime
    queue_id: str | None
    kind: str
    mid_keys: list[int]
    content_digest: int
    correlation: str
    rspamd_digest: int | None


LINES = text(
    f"SELECT extract(epoch FROM time)::bigint AS time, digest, {ORDINAL} AS ordinal, program, message, "
    "queue_id FROM postfix_logs "
    "WHERE queue_id = ANY(CAST(:ids AS text[])) AND time >= :since"
)
SCANS = text(
    f"SELECT extract(epoch FROM time)::bigint, digest, {ORDINAL}, {', '.join(names_of(Scan)[3:])} "
    "FROM rspamd_logs "
    "WHERE mid_key = ANY(CAST(:keys AS bigint[])) AND time BETWEEN :start AND :end"
)
CLAIMED = text(
    "SELECT extract(epoch FROM rspamd_time)::bigint AS time, rspamd_digest, rspamd_ordinal, id FROM messages "
    "WHERE rspamd_digest = ANY(CAST(:digests AS bigint[])) AND kind <> 'scan' "
    "AND first_seen BETWEEN :start AND :end"
)
KNOWN = f"SELECT {', '.join(names_of(Known))} FROM messages WHERE "
BY_QUEUE_ID = text(
    KNOWN + "queue_id = ANY(CAST(:ids AS text[])) AND (first_seen >= :since OR ended_at IS NULL)"
)
PUTS = (
    f"SELECT extract(epoch FROM time)::bigint AS time, {', '.join(names_of(Put)[1:])} FROM dovecot_logs "
    "WHERE time BETWEEN :start AND :end AND "
)
BY_SESSION = text(f"{PUTS} session = ANY(CAST(:names AS text[]))")
BY_MID_KEY = text(f"{PUTS} mid_key = ANY(CAST(:names AS bigint[]))")
# messages whose deliveries these sessions are, or may be where their replies name none
DELIVERED = text(
    "SELECT m.queue_id, m.first_seen, NULL AS recipient, NULL AS time FROM messages m "
    "JOIN deliveries d ON (d.message_id, d.message_time) = (m.id, m.first_seen) "
    "WHERE d.session = ANY(CAST(:sessions AS text[])) AND d.message_time BETWEEN :earliest AND :end "
    "UNION ALL "
    "SELECT m.queue_id, m.first_seen, d.recipient, extract(epoch FROM d.time)::bigint FROM messages m "
    "JOIN deliveries d ON (d.message_id, d.message_time) = (m.id, m.first_seen) "
    "WHERE d.session IS NULL AND d.relay LIKE 'dovecot%' AND d.time BETWEEN :start AND :end "
    "AND d.message_time BETWEEN :earliest AND :end"
)
# where the clock was set back within a mail, its first line in time is not the first one that was written
BY_KEY = text(
    KNOWN + "mid_keys && CAST(:keys AS bigint[]) AND first_seen BETWEEN :earliest AND :end "
    "AND last_seen >= :start"
)


BEFOREHAND = text(
    "SELECT extract(epoch FROM time)::bigint AS time, program, message FROM postfix_logs "
    "WHERE status IN ('held', 'discarded') AND queue_id IS NULL AND time BETWEEN :start AND :end"
)
OF_CLIENTS = text(
    "SELECT extract(epoch FROM first_seen)::bigint, queue_id, ip FROM messages "
    "WHERE kind = 'queue' AND ip = ANY(CAST(:clients AS text[])) AND first_seen BETWEEN :start AND :end"
)


def stored_events(
    connection: Connection, queue_ids: Collection[str], since: float
) -> dict[str, dict[tuple[int, int, int], Event]]:
    """The stored lines of these queue ids from `since` (Unix seconds), by queue id and row name."""
    found: dict[str, dict[tuple[int, int, int], Event]] = {queue_id: {} for queue_id in queue_ids}
    if not queue_ids:
        return found
    for row in connection.execute(LINES, {"ids": as_array(queue_ids), "since": utc(since)}):
        event = _event(row)
        found[row.queue_id][row.time, row.digest, row.ordinal] = event
    return found


def _event(row: Any) -> Event:
    program = program_of(row.program)
    return Event(row.time, program, row.message, parse_line(program, row.message))


def stored_scans(connection: Connection, keys: Collection[int], start: float, end: float) -> list[Scan]:
    """The stored Rspamd rows with these join keys between two Unix seconds."""
    if not keys:
        return []
    rows = connection.execute(SCANS, {"keys": as_array(keys), "start": utc(start), "end": utc(end)})
    return [Scan(*row) for row in rows]


def claimed_scans(connection: Connection, scans: Collection[Scan]) -> dict[tuple[int, int, int], int]:
    """The names of those Rspamd rows that a stored message has already, with its id."""
    if not scans:
        return {}
    times = [scan.time for scan in scans]
    rows = connection.execute(
        CLAIMED,
        {
            "digests": as_array(scan.digest for scan in scans),
            "start": utc(min(times) - LONGEST_SESSION),
            "end": utc(max(times) + LONGEST_SESSION),
        },
    )
    return {(row.time, row.rspamd_digest, row.rspamd_ordinal): row.id for row in rows}


def stored_puts(connection: Connection, sessions: Collection[str], start: float, end: float) -> list[Put]:
    """Dovecot's stored rows about these sessions between two Unix seconds."""
    return _puts(connection, BY_SESSION, sessions, start, end)


def puts_by_key(connection: Connection, keys: Collection[int], start: float, end: float) -> list[Put]:
    """Dovecot's stored rows about mails with these join keys between two Unix seconds."""
    return _puts(connection, BY_MID_KEY, keys, start, end)


def _puts(
    connection: Connection, statement: TextClause, names: Collection[Any], start: float, end: float
) -> list[Put]:
    if not names:
        return []
    span = {"start": utc(start - CLOCKS_APART), "end": utc(end + CLOCKS_APART)}
    return [Put(*row) for row in connection.execute(statement, {"names": as_array(names), **span})]


def put_late(connection: Connection, puts: Collection[Put]) -> dict[str, float]:
    """The queue ids of stored messages that these rows of Dovecot's log are about, each with the Unix second
    of its first line."""
    times = [put.time for put in puts]
    if not times:
        return {}
    span = {
        "earliest": utc(min(times) - LONGEST_STAY),
        "start": utc(min(times) - CLOSE),
        "end": utc(max(times) + CLOCKS_APART),
    }
    sessions = [put.session for put in puts if put.session]
    by_user: dict[str, list[int]] = defaultdict(list)
    for put in puts:
        by_user[put.username].append(put.time)
    found: dict[str, float] = {}
    for row in connection.execute(DELIVERED, {"sessions": as_array(sessions), **span}):
        near = row.recipient is None or any(
            abs(time - row.time) <= CLOSE for time in by_user.get(untagged(row.recipient), ())
        )
        if row.queue_id and near:
            first = row.first_seen.timestamp()
            found[row.queue_id] = min(first, found.get(row.queue_id, first))
    return found


def known_by_queue_id(connection: Connection, queue_ids: Collection[str], since: float) -> list[Known]:
    """The stored messages of these queue ids: those that began since (Unix seconds), and those still open,
    whatever their age."""
    rows = (
        connection.execute(BY_QUEUE_ID, {"ids": as_array(queue_ids), "since": utc(since)})
        if queue_ids
        else ()
    )
    return [Known(*row) for row in rows]


def known_by_key(connection: Connection, keys: Collection[int], start: float, end: float) -> list[Known]:
    """The stored messages with any of these join keys that have lines between two Unix seconds."""
    bounds = {"start": utc(start), "earliest": utc(start - LONGEST_JUMP), "end": utc(end)}
    rows = connection.execute(BY_KEY, {"keys": as_array(keys), **bounds}) if keys else ()
    return [Known(*row) for row in rows]


def acts_beforehand(connection: Connection, start: float, end: float) -> list[Event]:
    """The stored lines without a queue id that hold or discard a mail, between two Unix seconds."""
    rows = connection.execute(BEFOREHAND, {"start": utc(start), "end": utc(end)})
    return [_event(row) for row in rows]


def mails_of_clients(connection: Connection, acts: Collection[Event]) -> list[Mail]:
    """The stored mails that these lines may belong to."""
    times = [act.time for act in acts]
    clients = {act.line.client_ip for act in acts if act.line.client_ip}
    if not clients:
        return []
    span = {"start": utc(min(times) - SLACK), "end": utc(max(times) + NEAR)}
    return [Mail(*row) for row in connection.execute(OF_CLIENTS, {"clients": as_array(clients), **span})]


def load_surroundings(connection: Connection, settings: Settings) -> Surroundings:
    """What the tracer must know of the server."""
    return Surroundings(
        frozenset(local_domains(connection)), settings.mailcow_networks, alias_targets(connection)
    )
