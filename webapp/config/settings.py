"""The whole configuration, put together of its subjects."""

from typing import Self

from pydantic import model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from webapp.config.access import AccessSettings
from webapp.config.alerts import AlertSettings
from webapp.config.channels import ChannelSettings
from webapp.config.domains import DomainSettings
from webapp.config.imap import ImapSettings
from webapp.config.mailcow import MailcowSettings
from webapp.config.program import ProgramSettings
from webapp.config.reports import ReportSettings
from webapp.config.smtp import SmtpSettings
from webapp.config.storage import StorageSettings

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(
    MailcowSettings,
    AlertSettings,
    ChannelSettings,
    DomainSettings,
    ReportSettings,
    ImapSettings,
    SmtpSettings,
    AccessSettings,
    ProgramSettings,
    StorageSettings,
    BaseSettings,
):
    """The whole configuration. Names are those of the environment variables, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mailcow_url and not self.mailcow_api_key:
            raise ValueError("MAILCOW_API_KEY must be set when MAILCOW_URL is")
        return self

    @property
    def is_open_to_all(self) -> bool:
        """True where real mail is shown to whoever reaches the port, from other machines too."""
        return not self.auth_enabled and not self.demo_mode and self.app_host not in LOOPBACK

    @property
    def geoip_folder(self) -> str:
        """Where MaxMind's files are: GEOIP_DB_DIR, else in DATA_DIR where an account fetches them."""
        if self.geoip_db_dir or not self.maxmind_license_key:
            return self.geoip_db_dir
        return str(self.data_dir / "geoip")
