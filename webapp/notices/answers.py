"""The shapes of the answers under /api/alerts/channels and /api/alerts/notices."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from webapp.alerts.results import ChannelState, Way
from webapp.alerts.trial import Trial
from webapp.alerts.watched import Dependence
from webapp.lists.answer import BESIDE, page_of
from webapp.web.openapi import described

CHANNEL = {
    "name": "ntfy",
    "service": "ntfy",
    "kinds": ["dns", "blocklist"],
    "state": "works",
    "last_attempt": "2026-01-08T01:34:08Z",
    "last_sent": "2026-01-08T01:34:08Z",
    "last_error": None,
    "waiting": 0,
    "waiting_since": None,
    "next_try": None,
}
TRIAL = {"success": True, "status": "sent", "channel": "ntfy", "key": "test:ntfy:1", "error": None}
NOTICE = {
    "key": "queue_length:12:begin",
    "kinds": ["queue_length"],
    "severity": "warning",
    "title": "The queue is long",
    "lines": ["42 mails wait in the queue; a notice is given above 30."],
    "link": "/queue",
    "made_at": "2026-01-08T01:34:08Z",
    "deliveries": [
        {
            "channel": "mail",
            "state": "sent",
            "attempts": 1,
            "sent_at": "2026-01-08T01:34:09Z",
            "next_try": None,
            "error": None,
        }
    ],
}


@dataclass(frozen=True)
class ChannelAnswer:
    """One channel with its last result; `kinds` empty: it is told of everything. No URL is among it."""

    name: str
    service: str
    kinds: list[str]
    state: str
    last_attempt: datetime | None
    last_sent: datetime | None
    last_error: str | None
    waiting: int
    waiting_since: datetime | None
    next_try: datetime | None


@dataclass(frozen=True)
class Channels:
    """All channels. `warning`: an outage of mailcow would be told to nobody, because the only channel
    depends on it."""

    channels: list[ChannelAnswer]
    warning: str | None


@dataclass(frozen=True)
class TrialAnswer:
    """How a test ended; `status` is sent, closed (it was not) or waiting."""

    success: bool
    status: str
    channel: str
    key: str
    error: str | None


@dataclass(frozen=True)
class DeliveryAnswer:
    """One notice's way to one channel: sent, waiting for `next_try`, or closed."""

    channel: str
    state: str
    attempts: int
    sent_at: datetime | None
    next_try: datetime | None
    error: str | None


@dataclass(slots=True)
class NoticeAnswer:
    """One notice as it was told, and its way to each channel that takes its kinds."""

    key: str
    kinds: list[str]
    severity: str
    title: str
    lines: list[str]
    link: str
    made_at: datetime
    deliveries: list[DeliveryAnswer] = field(default_factory=list, metadata=BESIDE)


class TestRequest(BaseModel):
    """Which channel is tested."""

    model_config = ConfigDict(json_schema_extra={"example": {"channel": "mail"}})

    channel: str = Field(description="The channel's name", max_length=100)


ChannelsAnswer = described(Channels, {"channels": [CHANNEL], "warning": None})
TestAnswer = described(TrialAnswer, TRIAL)
NoticesAnswer = page_of(NoticeAnswer, NOTICE)


def channel_answer(state: ChannelState) -> ChannelAnswer:
    """One channel in the API's form."""
    return ChannelAnswer(
        name=state.channel.name,
        service=state.channel.service,
        kinds=list(state.channel.kinds),
        state=state.faring,
        last_attempt=state.tried_at,
        last_sent=state.sent_at,
        last_error=state.said,
        waiting=state.waiting,
        waiting_since=state.oldest,
        next_try=state.next_try,
    )


def trial_answer(trial: Trial) -> TrialAnswer:
    """A test in the API's form."""
    way = trial.way
    state = way.state if way else "waiting"
    return TrialAnswer(state == "sent", state, trial.channel, trial.key, way.last_error if way else None)


def delivery_answer(way: Way) -> DeliveryAnswer:
    """One way in the API's form."""
    following = way.next_try if way.state == "waiting" else None
    return DeliveryAnswer(way.channel, way.state, way.attempts, way.sent_at, following, way.last_error)


def warning(found: Dependence) -> str | None:
    """What is wrong with the only channel, in a sentence; None where nothing is."""
    if not found.warns:
        return None
    if found.sends_through_it:
        through = "sends through the very mail server that is watched"
        rest = f", and {found.read_on_it[0]} is read there" if found.read_on_it else ""
        return f"The only channel is mail that {through}{rest}: an outage of mailcow would be told to nobody."
    return (
        f"The only channel is mail to {found.read_on_it[0]}, whose mailbox is on the very server that is "
        "watched: an outage of mailcow would be told to nobody."
    )
