"""What every page says about the state of things: demo data, the connection to mailcow, lines that were
lost."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask, request

from webapp import cache
from webapp.config import VERSION
from webapp.mailcow import connection
from webapp.mailcow.connection import ConnectionState
from webapp.status.imports import recent_gaps
from webapp.tables.db import db, iso, now, utc
from webapp.web.page import settings, visitor

GAPS_SHOWN = timedelta(days=2)
GAPS_FRESH = 10  # seconds
ROOMS = (
    ("/dashboard", "Dashboard", "layout-dashboard"),
    ("/messages", "Messages", "mail"),
    ("/logs", "Logs", "list-details"),
    ("/security", "Security", "shield-lock"),
    ("/queue", "Queue", "stack-2"),
    ("/quarantine", "Quarantine", "archive"),
    ("/status", "Status", "activity-heartbeat"),
    ("/settings", "Settings", "settings"),
    ("/api/docs", "API", "api"),
)


def register(app: Flask) -> None:
    """Give every template `ui`."""
    app.context_processor(lambda: {"ui": LazyState()})


class LazyState:
    """The parts of the frame, each worked out only where a template asks for it."""

    version = VERSION
    rooms = ROOMS

    def __init__(self) -> None:
        chosen = settings()
        self.title, self.logo_url, self.demo, self.tz = (
            chosen.app_title,
            chosen.app_logo_url,
            chosen.demo_mode,
            chosen.tz,
        )
        self.auth_enabled, self.username = chosen.auth_enabled, visitor()
        self.active = request.path.strip("/").partition("/")[0]

    @property
    def connection(self) -> ConnectionState:
        """Whether mailcow answers: connected, failing (since when, why), or waiting for the first answer."""
        return connection.state()

    @property
    def gaps(self) -> list[SimpleNamespace]:
        """The spans in which lines were lost, noticed in the last two days."""
        kept = cache.cached("gaps", GAPS_FRESH, _gaps)
        return [
            SimpleNamespace(id=gap["id"], source=gap["source"], start=utc(gap["start"]), end=utc(gap["end"]))
            for gap in kept
        ]


def _gaps() -> list[dict[str, Any]]:
    return [
        {
            "id": gap.id,
            "source": gap.source,
            "start": gap.start.timestamp(),
            "end": gap.end.timestamp(),
            "detected_at": iso(gap.detected_at),
        }
        for gap in recent_gaps(db.session(), now() - GAPS_SHOWN)
    ]
