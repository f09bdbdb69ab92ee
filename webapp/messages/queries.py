"""Reading messages: the list, one message with all that belongs to it. Queries only read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.lists.daylist import DayList, Found
from webapp.lists.params import cursor_of, place
from webapp.logs import queries as logs
from webapp.messages.filter import MessageFilter, conditions
from webapp.messages.related import Related, related_to
from webapp.messages.summary import summary_of
from webapp.parse.identity import row_id

LIST_COLUMNS = (
    "id, correlation_key, queue_id, message_id, first_seen, last_seen, sender, recipients, recipient_count, "
    "subject, "
    "direction, final_status, outcomes, spam_score, is_spam, username, ip, correlation, kind, ended_at"
)
AROUND_MESSAGE = timedelta(hours=1)  # netfilter events shown beside a message


@dataclass(frozen=True)
class Row:
    """One message of the list; `sender` '' is the null sender."""

    data: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.data, name)

    @property
    def recipient(self) -> str | None:
        """The first recipient."""
        return self.data.recipients[0] if self.data.recipients else None

    @property
    def user(self) -> str | None:
        """The authenticated user."""
        return self.data.username  # type: ignore[no-any-return]

    @property
    def is_complete(self) -> bool:
        """True when the story has ended and everything that belongs to it is there."""
        return bool(self.data.correlation == "complete")

    @property
    def cursor(self) -> str:
        """The row's place in the list."""
        return cursor_of(self.data.first_seen, self.data.id)


def search_messages(session: Session, chosen: MessageFilter, exact: int) -> Found:
    """The page of messages that the filter names, newest first; totals are counted exactly up to `exact`."""
    after = place(chosen.cursor) if chosen.cursor else None
    found = listed(session).found(conditions(chosen), chosen.page, chosen.limit, after, exact)
    return replace(found, rows=[Row(row) for row in found.rows])


def listed(session: Session) -> DayList:
    """The list of messages."""
    return DayList(session.connection(), "messages", LIST_COLUMNS)


def next_cursor(found: Found) -> str | None:
    """The place after the last row, where there may be more."""
    return found.rows[-1].cursor if len(found.rows) == found.limit else None


def newest_cursor(found: Found) -> str | None:
    """The place of the newest row, from which news is counted."""
    return found.rows[0].cursor if found.rows else None


def count_newer(session: Session, chosen: MessageFilter, cursor: str) -> int:
    """How many messages that match began after the one the cursor names; at most 1,000 are counted."""
    return listed(session).count_newer(conditions(chosen), place(cursor))


@dataclass(frozen=True)
class Detail:
    """One message with every recipient's outcome, its lines, its Rspamd row, its neighbours."""

    message: Any
    deliveries: Sequence[Any]
    lines: Sequence[Any]
    scan: Any | None
    netfilter: Sequence[Any]
    related: Sequence[Related]

    @property
    def summary(self) -> str:
        """What happened, in one plain sentence."""
        return summary_of(self.message, self.deliveries)

    @property
    def first_seen(self) -> datetime:
        """The first line's time."""
        return self.message.first_seen  # type: ignore[no-any-return]


def find_message(session: Session, correlation_key: str) -> Any | None:
    """The message with this key, or None; any text may be asked for."""
    try:
        number = row_id(correlation_key)
    except ValueError:
        return None
    return session.execute(
        text("SELECT * FROM messages WHERE id = :id AND correlation_key = :key"),
        {"id": number, "key": correlation_key},
    ).first()


def newest_of_queue_id(session: Session, queue_id: str) -> Any | None:
    """The newest message of a queue id, or None."""
    return session.execute(
        text("SELECT * FROM messages WHERE queue_id = :queue_id ORDER BY first_seen DESC LIMIT 1"),
        {"queue_id": queue_id},
    ).first()


def scan_of(session: Session, message: Any | None) -> Any | None:
    """The Rspamd row that belongs to a message, or None."""
    return (
        logs.find_scan(session, message.rspamd_time, message.rspamd_digest, message.rspamd_ordinal)
        if message
        else None
    )


def get_detail(session: Session, message: Any) -> Detail:
    """Everything that is known about a message."""
    deliveries = session.execute(
        text("SELECT * FROM deliveries WHERE message_id = :id AND message_time = :time ORDER BY position"),
        {"id": message.id, "time": message.first_seen},
    ).all()
    lines = logs.lines_of_message(session, message)
    scan = scan_of(session, message)
    netfilter = logs.netfilter_around(
        session, message.ip, message.first_seen - AROUND_MESSAGE, message.last_seen + AROUND_MESSAGE
    )
    return Detail(message, deliveries, lines, scan, netfilter, related_to(session, message))
