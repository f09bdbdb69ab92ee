"""Forgetting reports: a single one, or all beyond the retention; the sums follow."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from webapp.errors import NotFound
from webapp.reports.imap.syncs import forget_old as forget_syncs
from webapp.reports.save import PATTERNS, SUMMED, SUMS
from webapp.tables.db import now

TABLES = {"dmarc": "dmarc_reports", "tls": "tls_reports", "failure": "failure_reports"}
RECOUNT = text(
    f"INSERT INTO dmarc_source_days (domain, day, source, {', '.join(SUMMED)}) "
    f"SELECT :domain, :day, source, {SUMS} FROM dmarc_records WHERE source IS NOT NULL AND messages > 0 "
    "AND report IN (SELECT id FROM dmarc_reports WHERE domain = :domain AND day = :day) GROUP BY source"
)
# the first and last days of the sources whose day has gone; one that the operator classed is kept
RENAME = text(
    "UPDATE dmarc_sources kept SET first_day = seen.first, last_day = seen.last FROM "
    "(SELECT source, min(day) AS first, max(day) AS last FROM dmarc_source_days WHERE domain = :domain "
    "GROUP BY source) AS seen WHERE kept.domain = :domain AND kept.source = seen.source "
    "AND (kept.first_day, kept.last_day) IS DISTINCT FROM (seen.first, seen.last)"
)
UNSEEN = text(
    "DELETE FROM dmarc_sources kept WHERE kept.domain = :domain AND kept.set_class IS NULL AND NOT EXISTS "
    "(SELECT 1 FROM dmarc_source_days d WHERE d.domain = kept.domain AND d.source = kept.source)"
)
UNUSED_FILES = text(
    "DELETE FROM report_files f WHERE NOT EXISTS (SELECT 1 FROM dmarc_reports WHERE file_id = f.id) "
    "AND NOT EXISTS (SELECT 1 FROM tls_reports WHERE file_id = f.id)"
)


def forget_report(connection: Connection, kind: str, number: int) -> None:
    """Remove one report, `kind` is dmarc, tls or failure, and take it out of the sums; raises NotFound."""
    table = TABLES.get(kind)
    gone = _removed(connection, table, "id = :id", {"id": number}) if table else []
    if not gone:
        raise NotFound(f"There is no {kind} report {number}")
    _follow(connection, kind, gone)


def forget_old(connection: Connection, days: int, today: date | None = None) -> dict[str, int]:
    """Remove the reports that are about, and came, more than that many days before today (or the day given);
    how many of each kind."""
    cutoff = (today or now().date()) - timedelta(days=days)
    figures = {}
    for kind, table in TABLES.items():
        gone = _removed(connection, table, "day < :cutoff AND received_at < :cutoff", {"cutoff": cutoff})
        _follow(connection, kind, gone)
        figures[f"{kind}_reports_removed"] = len(gone)
    figures["imap_syncs_removed"] = forget_syncs(connection, days)
    return figures


def _removed(connection: Connection, table: str, where: str, values: dict[str, Any]) -> list[Any]:
    return list(
        connection.execute(text(f"DELETE FROM {table} WHERE {where} RETURNING id, domain, day"), values)
    )


def _follow(connection: Connection, kind: str, gone: list[Any]) -> None:
    """Remove what belongs to removed reports, and count their days anew."""
    if not gone:
        return
    if kind == "dmarc":
        ids = {"ids": [row.id for row in gone]}
        connection.execute(text("DELETE FROM dmarc_records WHERE report = ANY(:ids)"), ids)
        for domain, day in sorted({(row.domain, row.day) for row in gone}):
            _recount(connection, domain, day)
        for domain in sorted({row.domain for row in gone}):
            connection.execute(RENAME, {"domain": domain})
            connection.execute(UNSEEN, {"domain": domain})
    connection.execute(UNUSED_FILES)


def _recount(connection: Connection, domain: str, day: date) -> None:
    place = {"domain": domain, "day": day}
    connection.execute(text("DELETE FROM dmarc_source_days WHERE domain = :domain AND day = :day"), place)
    connection.execute(RECOUNT, place | PATTERNS)
