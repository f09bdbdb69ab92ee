"""The shapes of the answers under /api/status/, /api/health and /api/info, which the cards show too."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field
from typing_extensions import TypedDict  # pydantic refuses the one of `typing` below Python 3.12

from webapp.jobqueue import JobState
from webapp.lists.params import Parameters
from webapp.mailcow.connection import Answering
from webapp.mailcow.server import Container
from webapp.status import examples
from webapp.web.openapi import described


class Force(Parameters):
    """Whether GitHub is asked now."""

    force: bool = Field(
        False, description="Ask GitHub now, for at most five seconds, instead of telling what the job found"
    )


@dataclass(frozen=True)
class HealthConfig:
    """What of the configuration is told to those who may know."""

    fetch_interval: int
    retention_days: int
    mailcow_url: str
    blacklist_enabled: bool
    auth_enabled: bool


@dataclass(frozen=True)
class PublicHealth:
    """Whether the program can work."""

    status: str
    database: str
    version: str
    redis: str


@dataclass(frozen=True)
class Health(PublicHealth):
    """Whether the program can work; `config` is there for those who may know it."""

    config: HealthConfig


@dataclass(frozen=True)
class Info:
    """The application and its configuration."""

    name: str
    version: str
    mailcow_url: str
    local_domains: list[str]
    fetch_interval: int
    retention_days: int
    timezone: str
    app_title: str
    app_logo_url: str
    blacklist_count: int
    auth_enabled: bool
    demo: bool


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """When mailcow told it, how many seconds ago, and why there is nothing newer."""

    taken_at: datetime | None
    age_seconds: int | None
    error: str | None


@dataclass(frozen=True)
class ContainerCounts:
    """How many containers run, how many do not, and all of them."""

    running: int
    stopped: int
    total: int


@dataclass(frozen=True)
class FreshContainerCounts(Freshness, ContainerCounts):
    """The same with their age."""


@dataclass(frozen=True)
class ContainerStates:
    """The containers by their names, and how many run."""

    containers: dict[str, Container]
    summary: ContainerCounts


@dataclass(frozen=True)
class Containers(Freshness, ContainerStates):
    """mailcow's containers as it told them last."""


@dataclass(frozen=True)
class Volume:
    """The mail volume, in df's words; None where mailcow never told."""

    disk: str | None = None
    used: str | None = None
    total: str | None = None
    used_percent: str | None = None


@dataclass(frozen=True)
class Storage(Freshness, Volume):
    """The mail volume, in df's words, as mailcow told them last."""


@dataclass(frozen=True)
class Amount:
    """How many objects there are, and how many are switched on; None where mailcow never told."""

    total: int | None = None
    active: int | None = None


@dataclass(frozen=True)
class Objects(Freshness, Amount):
    """How many objects of a kind there were when mailcow told last."""


@dataclass(frozen=True)
class BanCounts:
    """How many addresses are banned for now, and for good; None where mailcow never told."""

    active: int | None = None
    permanent: int | None = None


@dataclass(frozen=True)
class Bans(Freshness, BanCounts):
    """How many addresses were banned when mailcow told last."""


@dataclass(frozen=True)
class MailcowInfo:
    """How many domains, mailboxes and aliases mailcow has; the age is that of the oldest of them."""

    domains: Objects
    mailboxes: Objects
    aliases: Objects
    bans: Bans
    age_seconds: int | None
    error: str | None


@dataclass(frozen=True)
class Totals:
    """How many there are; None where mailcow never told."""

    domains: int | None
    mailboxes: int | None
    aliases: int | None


@dataclass(frozen=True)
class Summary:
    """Containers, storage and counts in one answer."""

    containers: FreshContainerCounts
    storage: Storage
    system: Totals


@dataclass(frozen=True, kw_only=True)
class Version:
    """A running version beside the latest release."""

    current_version: str | None
    latest_version: str | None
    update_available: bool
    changelog: str | None
    published_at: str | None
    release_url: str | None
    last_checked: datetime | None
    error: str | None


@dataclass(frozen=True, kw_only=True)
class AppVersion(Version):
    """This program's version; `enabled`: its releases are looked for, in `repository`."""

    enabled: bool
    repository: str | None


@dataclass(frozen=True, kw_only=True)
class MailcowVersion(Version):
    """mailcow's version, told so many seconds ago; `version_error` says why there is nothing newer."""

    age_seconds: int | None
    version_error: str | None


@dataclass(frozen=True)
class Changelog:
    """One release's changelog in Markdown; None where it is not known."""

    version: str
    changelog: str | None


@dataclass(frozen=True)
class UnknownChangelog(Changelog):
    """The answer about a release that is not known."""

    detail: str


@dataclass(frozen=True)
class Connection:
    """Whether mailcow answered when it was last asked, since when it does not, and why."""

    connected: bool
    timestamp: datetime
    state: Answering
    since: datetime | None
    last_success: datetime | None
    error: str | None


@dataclass(frozen=True)
class Completion:
    """How many messages are complete or not (of these, some have expired); the rate is in percent."""

    last_update: datetime | None
    total: int
    complete: int
    incomplete: int
    expired: int
    completion_rate: float


@dataclass(frozen=True)
class IncompleteMessage:
    """A message that waits for a line or a row, for so many minutes."""

    correlation_key: str
    message_id: str | None
    queue_id: str | None
    sender: str | None
    recipient: str | None
    subject: str | None
    final_status: str | None
    created_at: datetime
    age_minutes: int


class JobAnswer(TypedDict, total=False):
    """One background job: `interval` or `schedule`, what is its own, its state, and its figures if it has
    any."""

    schedule: str
    interval: str
    description: str
    max_age: str
    expire_after: str
    retention: str
    status: JobState
    last_run: datetime | None
    error: str | None
    built: bool
    next_run: datetime | None
    duration_seconds: float | None
    note: str
    pending_items: int


HealthAnswer = described(Health, examples.HEALTH)
InfoAnswer = described(Info, examples.INFO)
ContainersAnswer = described(Containers, examples.CONTAINERS)
StorageAnswer = described(Storage, examples.STORAGE)
AppVersionAnswer = described(AppVersion, examples.APP_VERSION)
MailcowVersionAnswer = described(MailcowVersion, examples.MAILCOW_VERSION)
ChangelogAnswer = described(Changelog, examples.CHANGELOG)
ConnectionAnswer = described(Connection, examples.CONNECTION)
MailcowInfoAnswer = described(MailcowInfo, examples.OBJECTS)
SummaryAnswer = described(Summary, examples.SUMMARY)
