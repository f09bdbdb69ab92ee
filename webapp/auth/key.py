"""The key that signs cookies."""

import contextlib
import os
import secrets
from pathlib import Path

from webapp.config import ConfigurationError, Settings

KEY_FILE = "session.key"


def secret_key(settings: Settings) -> str:
    """SESSION_SECRET_KEY, else a random key kept in DATA_DIR; raises ConfigurationError where neither can be
    had."""
    if settings.session_secret_key:
        return settings.session_secret_key
    file = Path(settings.data_dir) / KEY_FILE
    try:
        if not file.exists():
            _make_key(file)
    except OSError as error:
        raise ConfigurationError(
            f"DATA_DIR {settings.data_dir} cannot hold the session key ({error.strerror}): "
            "make it writable or set SESSION_SECRET_KEY"
        ) from error
    return file.read_text(encoding="ascii")


def _make_key(file: Path) -> None:
    """Write a new key; of several processes that start at once, the first one's stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    own = file.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as new:
        new.write(secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(own, file)
    own.unlink()
