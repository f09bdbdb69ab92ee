"""The program itself: its port, its name, its limits, its updates."""

import re
from ipaddress import ip_address
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, field_validator

from webapp.config.kinds import HttpUrl

LEVELS = {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}


class ProgramSettings(BaseModel):
    """What holds for every room."""

    app_host: str = "0.0.0.0"  # noqa: S104 - a reverse proxy or a browser on another machine must reach it
    app_port: int = Field(8080, ge=1, le=65535)
    app_title: str = "Mailcow Logs Viewer"
    app_logo_url: str = ""
    app_update_repo: str = "ShlomiPorush/mailcow-logs-viewer"  # '' switches the check for updates off
    github_api_url: HttpUrl = "https://api.github.com"
    log_level: str = "WARNING"
    tz: str = "UTC"
    debug: bool = False
    max_search_results: int = Field(1000, ge=1, le=1_000_000)
    csv_export_limit: int = Field(10000, ge=1, le=10_000_000)
    settings_edit_via_ui_enabled: bool = False
    resource_profile: Literal["small", "large"] = "small"
    scheduler_workers: int = Field(4, ge=1, le=64)

    metrics_enabled: bool = False  # /metrics for Prometheus, without a login
    metrics_mailboxes: bool = False  # with what each mailbox sent today

    @field_validator("app_update_repo", mode="after")
    @classmethod
    def _repository(cls, value: str) -> str:
        if value.lower() in ("off", "none", "false"):
            return ""
        if value and not re.fullmatch(r"[\w.-]+/[\w.-]+", value):
            raise ValueError("must be OWNER/NAME of a GitHub repository, or off")
        return value

    @field_validator("app_host", mode="after")
    @classmethod
    def _address(cls, value: str) -> str:
        if value != "localhost":
            ip_address(value)
        return value

    @field_validator("log_level", mode="after")
    @classmethod
    def _known_level(cls, value: str) -> str:
        return value.upper() if value.upper() in LEVELS else "WARNING"

    @field_validator("tz", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone name such as Europe/Berlin") from error
        return value
