"""Where delivered mail waited, by destination and stage, as Postfix tells it (`delays=a/b/c/d`, postconf(5),
delay_logging_resolution_limit). Queries only read.

Of the newest 20,000 deliveries of a day at the most, so that the page takes the same time on every server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp import cache
from webapp.tables.db import now, plan_anew

FRESH = 60  # seconds
SPAN = timedelta(days=1)
MOST_LINES, MOST_DESTINATIONS = 20_000, 100
STAGES: Mapping[str, str] = {  # in Postfix's order
    "waiting": "from its arrival to the last attempt, earlier attempts and pauses included",
    "queued": "in the active queue until a connection was begun",
    "connecting": "DNS, connection and TLS",
    "sending": "handing the message over",
}
NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
STAGED = f"^{NUMBER}(?:/{NUMBER}){{3}}$"
# cut out before it is looked at, and kept: an expression that looks for it in the line takes 0.1 ms, and each
# percentile would do so anew
DELAYS = text(
    "WITH told AS MATERIALIZED (SELECT split_part(lower(recipient), '@', 2) AS domain, delay, "
    "CASE WHEN staged ~ :staged THEN CAST(string_to_array(staged, '/') AS float[]) END AS stage "
    "FROM (SELECT recipient, delay, split_part(split_part(message, ', delays=', 2), ', dsn=', 1) AS staged "
    "FROM postfix_logs WHERE delay IS NOT NULL AND status = 'sent' "
    "AND time BETWEEN :start AND :end ORDER BY time DESC, id DESC LIMIT :lines) AS newest) "
    "SELECT domain, count(*) AS mails, count(*) OVER () AS destinations, "
    "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY delay) AS whole, "
    "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY stage[1]) AS waiting, "
    "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY stage[2]) AS queued, "
    "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY stage[3]) AS connecting, "
    "percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY stage[4]) AS sending "
    "FROM told WHERE stage IS NOT NULL GROUP BY domain ORDER BY mails DESC, domain LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds that half of the mails took no longer than, and 95 % of them."""

    half: float
    most: float


@dataclass(frozen=True, slots=True)
class DestinationDelays:
    """How long delivered mail to one domain took as a whole and in each stage, and in how many deliveries."""

    domain: str
    mails: int
    whole: Delay
    waiting: Delay
    queued: Delay
    connecting: Delay
    sending: Delay

    @property
    def slowest(self) -> str:
        """The stage that takes longest where it takes long."""
        return max(STAGES, key=lambda stage: getattr(self, stage).most)


@dataclass(frozen=True)
class DelaysAnswer:
    """Destinations with most deliveries between two moments, and how many there are; seconds."""

    start: datetime
    end: datetime
    total: int
    data: Sequence[DestinationDelays]


def delays(session: Session) -> DelaysAnswer:
    """The delays of the last 24 hours, at most a minute old."""
    return cache.cached("queue:delays", FRESH, lambda: _delays(session), DelaysAnswer)


def _delays(session: Session) -> DelaysAnswer:
    end = now().replace(microsecond=0)
    start = end - SPAN
    plan_anew(session.connection())
    asked = {"staged": STAGED, "start": start, "end": end, "lines": MOST_LINES, "most": MOST_DESTINATIONS}
    rows = session.execute(DELAYS, asked).all()
    return DelaysAnswer(start, end, rows[0].destinations if rows else 0, [_told(row) for row in rows])


def _told(row: Any) -> DestinationDelays:
    stages = {name: Delay(*getattr(row, name)) for name in ("whole", *STAGES)}
    return DestinationDelays(row.domain, row.mails, **stages)


EXAMPLE: dict[str, Any] = {
    "start": "2026-01-07T01:34:08Z",
    "end": "2026-01-08T01:34:08Z",
    "total": 1,
    "data": [
        {
            "domain": "example.com",
            "mails": 120,
            "whole": {"half": 1.2, "most": 14.0},
            "waiting": {"half": 0.1, "most": 9.5},
            "queued": {"half": 0.01, "most": 0.4},
            "connecting": {"half": 0.3, "most": 2.1},
            "sending": {"half": 0.7, "most": 2.0},
        }
    ],
}
