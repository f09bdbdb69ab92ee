"""The shapes of the answers under /api/dmarc/imap/: the documented keys, and those that the original's pages
read."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.reports.imap.queries import Lately
from webapp.web.openapi import described


@dataclass(frozen=True, kw_only=True)
class SyncAnswer:
    """One sync. `emails_seen` of `emails_total` mails were looked at; of these, `emails_found` are for the
    import."""

    id: int
    sync_id: int
    sync_type: str
    status: str
    started_at: datetime
    completed_at: datetime | None
    duration_seconds: float | None
    emails_seen: int
    emails_total: int
    emails_found: int
    emails_processed: int
    reports_created: int
    reports_duplicate: int
    reports_failed: int
    error_message: str | None
    failed_emails: list[dict[str, Any]] | None


@dataclass(frozen=True)
class Mailbox:
    """The settings of the mailbox as the original's pages read them; no secret is among them."""

    host: str
    port: int
    user: str
    folder: str
    delete_after: bool
    interval_seconds: int
    interval_minutes: float


@dataclass(frozen=True, kw_only=True)
class StatusAnswer:
    """What is set, and how the last sync went."""

    enabled: bool
    manual_upload_enabled: bool
    host: str
    port: int
    use_ssl: bool
    user: str
    folder: str
    interval_seconds: int
    delete_after_processing: bool
    processed_folder: str | None
    mark_seen: bool
    not_imported: int
    last_sync: SyncAnswer | None
    latest_sync: SyncAnswer | None
    configuration: Mailbox
    stats_24h: Lately


@dataclass(frozen=True)
class HistoryAnswer:
    """A page of syncs, newest first."""

    total: int
    page: int
    limit: int
    pages: int
    data: list[SyncAnswer]


EXAMPLE = {
    "id": 43,
    "sync_id": 43,
    "sync_type": "manual",
    "status": "success",
    "started_at": "2026-01-12T10:30:00Z",
    "completed_at": "2026-01-12T10:30:05Z",
    "duration_seconds": 5.0,
    "emails_seen": 4,
    "emails_total": 4,
    "emails_found": 3,
    "emails_processed": 3,
    "reports_created": 2,
    "reports_duplicate": 1,
    "reports_failed": 0,
    "error_message": None,
    "failed_emails": None,
}
STATUS_EXAMPLE = {
    "enabled": True,
    "manual_upload_enabled": True,
    "host": "mail.example.com",
    "port": 993,
    "use_ssl": True,
    "user": "dmarc@example.com",
    "folder": "INBOX",
    "interval_seconds": 3600,
    "delete_after_processing": False,
    "processed_folder": None,
    "mark_seen": False,
    "not_imported": 0,
    "last_sync": EXAMPLE,
    "latest_sync": EXAMPLE,
    "configuration": {
        "host": "mail.example.com",
        "port": 993,
        "user": "dmarc@example.com",
        "folder": "INBOX",
        "delete_after": False,
        "interval_seconds": 3600,
        "interval_minutes": 60.0,
    },
    "stats_24h": {"total_syncs": 24, "total_reports_created": 31, "total_reports_failed": 1},
}
SYNC = described(SyncAnswer, EXAMPLE)
STATUS = described(StatusAnswer, STATUS_EXAMPLE)
HISTORY = described(HistoryAnswer, {"total": 1, "page": 1, "limit": 20, "pages": 1, "data": [EXAMPLE]})
