"""Which channel is still to be told of which notice: the statements over the outbox's two tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.alerts.channels import Channel

TEST = "test"  # the kind of a test: one attempt, on one channel
MOST_ROUTED, MOST_CLAIMED = 500, 200
KEPT = timedelta(days=90)
TAKEN_OUT = "the channel was taken out of the settings"

CLOSE = text(
    "UPDATE notice_deliveries SET closed_at = :now, last_error = :why "
    "WHERE sent_at IS NULL AND closed_at IS NULL AND channel <> ALL(:names) RETURNING channel"
)
UNROUTED = text(
    "SELECT key, kinds FROM notices WHERE routed_at IS NULL ORDER BY made_at, key LIMIT :most "
    "FOR UPDATE SKIP LOCKED"
)
OPEN = text(
    "INSERT INTO notice_deliveries (notice_key, channel, attempts, alone, next_try) "
    "VALUES (:key, :channel, 0, false, :now) ON CONFLICT DO NOTHING"
)
ROUTED = text("UPDATE notices SET routed_at = :now WHERE key = ANY(:keys)")
CLAIM = text(
    "SELECT d.attempts, d.alone, n.key, n.kinds, n.severity, n.title, n.lines, n.link, n.mail_text, "
    "n.mail_html FROM notice_deliveries d JOIN notices n ON n.key = d.notice_key "
    "WHERE d.channel = :channel AND d.sent_at IS NULL AND d.closed_at IS NULL AND d.next_try <= :now "
    "ORDER BY d.attempts, n.made_at, n.key LIMIT :most FOR UPDATE OF d SKIP LOCKED"
)
SENT = text(
    "UPDATE notice_deliveries SET sent_at = :now, tried_at = :now, attempts = attempts + 1, "
    "last_error = :said WHERE channel = :channel AND notice_key = ANY(:keys)"
)
FAILED = text(
    "UPDATE notice_deliveries SET attempts = attempts + 1, tried_at = :now, last_error = :why, "
    "alone = alone OR :alone, next_try = CAST(:now AS timestamptz) + :wait, "
    "closed_at = CASE WHEN :is_test THEN CAST(:now AS timestamptz) END "
    "WHERE channel = :channel AND notice_key = ANY(:keys)"
)
FORGET = text(
    "DELETE FROM notices n WHERE made_at < :before AND routed_at IS NOT NULL AND NOT EXISTS (SELECT 1 "
    "FROM notice_deliveries d WHERE d.notice_key = n.key AND d.sent_at IS NULL AND d.closed_at IS NULL)"
)
FORGET_DELIVERIES = text(
    "DELETE FROM notice_deliveries d WHERE NOT EXISTS (SELECT 1 FROM notices n WHERE n.key = d.notice_key)"
)


@dataclass(frozen=True)
class Claimed:
    """A notice that is due on a channel, locked until the transaction ends."""

    key: str
    kinds: list[str]
    severity: str
    title: str
    lines: list[str]
    link: str
    mail_text: str | None
    mail_html: str | None
    attempts: int
    alone: bool

    @property
    def is_test(self) -> bool:
        """True for the test of a channel."""
        return TEST in self.kinds


def close_removed(session: Session, known: Sequence[Channel], moment: datetime) -> int:
    """End what waits for a channel that is no longer set; returns how many deliveries."""
    names = [one.name for one in known]
    return len(session.execute(CLOSE, {"now": moment, "why": TAKEN_OUT, "names": names}).all())


def route(session: Session, known: Sequence[Channel], moment: datetime) -> int:
    """Open a delivery for each new notice on each channel that takes it; returns how many notices."""
    new = session.execute(UNROUTED, {"most": MOST_ROUTED}).all()
    wanted = [
        {"key": row.key, "channel": channel.name, "now": moment}
        for row in new
        for channel in known
        if channel.takes(row.kinds)
    ]
    if wanted:
        session.execute(OPEN, wanted)
    if new:
        session.execute(ROUTED, {"now": moment, "keys": [row.key for row in new]})
    return len(new)


def open_for(session: Session, key: str, channel: Channel, moment: datetime) -> None:
    """Send one notice to this channel, whatever its kinds, and to no other."""
    session.execute(OPEN, {"key": key, "channel": channel.name, "now": moment})
    session.execute(ROUTED, {"now": moment, "keys": [key]})


def claim(session: Session, channel: Channel, moment: datetime) -> list[Claimed]:
    """What is due on the channel and claimed by nobody else, those tried least often first."""
    asked = {"channel": channel.name, "now": moment, "most": MOST_CLAIMED}
    return [Claimed(**row._mapping) for row in session.execute(CLAIM, asked)]


def note_sent(
    session: Session, channel: Channel, batch: Sequence[Claimed], moment: datetime, said: str
) -> None:
    """They are told; `said` is what was not right all the same, or ''."""
    keys = [one.key for one in batch]
    session.execute(SENT, {"now": moment, "said": said or None, "channel": channel.name, "keys": keys})


def note_failure(
    session: Session,
    channel: Channel,
    batch: Sequence[Claimed],
    moment: datetime,
    why: str,
    *,
    wait: timedelta,
    apart: bool,
) -> None:
    """They are tried again after `wait`, `apart` from each other from then on; a test is over."""
    session.execute(
        FAILED,
        {
            "now": moment,
            "why": why,
            "alone": apart,
            "wait": wait,
            "is_test": any(one.is_test for one in batch),
            "channel": channel.name,
            "keys": [one.key for one in batch],
        },
    )


def forget(session: Session, moment: datetime) -> int:
    """Remove notices that are old and told, or never to be told; returns how many."""
    gone = session.execute(FORGET, {"before": moment - KEPT})
    session.execute(FORGET_DELIVERIES)
    return int(gone.rowcount)  # type: ignore[attr-defined]
