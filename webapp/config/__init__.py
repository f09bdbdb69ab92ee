"""Settings from the environment and `.env`, a file per subject; a bad value stops the start and names the
variable."""

from pathlib import Path

from webapp.config.kinds import DNS_PORT, server_of
from webapp.config.load import ConfigurationError, load_settings
from webapp.config.settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent
VERSION = (ROOT / "VERSION").read_text(encoding="ascii").strip()

__all__ = ["DNS_PORT", "ROOT", "VERSION", "ConfigurationError", "Settings", "load_settings", "server_of"]
