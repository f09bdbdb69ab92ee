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


@dataclass(frozen=True, slots=True)
class VerdictPart:
    """One clause; `grade` is bad, warning, note or good, `url` the page that shows more. `more` continues the
    text, with a page of its own."""

    text: str
    grade: str
    url: str
    more: str | None
    more_url: str | None


@dataclass(frozen=True, slots=True)
class QueueDestination:
    """Mail that waits for one domain; `hour_ago` is null where it was not recorded, `next_try` is about when
    Postfix tries the first of it again."""

    domain: str
    mails: int
    hour_ago: int | None
    oldest: datetime | None
    reason: str | None
    kind: str | None
    next_try: datetime | None


@dataclass(frozen=True, slots=True)
class QueueNow:
    """The queue as mailcow listed it at `taken_at`, and the destinations with most mails."""

    taken_at: datetime | None
    mails: int
    held: int
    hour_ago: int | None
    oldest: datetime | None
    destinations: Sequence[QueueDestination]


@dataclass(frozen=True, slots=True)
class VerdictAnswer:
    """The verdict as one sentence and in its parts; `grade` is that of the worst part. `as_of` is the moment
    it tells of, where that is not the present."""

    sentence: str
    grade: str
    as_of: datetime | None
    parts: Sequence[VerdictPart]
    queue: QueueNow


VerdictShape = described(VerdictAnswer, examples.VERDICT)
DashboardAnswer = described(Dashboard, examples.DASHBOARD)
TimelineAnswer = described(Timeline, examples.TIMELINE)
TriggersAnswer = described(Triggers, examples.TRIGGERS)
BlockedAddressesAnswer = described(BlockedAddresses, examples.BLOCKED)
ActivityAnswer = described(Activity, examples.ACTIVITY)
