"""The mail server that is watched, and how its logs are read."""

from pydantic import BaseModel, Field

from webapp.config.kinds import CommaList, HttpUrl


class MailcowSettings(BaseModel):
    """mailcow's API and the reading of its logs."""

    mailcow_url: HttpUrl = ""
    mailcow_api_key: str = ""
    mailcow_api_key_rw: str = ""  # read-write key; without it no page changes anything on mailcow
    mailcow_api_timeout: float = Field(30, gt=0, le=600)  # seconds per request
    mailcow_api_verify_ssl: bool = True
    mailcow_networks: CommaList = ("172.22.1.0/24", "fd4d:6169:6c63:6f77::/64")
    demo_mode: bool = False

    fetch_interval: int = Field(60, ge=1, le=86400)  # seconds
    fetch_count_postfix: int = Field(2000, ge=50, le=10000)  # rows per request
    fetch_count_rspamd: int = Field(500, ge=50, le=1000)
    fetch_count_netfilter: int = Field(500, ge=50, le=10000)
    dovecot_logs: bool = True
    fetch_count_dovecot: int = Field(2000, ge=50, le=10000)
    max_correlation_age_minutes: int = Field(10, ge=1, le=1440)
    correlation_check_interval: int = Field(120, ge=5, le=86400)  # seconds
    retention_days: int = Field(7, ge=1, le=3650)
    stats_retention_days: int = Field(400, ge=0, le=3650)  # daily figures, after the messages are gone
    blacklist_emails: CommaList = ()
