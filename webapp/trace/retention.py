"""Forgetting whole days: partitions older than the retention are dropped, but for what a living message still
needs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, text

from webapp.config import Settings
from webapp.tables.db import now
from webapp.tables.partitions import coming_days, ensure_days, existing_days, midnight, partition_name
from webapp.tables.schema import FORGOTTEN, MODELS, PARTITIONED
from webapp.tables.stretches import LINES, STRETCHES, stretches_of_stored
from webapp.tables.stretching import doubt_all
from webapp.trace import days, hours, reckoning

LOCK_PATIENCE = "10s"  # a day is dropped under a short exclusive lock; readers are not kept waiting longer

LIVING = (
    "last_seen >= :cutoff OR (kind = 'queue' AND ended_at IS NULL AND queued_at IS NOT NULL AND last_seen "
    ">= :living)"
)
KEPT = {  # table -> which of its old rows stay: those of messages that were not over at the cutoff
    "messages": "id = ANY(:ids)",
    "deliveries": "message_id = ANY(:ids)",
    "postfix_logs": "queue_id = ANY(:queue_ids)",
    "rspamd_logs": "time = ANY(:times) AND digest = ANY(:digests)",
    "netfilter_logs": "false",
    "dovecot_logs": "session = ANY(:sessions)",
    **{stretches: stretches_of_stored(lines) for lines, stretches in STRETCHES.items()},  # after the lines
}
FIGURES = {  # table without partitions -> what the history of runs calls the number of its forgotten rows
    "sign_ins": "sign_ins_removed",
    "job_runs": "runs_removed",
    "log_gaps": "gaps_removed",
    "clock_jumps": "clock_jumps_removed",
    "set_aside_rows": "set_aside_removed",
    "suppressed_queue_ids": "suppressed_removed",
    "queue_samples": "queue_samples_removed",
}
LONGEST_SILENCE = timedelta(days=30)  # a mail on hold logs nothing; beyond this it is taken to be gone


def cleanup(connection: Connection, settings: Settings) -> dict[str, int]:
    """Drop what is older than the retention and make the coming days; returns the figures for the history of
    runs. Raises RetentionRefused."""
    today = now().date()
    cutoff = midnight(reckoning.reckoned_day(connection) - timedelta(days=settings.retention_days))
    reckoning.check(connection, cutoff.date(), settings.retention_days)
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_PATIENCE}'"))
    dropped = drop_days(connection, cutoff)
    made = ensure_days(connection, coming_days(today))
    days.close_days(connection, cutoff)
    figures = _forget(connection, cutoff)
    hours.recount(connection, cutoff)
    figures["counts_removed"] = days.forget(
        connection, cutoff, cutoff - timedelta(days=settings.stats_retention_days)
    )
    return {"days_dropped": len(dropped), "days_made": len(made), **figures}


def drop_days(connection: Connection, cutoff: datetime) -> list[date]:
    """Drop the day partitions before the cutoff (a UTC midnight); returns the days.

    A message that was not over by then keeps its lines, its Rspamd row and its deliveries, whatever their
    age.
    """
    old = sorted(
        {day for table in PARTITIONED for day in existing_days(connection, table) if midnight(day) < cutoff}
    )
    if not old:
        return []
    living = _living(connection, cutoff)
    for table in PARTITIONED:
        for day in sorted(set(old) & set(existing_days(connection, table))):
            _drop(connection, table, day, living)
    return old


def _living(connection: Connection, cutoff: datetime) -> dict[str, Any]:
    """The names of all that belongs to messages which began before the cutoff and were not over then."""
    rows: Sequence[Any] = connection.execute(
        text(
            f"SELECT id, queue_id, rspamd_time, rspamd_digest FROM messages WHERE first_seen < :cutoff AND "
            f"({LIVING})"
        ),
        {"cutoff": cutoff, "living": cutoff - LONGEST_SILENCE},
    ).all()
    scanned = [row for row in rows if row.rspamd_digest is not None]
    return {
        "ids": [row.id for row in rows],
        "queue_ids": [row.queue_id for row in rows if row.queue_id],
        "times": [row.rspamd_time for row in scanned],
        "digests": [row.rspamd_digest for row in scanned],
        "sessions": _sessions(connection, [row.id for row in rows]),
    }


def _sessions(connection: Connection, ids: list[int]) -> list[str]:
    """The names of these messages' deliveries in Dovecot's log."""
    named = text("SELECT session FROM deliveries WHERE message_id = ANY(:ids) AND session IS NOT NULL")
    return list(connection.scalars(named, {"ids": ids}))


def _drop(connection: Connection, table: str, day: date, living: dict[str, Any]) -> None:
    """Drop one partition; rows that stay are put back into a new, small one."""
    name, condition = partition_name(table, day), KEPT[table]
    if table in LINES and day not in existing_days(connection, LINES[table]):
        condition = "false"  # none of its lines stayed
    used = {key: value for key, value in living.items() if f":{key}" in condition}
    connection.execute(
        text(
            f"CREATE TEMP TABLE staying ON COMMIT DROP AS SELECT * FROM {name} AS stretch WHERE {condition}"
        ),
        used,
    )
    connection.execute(text(f"DROP TABLE {name}"))
    if connection.scalar(text("SELECT EXISTS (SELECT 1 FROM staying)")):
        span = (midnight(day).isoformat(), midnight(day + timedelta(days=1)).isoformat())
        connection.execute(
            text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{span[0]}') TO ('{span[1]}')")
        )
        connection.execute(text(f"INSERT INTO {name} SELECT * FROM staying"))
        if table in LINES:
            doubt_all(connection, name)
    connection.execute(text("DROP TABLE staying"))


def _forget(connection: Connection, cutoff: datetime) -> dict[str, int]:
    """Remove old rows of the tables without partitions, and strays from the past in the default
    partitions."""
    figures = {"strays_removed": 0}
    for table, clock in PARTITIONED.items():
        removed = connection.execute(
            text(f"DELETE FROM {table}_default WHERE {clock} < :cutoff"), {"cutoff": cutoff}
        ).rowcount
        figures["strays_removed"] += removed
    for table, clock in FORGOTTEN.items():
        model = MODELS[table]
        figures[FIGURES[table]] = connection.execute(
            delete(model).where(getattr(model, clock) < cutoff)
        ).rowcount
    return figures
