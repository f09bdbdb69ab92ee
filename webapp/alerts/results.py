"""How each channel fares: when it was told last, what waits for it, why it failed. Only reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.channels import Channel

STATES = text(
    "SELECT name, last.tried_at, last.sent_at IS NOT NULL AS was_sent, last.last_error AS said, "
    "sent.sent_at, coalesce(waits.n, 0) AS waiting, waits.oldest, waits.next_try "
    "FROM unnest(CAST(:names AS text[])) AS name "
    "LEFT JOIN LATERAL (SELECT tried_at, sent_at, last_error FROM notice_deliveries "
    "WHERE channel = name AND tried_at IS NOT NULL ORDER BY tried_at DESC LIMIT 1) AS last ON true "
    "LEFT JOIN LATERAL (SELECT sent_at FROM notice_deliveries WHERE channel = name AND sent_at IS NOT NULL "
    "ORDER BY tried_at DESC LIMIT 1) AS sent ON true "
    "LEFT JOIN LATERAL (SELECT count(*) AS n, min(n.made_at) AS oldest, min(d.next_try) AS next_try "
    "FROM notice_deliveries d JOIN notices n ON n.key = d.notice_key "
    "WHERE channel = name AND sent_at IS NULL AND closed_at IS NULL) AS waits ON true"
)
WAYS = text(
    "SELECT notice_key, channel, attempts, next_try, tried_at, sent_at, closed_at, last_error "
    "FROM notice_deliveries WHERE notice_key = ANY(:keys) ORDER BY channel"
)


class Faring(StrEnum):
    """How a channel fares: by its last attempt."""

    UNTRIED = "untried"
    WORKS = "works"
    FAILS = "fails"


@dataclass(frozen=True)
class ChannelState:
    """A channel with its last result. `said` is why the last attempt failed, or what was not right with it;
    `oldest` is the age of what waits, `next_try` when it is tried again."""

    channel: Channel
    faring: Faring
    tried_at: datetime | None
    sent_at: datetime | None
    said: str | None
    waiting: int
    oldest: datetime | None
    next_try: datetime | None


@dataclass(frozen=True)
class Way:
    """One notice's way to one channel."""

    notice_key: str
    channel: str
    attempts: int
    next_try: datetime
    tried_at: datetime | None
    sent_at: datetime | None
    closed_at: datetime | None
    last_error: str | None

    @property
    def state(self) -> str:
        """`sent`, `closed` (never to be sent, `last_error` says why), or `waiting`."""
        return "sent" if self.sent_at else "closed" if self.closed_at else "waiting"


def channel_states(session: Session, known: Sequence[Channel]) -> list[ChannelState]:
    """Every channel with its last result, in their order."""
    rows = session.execute(STATES, {"names": [one.name for one in known]})
    by_name = {row.name: row for row in rows}
    found = []
    for one in known:
        row = by_name[one.name]
        faring = Faring.UNTRIED if row.tried_at is None else Faring.WORKS if row.was_sent else Faring.FAILS
        state = (row.tried_at, row.sent_at, row.said, row.waiting, row.oldest, row.next_try)
        found.append(ChannelState(one, faring, *state))
    return found


def ways(session: Session, keys: Sequence[str]) -> dict[str, list[Way]]:
    """The ways of these notices, by their keys."""
    found: dict[str, list[Way]] = {key: [] for key in keys}
    for row in session.execute(WAYS, {"keys": list(keys)}):
        found[row.notice_key].append(Way(**row._mapping))
    return found
