"""The shapes of the answers under /api/settings/, which the page shows too."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from webapp.settings import examples
from webapp.settings.catalogue import Setting
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


@dataclass(frozen=True, kw_only=True)
class OutgoingMail:
    """What is set for outgoing mail, with the keys that the original's pages read; no secret is among
    them."""

    enabled: bool
    configured: bool
    host: str | None
    port: int
    user: str | None
    from_address: str | None
    use_tls: bool
    admin_email: str | None


@dataclass(frozen=True, kw_only=True)
class ReportImport:
    """How reports come in, as the original's pages read it."""

    manual_upload_enabled: bool
    imap_sync_enabled: bool
    imap_host: str | None
    imap_user: str | None
    imap_folder: str
    imap_delete_after: bool
    imap_interval_minutes: float
    smtp_configured: bool


@dataclass(frozen=True)
class Information:
    """Configuration, imports, correlation, jobs."""

    configuration: Configuration
    import_status: dict[str, ImportStatus]
    correlation_status: Completion
    background_jobs: dict[str, JobAnswer]
    recent_incomplete_correlations: list[IncompleteMessage]
    smtp_configuration: OutgoingMail
    imap_configuration: Feature
    dmarc_configuration: ReportImport


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


@dataclass(frozen=True)
class SettingAnswer:
    """One setting: `value` and `default` as text, '' where nothing is set and dots for a secret; `source` is
    default, page, .env, environment or viewer; `locked` says why it cannot be changed, null where it can."""

    name: str
    value: str
    default: str
    source: str
    meaning: str
    is_secret: bool
    locked: str | None


@dataclass(frozen=True)
class SectionAnswer:
    """The settings of one subject."""

    section: str
    settings: list[SettingAnswer]


@dataclass(frozen=True)
class AllSettings:
    """Every setting by section, and whether any may be changed here."""

    may_edit: bool
    sections: list[SectionAnswer]


class SettingsChange(BaseModel):
    """Which settings to change, and to what."""

    model_config = ConfigDict(json_schema_extra={"example": {"changes": {"FETCH_INTERVAL": 30}}})

    changes: dict[str, str | bool | int | float | None] = Field(
        min_length=1, max_length=500, description="Names and values; null goes back to the default"
    )

    def texts(self) -> dict[str, str | None]:
        """The values as a form would send them, by field; an empty one is none."""
        return {name.lower(): _text(value) for name, value in self.changes.items()}


def _text(value: str | float | bool | None) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value).strip() or None


def settings_answer(sections: list[tuple[str, list[Setting]]], may_edit: bool) -> AllSettings:
    """The answer of /api/settings."""
    return AllSettings(
        may_edit,
        [
            SectionAnswer(
                section,
                [
                    SettingAnswer(
                        one.name,
                        one.value,
                        one.default,
                        one.source,
                        one.meaning,
                        one.is_secret,
                        one.locked or None,
                    )
                    for one in settings
                ],
            )
            for section, settings in sections
        ],
    )


CONNECTED = "connected"
InformationAnswer = described(Information, examples.INFORMATION)
HealthAnswer = described(Health, examples.HEALTH)
SmtpTestAnswer = described(MailTest, examples.SMTP_TEST)
ImapTestAnswer = described(MailTest, examples.IMAP_TEST)
SettingsAnswer = described(AllSettings, examples.SETTINGS)
