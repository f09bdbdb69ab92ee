"""The mail queue as mailcow lists it, read into entries; odd rows are read as far as they go."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from webapp.mailcow.values import second, whole
from webapp.parse.bounds import MOST_ITEMS, cut
from webapp.parse.reply import UNTRIED, reason_of, split_recipient
from webapp.tables.db import utc

QUEUES = ("active", "deferred", "hold", "incoming", "maildrop", "corrupt")
SHORT_ID = re.compile(r"[0-9a-fA-F]+")


class QueuedRecipient(NamedTuple):
    """A recipient still to be served; `reply` is what Postfix notes of the last try, `reason` the same
    without names."""

    address: str
    reply: str

    @property
    def reason(self) -> str:
        """The reason in few words."""
        return reason_of(self.reply)

    @property
    def domain(self) -> str:
        """The destination."""
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True)
class Entry:
    """One message in the queue; `size` in bytes, `sender` '' for the null sender, `arrival` a Unix second, 0
    where unknown.

    The queue may hold thousands: what takes time is found out when it is asked for.
    """

    row: dict[str, Any]
    queue: str
    queue_id: str
    sender: str
    size: int
    arrival: int

    @cached_property
    def arrived(self) -> datetime | None:
        """When it came in."""
        return utc(self.arrival) if self.arrival else None

    @cached_property
    def recipients(self) -> tuple[QueuedRecipient, ...]:
        """The recipients."""
        listed = self.row.get("recipients")
        return (
            tuple(QueuedRecipient(*split_recipient(str(one))) for one in listed[:MOST_ITEMS])
            if isinstance(listed, list)
            else ()
        )

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """The distinct reasons, in the recipients' order."""
        return tuple(dict.fromkeys(one.reason for one in self.recipients)) or (UNTRIED,)

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """The distinct destinations."""
        return tuple(dict.fromkeys(one.domain for one in self.recipients))

    @property
    def ids(self) -> tuple[str, ...]:
        """Its queue id, which mailcow knows it by."""
        return (self.queue_id,)

    @property
    def has_long_id(self) -> bool:
        """True where mailcow passes over the id without a word (enable_long_queue_ids=yes)."""
        return not SHORT_ID.fullmatch(self.queue_id)

    @property
    def label(self) -> str:
        """Sender and first recipient, for lists of what was done."""
        more = f" and {len(self.recipients) - 1} more" if len(self.recipients) > 1 else ""
        return (
            f"{self.sender or '<>'} → {self.recipients[0].address}{more}"
            if self.recipients
            else self.sender or "<>"
        )

    @cached_property
    def text(self) -> str:
        """All that a search looks into, in lower case."""
        listed = self.row.get("recipients")
        words = map(str, listed) if isinstance(listed, list) else ()
        return "\n".join((self.queue_id, self.sender, *words)).lower()


def read(rows: Iterable[dict[str, Any]]) -> list[Entry]:
    """The entries of mailcow's rows; a row without a queue id is none."""
    return [_entry(row) for row in rows if row.get("queue_id")]


def _entry(row: dict[str, Any]) -> Entry:
    sender = cut(str(row.get("sender") or ""))
    return Entry(
        row,
        cut(str(row.get("queue_name") or "unknown")),
        cut(str(row["queue_id"])),
        "" if sender == "MAILER-DAEMON" else sender,
        whole(row.get("message_size")) or 0,
        second(row.get("arrival_time")),
    )


def by_id(rows: Iterable[dict[str, Any]]) -> dict[str, Entry]:
    """The entries of mailcow's rows by queue id."""
    return {entry.queue_id: entry for entry in read(rows)}
