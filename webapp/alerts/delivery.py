"""The outbox's work: choosing the channels of each notice, and telling every channel what is due.

A delivery is claimed, sent and marked in one transaction, and others pass over what is claimed: two workers
never send it both, only a crash between the sending and the commit sends it again. One that fails waits, a
minute at first and an hour at most, and never gives up; several that are due become one message.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from webapp.alerts import claims, watched
from webapp.alerts.channels import Channel, channels
from webapp.alerts.claims import Claimed
from webapp.alerts.compose import MOST_IN_CHAT, MOST_IN_MAIL, Told
from webapp.alerts.notice import Severity
from webapp.alerts.outbox import Letter
from webapp.alerts.sending import NotTold, tell
from webapp.config import Settings
from webapp.tables.db import now

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
APART = 3  # notices that are due on a channel and told one by one; more become one message
MOST_MESSAGES = 20  # that a channel gets in one run


@dataclass
class Deliveries:
    """What a run did: notices routed, messages sent and failed, deliveries closed, old notices forgotten."""

    routed: int = 0
    sent: int = 0
    failed: int = 0
    closed: int = 0
    forgotten: int = 0

    def as_dict(self) -> dict[str, int]:
        """For the history of runs."""
        return asdict(self)


def deliver(session: Session, settings: Settings) -> Iterator[Deliveries]:
    """Route what is new and send what is due; each step is to be committed before the next."""
    done, known = Deliveries(), channels(settings)
    done.closed = claims.close_removed(session, known, now())
    done.routed = claims.route(session, known, now())
    yield done
    for channel in known:
        yield from _serve(session, settings, channel, done)
    done.forgotten = claims.forget(session, now())
    watched.look(session, settings)
    yield done


def _serve(session: Session, settings: Settings, channel: Channel, done: Deliveries) -> Iterator[Deliveries]:
    """Send a channel what is due, until nothing is, or it fails: then the rest waits for the next run."""
    for _ in range(MOST_MESSAGES):
        due = claims.claim(session, channel, now())
        if not due:
            return
        if not _send(session, settings, channel, _message(due, channel)):
            done.failed += 1
            yield done
            return
        done.sent += 1
        yield done


def _send(session: Session, settings: Settings, channel: Channel, batch: Sequence[Claimed]) -> bool:
    """Tell the channel and note how it went. What was refused for its content is told one by one next."""
    try:
        said = tell(settings, channel, [_told(one) for one in batch], _letter(batch))
    except NotTold as error:
        wait = wait_after(max(one.attempts for one in batch) + 1)
        apart = error.is_final and len(batch) > 1
        claims.note_failure(session, channel, batch, now(), str(error), wait=wait, apart=apart)
        return False
    claims.note_sent(session, channel, batch, now(), said)
    return True


def _message(due: Sequence[Claimed], channel: Channel) -> Sequence[Claimed]:
    """The notices of the next message: one by itself, or all that may be put together."""
    together = [one for one in due if not _is_alone(one, channel)]
    most = MOST_IN_MAIL if channel.is_mail else MOST_IN_CHAT
    return together[:most] if len(together) > APART and due[0] in together else due[:1]


def _is_alone(one: Claimed, channel: Channel) -> bool:
    return one.alone or one.is_test or (channel.is_mail and one.mail_html is not None)


def _told(one: Claimed) -> Told:
    return Told(one.key, Severity(one.severity), one.title, tuple(one.lines), one.link)


def _letter(batch: Sequence[Claimed]) -> Letter | None:
    first = batch[0]
    if len(batch) > 1 or first.mail_text is None or first.mail_html is None:
        return None
    return Letter(first.mail_text, first.mail_html)


def wait_after(attempts: int) -> timedelta:
    """How long a delivery waits after that many attempts: 1, 2, 4 ... minutes, an hour at most."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
