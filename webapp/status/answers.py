"""The shapes of the answers under /api/status/, /api/health and /api/info, for the API's description."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from webapp.config import VERSION
from webapp.lists.params import Parameters

AGED: dict[str, Any] = {"age_seconds": 31, "error": None}
RELEASE: dict[str, Any] = {
    "latest_version": "1.4.9",
    "update_available": False,
    "changelog": "### Added\n\n- ...",
    "last_checked": "2026-01-08T15:52:46Z",
    "published_at": "2026-01-07T09:00:00Z",
    "error": None,
}


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(extra="allow", json_schema_extra={"example": body})


class Force(Parameters):
    """Whether GitHub is asked now."""

    force: bool = Field(
        False, description="Ask GitHub now, for at most five seconds, instead of telling what the job found"
    )


class Health(BaseModel):
    """Whether the program can work."""

    model_config = _example(
        status="healthy",
        database="connected",
        version=VERSION,
        config={
            "fetch_interval": 60,
            "retention_days": 7,
            "mailcow_url": "https://mail.example.com",
            "blacklist_enabled": False,
            "auth_enabled": False,
        },
    )

    status: str
    database: str
    version: str


class Info(BaseModel):
    """The application and its configuration."""

    model_config = _example(
        name="Mailcow Logs Viewer",
        version=VERSION,
        mailcow_url="https://mail.example.com",
        local_domains=["example.com"],
        fetch_interval=60,
        retention_days=7,
        timezone="UTC",
        app_title="Mailcow Logs Viewer",
        app_logo_url="",
        blacklist_count=0,
        auth_enabled=False,
    )

    name: str
    version: str
    local_domains: list[str]


class Containers(BaseModel):
    """mailcow's containers as it told them last."""

    model_config = _example(
        containers={
            "postfix-mailcow": {
                "name": "postfix",
                "state": "running",
                "started_at": "2025-12-20T08:00:00Z",
                "image": "ghcr.io/mailcow/postfix:3.10.12-1",
            }
        },
        summary={"running": 18, "stopped": 0, "total": 18},
        **AGED,
    )

    containers: dict[str, dict[str, Any]]
    summary: dict[str, int]


class Storage(BaseModel):
    """The mail volume, in df's words."""

    model_config = _example(disk="/dev/sda1", used="45G", total="100G", used_percent="45%", **AGED)

    disk: str | None
    used: str | None
    total: str | None
    used_percent: str | None


class Version(BaseModel):
    """A running version beside the latest release."""

    model_config = _example(current_version="1.4.9", **RELEASE)

    current_version: str | None
    latest_version: str | None
    update_available: bool
    changelog: str | None
    last_checked: str | None


class Changelog(BaseModel):
    """One release's changelog in Markdown."""

    model_config = _example(version="1.4.6", changelog="### Fixed\n\n- ...")

    version: str
    changelog: str


class Connection(BaseModel):
    """Whether mailcow answered when it was last asked."""

    model_config = _example(
        connected=True,
        timestamp="2026-01-05T15:52:46Z",
        state="connected",
        since=None,
        last_success="2026-01-05T15:52:44Z",
        error=None,
    )

    connected: bool
    timestamp: str


class MailcowInfo(BaseModel):
    """How many domains, mailboxes and aliases mailcow has."""

    model_config = _example(
        domains={"total": 5, "active": 5, **AGED},
        mailboxes={"total": 25, "active": 23, **AGED},
        aliases={"total": 50, "active": 48, **AGED},
        bans={"active": 2, "permanent": 0, **AGED},
        **AGED,
    )

    domains: dict[str, Any]
    mailboxes: dict[str, Any]
    aliases: dict[str, Any]


class Summary(BaseModel):
    """The figures of a dashboard."""

    model_config = _example(
        containers={"running": 18, "stopped": 0, "total": 18, **AGED},
        storage={"used_percent": "45%", "used": "45G", "total": "100G", **AGED},
        system={"domains": 5, "mailboxes": 25, "aliases": 50},
    )

    containers: dict[str, Any]
    storage: dict[str, Any]
    system: dict[str, int | None]
