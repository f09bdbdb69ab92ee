"""What every page says about the state of things: demo data, the connection to mailcow, lines that were
lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from webapp import cache
from webapp.config import VERSION, Settings
from webapp.mailcow import connection
from webapp.mailcow.connection import ConnectionState
from webapp.status.coverage import Coverage, coverage
from webapp.status.imports import recent_gaps
from webapp.status.storing import TROUBLE, Trouble, trouble
from webapp.tables.db import db, now
from webapp.web.times import moment_of
from webapp.web.visitor import may_act

GAPS_SHOWN = timedelta(days=2)
GAPS_FRESH = 10  # seconds
ROOMS = (
    ("/dashboard", "Dashboard", "layout-dashboard"),
    ("/messages", "Messages", "mail"),
    ("/logs", "Logs", "list-details"),
    ("/security", "Security", "shield-lock"),
    ("/queue", "Queue", "stack-2"),
    ("/quarantine", "Quarantine", "archive"),
    ("/mailboxes", "Mailboxes", "users"),
    ("/domains", "Domains", "world-www"),
    ("/dmarc", "DMARC", "report-analytics"),
    ("/alerts", "Alerts", "alert-triangle"),
    ("/status", "Status", "activity-heartbeat"),
    ("/settings", "Settings", "settings"),
    ("/api/docs", "API", "api"),
)
GAPS = "gaps"
READ = (connection.STATE, TROUBLE, cache.cached_key(GAPS))  # of Redis, by every page
WITHIN = {"blocklists": "domains", "access": "settings"}  # pages that are reached through another room


@dataclass(frozen=True)
class Lost:
    """A span in which lines were lost, as the banner tells it."""

    id: int
    source: str
    start: datetime
    end: datetime


class Frame:
    """The parts of the frame around every page, each worked out only where a template asks for it."""

    version = VERSION
    rooms = ROOMS

    def __init__(self, settings: Settings, path: str, visitor: str | None) -> None:
        self.title, self.logo_url, self.tz = settings.app_title, settings.app_logo_url, settings.tz
        self.demo, self.auth_enabled, self.username = settings.demo_mode, settings.auth_enabled, visitor
        self.open_to_all = settings.is_open_to_all
        first = path.strip("/").partition("/")[0]
        self.active = WITHIN.get(first, first)

    @property
    def may_act(self) -> bool:
        """Whether buttons that change something are shown."""
        return may_act()

    @cached_property
    def connection(self) -> ConnectionState:
        """Whether mailcow answers: connected, failing (since when, why), or waiting for the first answer."""
        return connection.state()

    @cached_property
    def trouble(self) -> Trouble | None:
        """What keeps the database from storing what is read."""
        return trouble()

    @property
    def cache_is_away(self) -> bool:
        """True while Redis does not answer."""
        return cache.is_away()

    def coverage(self, start: str | None, end: str | None) -> Coverage:
        """What a list of messages between two ISO texts was made of, for one that is empty."""
        return coverage(db.session(), moment_of(start), moment_of(end, last=True))

    @cached_property
    def gaps(self) -> list[Lost]:
        """The spans in which lines were lost, noticed in the last two days."""
        return cache.cached(GAPS, GAPS_FRESH, _gaps, list[Lost])


def _gaps() -> list[Lost]:
    found = recent_gaps(db.session(), now() - GAPS_SHOWN)
    return [Lost(gap.id, gap.source, gap.start, gap.end) for gap in found]
