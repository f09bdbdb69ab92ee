"""What every page says about the state of things: demo data, the connection to mailcow, lines that were lost."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask, request

from webapp import cache
from webapp.auth.guard import current_user
from webapp.config import VERSION
from webapp.connection import STATE
from webapp.db import db, now, utc
from webapp.logs.queries import recent_gaps
from webapp.web import iso, settings

GAPS_SHOWN = timedelta(days=2)
GAPS_FRESH = 10  # seconds
ROOMS = (("/messages", "Messages", "mail"), ("/api/docs", "API", "api"))


def register(app: Flask) -> None:
    """Give every template `ui`."""
    app.context_processor(lambda: {"ui": LazyState()})


class LazyState:
    """The parts of the frame, each worked out only where a template asks for it."""

    title = property(lambda self: settings().app_title)
    logo_url = property(lambda self: settings().app_logo_url)
    version = VERSION
    demo = property(lambda self: settings().demo_mode)
    tz = property(lambda self: settings().tz)
    auth_enabled = property(lambda self: settings().auth_enabled)
    username = property(lambda self: current_user())
    active = property(lambda self: request.path.strip("/").partition("/")[0])
    rooms = ROOMS

    @property
    def connection(self) -> SimpleNamespace:
        """Whether mailcow answers: connected, failing (since when, why), or waiting for the first answer."""
        state = cache.fetch(STATE)
        if state is None:
            return SimpleNamespace(state="waiting", since=None, reason=None, last_success=None)
        since, success = state.get("since"), state.get("last_success")
        return SimpleNamespace(state=state["state"], since=utc(since) if since else None, reason=state.get("reason"),
                               last_success=utc(success) if success else None)

    @property
    def gaps(self) -> list[SimpleNamespace]:
        """The spans in which lines were lost, noticed in the last two days."""
        kept = cache.cached("gaps", GAPS_FRESH, _gaps)
        return [SimpleNamespace(id=gap["id"], source=gap["source"], start=utc(gap["start"]), end=utc(gap["end"])) for gap in kept]


def _gaps() -> list[dict[str, Any]]:
    return [{"id": gap.id, "source": gap.source, "start": gap.start.timestamp(), "end": gap.end.timestamp(),
             "detected_at": iso(gap.detected_at)} for gap in recent_gaps(db.session(), now() - GAPS_SHOWN)]
