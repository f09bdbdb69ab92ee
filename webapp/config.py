"""Settings from the environment and `.env`; a bad value stops the start and names the variable."""

import ipaddress
import os
import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
VERSION = (ROOT / "VERSION").read_text(encoding="ascii").strip()


DNS_PORT = 53
SERVER = re.compile(r"\[?(?P<address>[0-9a-f.:]{2,45}?)\]?(?::(?P<port>\d{1,5}))?", re.IGNORECASE)
HOST = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})+\.?", re.IGNORECASE)


class ConfigurationError(Exception):
    """A setting is missing or wrong; the text is one sentence for the administrator."""


class Settings(BaseSettings):
    """The whole configuration. Names are those of the environment variables, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    mailcow_url: str = ""
    mailcow_api_key: str = ""
    mailcow_api_key_rw: str = ""  # read-write key; without it no page changes anything on mailcow
    mailcow_api_timeout: float = Field(30, gt=0, le=600)  # seconds per request
    mailcow_api_verify_ssl: bool = True
    mailcow_networks: Annotated[tuple[str, ...], NoDecode] = ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64")
    demo_mode: bool = False

    fetch_interval: int = Field(60, ge=1, le=86400)  # seconds
    fetch_count_postfix: int = Field(2000, ge=50, le=10000)  # rows per request
    fetch_count_rspamd: int = Field(500, ge=50, le=1000)
    fetch_count_netfilter: int = Field(500, ge=50, le=10000)
    max_correlation_age_minutes: int = Field(10, ge=1, le=1440)
    correlation_check_interval: int = Field(120, ge=5, le=86400)  # seconds
    retention_days: int = Field(7, ge=1, le=3650)
    sign_burst_mails: int = Field(30, ge=1, le=1_000_000)  # in 15 minutes
    sign_burst_factor: float = Field(5, ge=1, le=1000)
    sign_failure_percent: float = Field(20, gt=0, le=100)
    sign_quota_percent: float = Field(90, gt=0, le=100)
    sign_silent_days: int = Field(2, ge=1, le=30)
    stats_retention_days: int = Field(400, ge=0, le=3650)  # daily figures, after the messages are gone
    blacklist_emails: Annotated[tuple[str, ...], NoDecode] = ()

    database_url: str = ""
    postgres_host: str = ""
    postgres_port: int = 5432
    postgres_user: str = ""
    postgres_password: str = ""
    postgres_db: str = ""
    redis_url: str = ""
    data_dir: Path = Path("data")

    app_port: int = Field(8080, ge=1, le=65535)
    app_title: str = "Mailcow Logs Viewer"
    app_logo_url: str = ""
    app_update_repo: str = "ShlomiPorush/mailcow-logs-viewer"  # '' switches the check for updates off
    github_api_url: str = "https://api.github.com"
    log_level: str = "WARNING"
    tz: str = "UTC"
    debug: bool = False
    max_search_results: int = Field(1000, ge=1, le=1_000_000)
    csv_export_limit: int = Field(10000, ge=1, le=10_000_000)
    scheduler_workers: int = Field(4, ge=1, le=64)

    dns_resolvers: Annotated[tuple[str, ...], NoDecode] = ()  # addresses with optional port, or https:// URLs
    domain_spf_source_server_ip: bool = True
    domain_spf_source_transports: bool = True
    domain_spf_source_relayhosts: bool = True
    domain_spf_source_dmarc_history: bool = False
    domain_spf_source_manual_hosts: Annotated[tuple[str, ...], NoDecode] = ()  # addresses or host names

    blacklist_dns_servers: Annotated[tuple[str, ...], NoDecode] = ()  # as dns_resolvers
    blacklist_ignored_lists: Annotated[tuple[str, ...], NoDecode] = ()  # names or zones, in lower case
    blacklist_source_server_ip: bool = True
    blacklist_source_transports: bool = True
    blacklist_source_relayhosts: bool = True
    blacklist_source_manual_hosts: Annotated[tuple[str, ...], NoDecode] = ()  # addresses or host names

    maxmind_account_id: str = ""
    maxmind_license_key: str = ""
    maxmind_url: str = "https://download.maxmind.com"
    geoip_db_dir: str = ""  # folder with MaxMind's GeoLite2-City.mmdb and GeoLite2-ASN.mmdb

    dmarc_retention_days: int = Field(60, ge=1, le=3650)
    dmarc_manual_upload_enabled: bool = True
    dmarc_max_upload_mb: int = Field(10, ge=1, le=30)  # as sent; the web server takes 32 MB at most
    dmarc_max_unpacked_mb: int = Field(200, ge=1, le=4000)
    dmarc_allow_report_delete: bool = False

    metrics_enabled: bool = False  # /metrics for Prometheus, without a login
    metrics_mailboxes: bool = False  # with what each mailbox sent today

    auth_enabled: bool = False
    auth_username: str = "admin"
    auth_password: str = ""
    session_secret_key: str = ""
    session_expiry_hours: int = Field(24, ge=1, le=8760)
    trusted_proxies: int = Field(1, ge=0, le=10)  # reverse proxies whose X-Forwarded-* headers count

    @field_validator(
        "blacklist_emails",
        "mailcow_networks",
        "domain_spf_source_manual_hosts",
        "blacklist_ignored_lists",
        "blacklist_source_manual_hosts",
        mode="before",
    )
    @classmethod
    def _comma_list(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("dns_resolvers", "blacklist_dns_servers", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        """A URL's path may need its capital letters."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("dns_resolvers", "blacklist_dns_servers", mode="after")
    @classmethod
    def _servers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            server_of(text)
        return value

    @field_validator("domain_spf_source_manual_hosts", "blacklist_source_manual_hosts", mode="after")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            if not HOST.fullmatch(text) and not _is_address(text):
                raise ValueError(f"{text!r} is neither an address nor a host name")
        return value

    @field_validator("app_update_repo", mode="after")
    @classmethod
    def _repository(cls, value: str) -> str:
        if value.lower() in ("off", "none", "false"):
            return ""
        if value and not re.fullmatch(r"[\w.-]+/[\w.-]+", value):
            raise ValueError("must be OWNER/NAME of a GitHub repository, or off")
        return value

    @field_validator("mailcow_url", "github_api_url", "maxmind_url", mode="after")
    @classmethod
    def _http_url(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("log_level", mode="after")
    @classmethod
    def _known_level(cls, value: str) -> str:
        return (
            value.upper() if value.upper() in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} else "WARNING"
        )

    @field_validator("tz", mode="after")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{value!r} is not a time zone name such as Europe/Berlin") from error
        return value

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        if self.auth_enabled and not self.auth_password:
            raise ValueError("AUTH_PASSWORD must be set when AUTH_ENABLED=true")
        if self.mailcow_url and not self.mailcow_api_key:
            raise ValueError("MAILCOW_API_KEY must be set when MAILCOW_URL is")
        return self

    @property
    def geoip_folder(self) -> str:
        """Where MaxMind's files are: GEOIP_DB_DIR, else in DATA_DIR where an account fetches them."""
        if self.geoip_db_dir or not self.maxmind_license_key:
            return self.geoip_db_dir
        return str(self.data_dir / "geoip")

    @cached_property
    def sqlalchemy_url(self) -> str:
        """The database as SQLAlchemy wants it; '' where nothing is configured."""
        if self.database_url:
            scheme, separator, rest = self.database_url.partition("://")
            return (
                f"postgresql+psycopg://{rest}"
                if separator and scheme.startswith("postgres")
                else self.database_url
            )
        if self.postgres_host:
            user, password = quote(self.postgres_user, safe=""), quote(self.postgres_password, safe="")
            return f"postgresql+psycopg://{user}:{password}@{self.postgres_host}:{self.postgres_port}/{self.postgres_db}"
        return ""


def server_of(text: str) -> str | tuple[str, int]:
    """A DNS server: a DoH URL as it is, or the address and port of `192.0.2.1`, `192.0.2.1:5353`,
    `2001:db8::1`, `[2001:db8::1]:53`. Raises ValueError with a sentence for anything else."""
    if text.startswith("https://"):
        return text
    if _is_address(text):
        return text, DNS_PORT
    found = SERVER.fullmatch(text)
    if found is None or not _is_address(found["address"]) or not 0 < int(found["port"] or DNS_PORT) < 65536:
        raise ValueError(f"{text!r} is neither an address with an optional port nor an https:// URL")
    return found["address"], int(found["port"] or DNS_PORT)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises ConfigurationError with one sentence that names the variable."""
    if "app_update_repo" not in overrides and _emptied("APP_UPDATE_REPO", overrides.get("_env_file", ".env")):
        overrides["app_update_repo"] = ""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_sentence(item) for item in error.errors())) from error


def _emptied(name: str, env_file: Any) -> bool:
    """True where the variable is given without a value: for this one, that says no, not that it is absent."""
    given = {key.upper(): value for key, value in os.environ.items()}.get(name)
    if given is None and env_file:
        given = {key.upper(): value for key, value in dotenv_values(env_file).items()}.get(name)
    return given == ""


def _sentence(item: Any) -> str:
    text = item["msg"].removeprefix("Value error, ")
    return f"{str(item['loc'][0]).upper()}: {text}" if item["loc"] else text
