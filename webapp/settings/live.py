"""How a running process notices that settings were changed in the browser.

`Settings` is frozen: a new object takes the place of the old one under app.config["SETTINGS"].
Each process reads the few kept rows itself, at most every two seconds and only while something asks it:
nothing needs Redis, and a process that was away misses nothing.
"""

import logging
import threading
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from webapp.config import Settings
from webapp.settings.stored import effective, read

log = logging.getLogger(__name__)
PAUSE = 2.0  # seconds between two looks


class Live:
    """The settings of one process: `base` as it found them at its start, and what is kept behind them."""

    def __init__(self, base: Settings, config: MutableMapping[str, Any]) -> None:
        self.base, self._config = base, config
        self.left_aside: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self._next = 0.0
        self._lock = threading.Lock()
        self._listeners: list[Callable[[Settings], object]] = []

    @property
    def may_edit(self) -> bool:
        """Whether settings may be changed in the browser."""
        return self.base.settings_edit_via_ui_enabled

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        found: Settings = self._config["SETTINGS"]
        return found

    def when_changed(self, listener: Callable[[Settings], object]) -> None:
        """Call that function with the new settings whenever they change."""
        self._listeners.append(listener)

    def look(self, engine: Engine, at_once: bool = False) -> bool:
        """Take over what was changed; True where something was. Without the database they stay."""
        if not self.may_edit or not (at_once or time.monotonic() >= self._next):
            return False
        if not self._lock.acquire(blocking=at_once):
            return False
        try:
            self._next = time.monotonic() + PAUSE
            with engine.connect() as connection:
                return self._take(read(connection))
        except SQLAlchemyError as error:
            log.warning("changed settings cannot be read: %s", str(error).partition("\n")[0])
            return False
        finally:
            self._lock.release()

    def _take(self, kept: dict[str, str]) -> bool:
        if kept == self._seen:
            return False
        found = effective(self.base, kept)
        self._seen, self.left_aside = kept, dict(found.left_aside)
        for name, rule in found.left_aside.items():
            log.warning("the kept value of %s does not count: %s", name.upper(), rule)
        self._config["SETTINGS"] = found.settings
        self._config["PERMANENT_SESSION_LIFETIME"] = found.settings.session_seconds
        logging.getLogger().setLevel(found.settings.log_level)
        for listener in self._listeners:
            listener(found.settings)
        return True
