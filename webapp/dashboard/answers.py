"""The shapes of the answers under /api/stats/.

Spans such as `24h` are no names of Python: what is counted by span stays a dictionary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from webapp.dashboard import examples
from webapp.web.openapi import described


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures by span; those of directions by `inbound_24h` and so on, `percentage_24h` in percent."""

    messages: dict[str, int]
    spam: dict[str, float]
    failed_deliveries: dict[str, int]
    blocked: dict[str, float]
    deferred: dict[str, int]
    auth_failures: dict[str, int]
    direction: dict[str, int]
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """The messages of one hour."""

    hour: datetime
    total: int
    spam: int
    clean: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The hours, the running one last."""

    timeline: Sequence[Hour]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A symbol, and how many spam mails have it."""

    symbol: str
    count: int


@dataclass(frozen=True, slots=True)
class Triggers:
    """The symbols that raised the score of spam most often."""

    triggers: Sequence[Trigger]


@dataclass(frozen=True, slots=True)
class BlockedAddress:
    """An address with its warnings and bans."""

    ip: str
    count: int
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class BlockedAddresses:
    """The addresses with most warnings and bans."""

    blocked_ips: Sequence[BlockedAddress]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One of the newest messages."""

    time: datetime
    sender: str | None
    recipient: str | None
    subject: str | None
    direction: str | None
    status: str | None
    correlation_key: str


@dataclass(frozen=True, slots=True)
class Activity:
    """The newest messages."""

    activity: Sequence[Arrival]


DashboardAnswer = described(Dashboard, examples.DASHBOARD)
TimelineAnswer = described(Timeline, examples.TIMELINE)
TriggersAnswer = described(Triggers, examples.TRIGGERS)
BlockedAddressesAnswer = described(BlockedAddresses, examples.BLOCKED)
ActivityAnswer = described(Activity, examples.ACTIVITY)
