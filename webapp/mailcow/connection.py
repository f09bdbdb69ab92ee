"""The connection to mailcow as all jobs use it: its state is known to every page, and a refusal is not
repeated."""

from typing import Any

from webapp import cache
from webapp.config import Settings
from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowError
from webapp.tables.db import iso, now, utc

LOGS = "logs"
STATE, DENIED = "mailcow:connection", "mailcow:denied"
FIRST_PAUSE, LONGEST_PAUSE = 300, 1800  # seconds; ten refused calls in ten minutes ban our address


class WatchedMailcow(Mailcow):
    """A client that records whether mailcow answers, and asks nothing while a refusal is fresh."""

    def get(self, route: str) -> Any:
        """As Mailcow.get; raises MailcowDenied without asking while the pause after a refusal lasts."""
        pause = cache.fetch(DENIED)
        if pause and pause["until"] > now().timestamp():
            raise MailcowDenied(f"{pause['reason']}; asking again at {iso(utc(pause['until']))}")
        try:
            answer = super().get(route)
        except MailcowDenied as error:
            self._pause(str(error), pause)
            note_failure(str(error))
            raise
        except MailcowError as error:
            note_failure(str(error))
            raise
        if pause:
            cache.forget(DENIED)
        if (cache.fetch(STATE) or {}).get("of") != LOGS:
            note_success()
        return answer

    @staticmethod
    def _pause(reason: str, earlier: dict[str, Any] | None) -> None:
        seconds = min(earlier["seconds"] * 2, LONGEST_PAUSE) if earlier else FIRST_PAUSE
        cache.put(
            DENIED,
            {"until": now().timestamp() + seconds, "seconds": seconds, "reason": reason},
            ttl=4 * LONGEST_PAUSE,
        )


def note_success() -> None:
    """Record that mailcow gives what is asked of it."""
    cache.put(STATE, {"state": "connected", "last_success": now().timestamp(), "since": None, "reason": None})


def note_failure(reason: str, of: str = "request") -> None:
    """Record that mailcow gave nothing usable; the first failure's time is kept.

    A failure `of` the logs ends when the logs are read again, not with the next request that is answered.
    """
    state = cache.fetch(STATE) or {}
    since = state.get("since") if state.get("state") == "failing" else None
    cache.put(
        STATE,
        {
            "state": "failing",
            "reason": reason.rstrip("."),
            "last_success": state.get("last_success"),
            "since": since or now().timestamp(),
            "of": of,
        },
    )


def forget_refusal() -> None:
    """Ask again at once: called when a worker starts, because the key may have been changed."""
    cache.forget(DENIED)


def mailcow(settings: Settings) -> WatchedMailcow:
    """The configured mailcow; raises MailcowDenied where none is configured."""
    if not settings.mailcow_url:
        raise MailcowDenied("no mailcow is configured: set MAILCOW_URL and MAILCOW_API_KEY")
    return WatchedMailcow(
        settings.mailcow_url,
        settings.mailcow_api_key,
        settings.mailcow_api_timeout,
        settings.mailcow_api_verify_ssl,
    )


def mailcow_rw(settings: Settings, timeout: float) -> Mailcow:
    """The configured mailcow with the read-write key; raises MailcowDenied where there is none. `timeout` in
    seconds."""
    if not settings.mailcow_url or not settings.mailcow_api_key_rw:
        raise MailcowDenied("nothing can be changed on mailcow: set MAILCOW_API_KEY_RW")
    return Mailcow(
        settings.mailcow_url,
        settings.mailcow_api_key_rw,
        min(timeout, settings.mailcow_api_timeout),
        settings.mailcow_api_verify_ssl,
    )
