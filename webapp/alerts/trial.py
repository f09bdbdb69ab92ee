"""The test of a channel: a notice of its own, sent at once, on this channel only, once."""

import time
from dataclasses import dataclass

from sqlalchemy.orm import Session

from webapp.alerts.channels import Channel
from webapp.alerts.claims import TEST, open_for
from webapp.alerts.notice import Notice, Severity
from webapp.alerts.outbox import put
from webapp.alerts.results import Way, ways
from webapp.tables.db import now

JOB = "deliver_notices"
STEP = 0.1  # seconds between two looks
LINES = (
    "Nothing is wrong: somebody asked for this test.",
    "Notices about the mail server come here when something begins, and when it is over.",
)


@dataclass(frozen=True)
class Trial:
    """A test that was asked for: `way` is how far it is, None where nothing is known of it."""

    key: str
    channel: str
    way: Way | None

    @property
    def is_over(self) -> bool:
        """True once it was sent, or was not."""
        return self.way is not None and self.way.state != "waiting"


def begin(session: Session, channel: Channel) -> str:
    """Put the test of a channel into the outbox; returns its key. The job has to be asked for, too."""
    moment = now()
    key = f"{TEST}:{channel.name}:{moment.isoformat()}"
    notice = Notice(key, (TEST,), Severity.INFO, f"Test of {channel.service}", LINES, "/alerts/channels")
    put(session.connection(), [notice])
    open_for(session, key, channel, moment)
    return key


def find(session: Session, key: str) -> Trial:
    """How far a test is."""
    known = ways(session, [key])[key]
    return Trial(key, known[0].channel if known else "", known[0] if known else None)


def await_end(session: Session, key: str, patience: float) -> Trial:
    """The test once it is over, or as it is after `patience` seconds."""
    end = time.monotonic() + patience
    found = find(session, key)
    while not found.is_over and time.monotonic() < end:
        time.sleep(STEP)
        session.rollback()  # each look sees what is committed by then
        found = find(session, key)
    return found
