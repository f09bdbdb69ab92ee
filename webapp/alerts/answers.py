"""The shapes of events and rules, as the page and the API show them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.alerts.events import OFF
from webapp.alerts.words import TITLES, RuleName
from webapp.lists.answer import BESIDE, page_of
from webapp.web.openapi import described


class EventState(StrEnum):
    """Whether trouble goes on: open, over, or no longer watched for."""

    OPEN = "open"
    OVER = "over"
    OFF = "off"


class RuleState(StrEnum):
    """How a rule stands: trouble is open or not, what it judges is not known, or it is switched off."""

    OPEN = "open"
    QUIET = "quiet"
    UNKNOWN = "unknown"
    OFF = "off"


@dataclass(slots=True)
class EventRow:
    """One trouble from its beginning to its end; the times at which it was told are null where it was not."""

    id: int
    rule: str
    subject: str
    aspect: str
    severity: str
    began_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    last_seen: datetime
    text: str
    numbers: dict[str, Any]
    link: str
    begin_told_at: datetime | None
    reminded_at: datetime | None
    end_told_at: datetime | None
    title: str = field(default="", kw_only=True, metadata=BESIDE)
    state: str = field(default="", kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.title = TITLES[RuleName(self.rule)] if self.rule in set(RuleName) else self.rule
        ended = EventState.OFF if self.ended_by == OFF else EventState.OVER
        self.state = ended if self.ended_at else EventState.OPEN


EventPage = page_of(
    EventRow,
    {
        "id": 7,
        "rule": "container",
        "subject": "sogo",
        "aspect": "",
        "severity": "critical",
        "began_at": "2026-01-25T10:30:00Z",
        "ended_at": None,
        "ended_by": None,
        "last_seen": "2026-01-25T10:41:00Z",
        "text": "sogo is exited",
        "numbers": {"state": "exited"},
        "link": "/status",
        "begin_told_at": "2026-01-25T10:33:00Z",
        "reminded_at": None,
        "end_told_at": None,
        "title": "A container is stopped",
        "state": "open",
    },
)


@dataclass(frozen=True)
class RuleAnswer:
    """One rule: its threshold in words and as settings, and how it stands.

    `open` events, the oldest of them since `open_since`; `last_told` is its last notice of any sort;
    `unknown_since`: what it judges is not known since then.
    """

    name: str
    title: str
    state: RuleState
    severity: str
    threshold: str
    settings: dict[str, str]
    open: int
    open_since: datetime | None
    events: int
    last_began: datetime | None
    last_told: datetime | None
    judged_at: datetime | None
    unknown_since: datetime | None


@dataclass(frozen=True)
class RulesAnswer:
    """All rules, how many events are open, and the pace of notices: minutes between two that trouble of a
    kind began, hours until what is open is told again (0: never)."""

    rules: list[RuleAnswer]
    open: int
    quiet_minutes: int
    reminder_hours: int


Rules = described(
    RulesAnswer,
    {
        "rules": [
            {
                "name": "container",
                "title": "A container is stopped",
                "state": "open",
                "severity": "critical",
                "threshold": "not running for 3 minutes; over after five minutes of running",
                "settings": {"ALERT_CONTAINER_MINUTES": "3", "ALERT_CONTAINERS_IGNORED": ""},
                "open": 1,
                "open_since": "2026-01-25T10:30:00Z",
                "events": 4,
                "last_began": "2026-01-25T10:30:00Z",
                "last_told": "2026-01-25T10:33:00Z",
                "judged_at": "2026-01-25T10:41:00Z",
                "unknown_since": None,
            }
        ],
        "open": 1,
        "quiet_minutes": 30,
        "reminder_hours": 24,
    },
)
