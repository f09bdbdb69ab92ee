"""What ingestion could not finish at once: late rows, late lines, our domains unknown, correlations without a
partner."""

from datetime import timedelta

from sqlalchemy import Connection, text

from webapp.config import Settings
from webapp.tables.db import now
from webapp.trace.link import retrace
from webapp.trace.load import load_surroundings, stored_scans

PORTION = 500  # messages a run; the next run takes the next ones

UNFINISHED = {
    # ended, but its Rspamd row or our domains were not known; or a row without lines
    "complete": "(correlation = 'open' AND (ended_at IS NOT NULL OR kind = 'scan') OR direction IS NULL) AND "
    "last_seen >= :since",
    # lines, but no final word yet
    "status": "kind = 'queue' AND ended_at IS NULL AND (final_status IS NULL OR final_status = 'deferred') "
    "AND last_seen >= :since",
}


def complete(connection: Connection, settings: Settings) -> int:
    """Join incomplete messages of the correlation window once more; returns how many changed."""
    return _again(connection, settings, UNFINISHED["complete"])


def update_status(connection: Connection, settings: Settings) -> int:
    """Trace messages without a final status once more from their lines; returns how many changed."""
    return _again(connection, settings, UNFINISHED["status"])


def backlog(connection: Connection, settings: Settings) -> dict[str, int]:
    """How many messages wait for each of the two jobs."""
    since = {"since": now() - timedelta(minutes=settings.max_correlation_age_minutes)}
    return {
        name: int(connection.scalar(text(f"SELECT count(*) FROM messages WHERE {where}"), since) or 0)
        for name, where in UNFINISHED.items()
    }


def _again(connection: Connection, settings: Settings, where: str) -> int:
    window = settings.max_correlation_age_minutes * 60
    rows = connection.execute(
        text(
            f"SELECT queue_id, mid_keys, first_seen FROM messages WHERE {where} ORDER BY last_seen LIMIT "
            f":most"
        ),
        {"since": now() - timedelta(seconds=window), "most": PORTION},
    ).all()
    if not rows:
        return 0
    first = min(row.first_seen for row in rows).timestamp()
    keys = {key for row in rows for key in row.mid_keys}
    scans = stored_scans(connection, keys, first - window, now().timestamp() + window)
    queue_ids = sorted({row.queue_id for row in rows if row.queue_id})
    return retrace(
        connection, queue_ids, scans, first - window, load_surroundings(connection, settings), window
    )


def expire(connection: Connection, settings: Settings) -> int:
    """Give up on correlations older than the maximum age; a mail in the queue is not given up, and no status
    is touched."""
    since = now() - timedelta(minutes=settings.max_correlation_age_minutes)
    return connection.execute(
        text(
            "UPDATE messages SET correlation = 'expired' WHERE correlation = 'open' AND last_seen < :since "
            "AND (ended_at IS NOT NULL OR queued_at IS NULL)"
        ),
        {"since": since},
    ).rowcount
