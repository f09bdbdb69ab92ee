"""The shapes of the answers under /api/settings/, which the page shows too."""

from dataclasses import dataclass
from datetime import datetime

from webapp.settings import examples
from webapp.status.answers import Completion, Connection, IncompleteMessage, JobAnswer
from webapp.web.openapi import described


@dataclass(frozen=True)
class MaxMind:
    """Whether MaxMind's files are wished, and there; `error` names those that are missing."""

    configured: bool
    valid: bool
    error: str | None


@dataclass(frozen=True)
class Configuration:
    """The settings that the API tells; no secret is among them."""

    mailcow_url: str
    fetch_interval: int
    fetch_count_postfix: int
    fetch_count_rspamd: int
    fetch_count_netfilter: int
    retention_days: int
    app_title: str
    log_level: str
    max_search_results: int
    csv_export_limit: int
    scheduler_workers: int
    auth_enabled: bool
    local_domains: list[str]
    timezone: str
    blacklist_enabled: bool
    blacklist_count: int
    auth_username: str | None
    maxmind_status: MaxMind


@dataclass(frozen=True)
class ImportStatus:
    """One log's import: gaps and rows set aside are counts, the total is an estimate where marked."""

    last_import: datetime | None
    last_fetch_run: datetime | None
    total_entries: int
    total_is_estimate: bool
    oldest_entry: datetime | None
    newest_entry: datetime | None
    gaps: int
    set_aside: int


@dataclass(frozen=True)
class Feature:
    """A part of the program that is switched on or not."""

    enabled: bool
    configured: bool


@dataclass(frozen=True)
class Information:
    """Configuration, imports, correlation, jobs."""

    configuration: Configuration
    import_status: dict[str, ImportStatus]
    correlation_status: Completion
    background_jobs: dict[str, JobAnswer]
    recent_incomplete_correlations: list[IncompleteMessage]
    smtp_configuration: Feature
    imap_configuration: Feature


@dataclass(frozen=True)
class DatabaseHealth:
    """Whether the database answers, in milliseconds."""

    status: str
    response_time_ms: float


@dataclass(frozen=True)
class RedisHealth:
    """Whether Redis answers, in milliseconds, and how many workers have given a sign of life."""

    status: str
    response_time_ms: float | None
    workers: int
    error: str | None

    @property
    def is_connected(self) -> bool:
        """True where it answers."""
        return self.status == CONNECTED


@dataclass(frozen=True)
class Arrivals:
    """What came in the last minutes; counts above 10,000 are estimates."""

    postfix_imported: int
    rspamd_imported: int
    correlations_created: int


@dataclass(frozen=True)
class RecentActivity:
    """What came lately."""

    last_5_minutes: Arrivals


@dataclass(frozen=True)
class Health:
    """Whether the parts answer, and how fast; mailcow's state is not known without Redis."""

    status: str
    timestamp: datetime
    database: DatabaseHealth
    redis: RedisHealth
    mailcow: Connection | None
    recent_activity: RecentActivity


@dataclass(frozen=True)
class MailTest:
    """The result of a test of outgoing mail or of the mailbox, with a line for each step."""

    success: bool
    logs: list[str]


CONNECTED = "connected"
InformationAnswer = described(Information, examples.INFORMATION)
HealthAnswer = described(Health, examples.HEALTH)
SmtpTestAnswer = described(MailTest, examples.SMTP_TEST)
ImapTestAnswer = described(MailTest, examples.IMAP_TEST)
