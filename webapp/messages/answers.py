"""What the list shows of a message, and one message with all that belongs to it: for page, API and CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, cast

from pydantic import Field, create_model

from webapp.lists.answer import BESIDE, CsvColumn, ListAnswer, column, cut, list_answer, page_of
from webapp.lists.daylist import Found
from webapp.messages.dsn import meaning
from webapp.messages.examples import DETAIL, LIST_ITEM, QUEUE_LINES
from webapp.messages.filed import filed
from webapp.messages.related import Related
from webapp.messages.remedies import Advice
from webapp.messages.threads import Member
from webapp.messages.unsettled import IN_PROGRESS, Unnamed
from webapp.parse.postfix import Untold, untold
from webapp.parse.programs import priority_of, program_of
from webapp.parse.rspamd import heaviest
from webapp.parse.words import UNKNOWN_DIRECTION, Outcome
from webapp.reports.said import Said
from webapp.tables.messages import key_of
from webapp.tables.packed import unpacked
from webapp.web.openapi import described

NOISE = ("replace: ", "breaking line", "host ")


@dataclass(slots=True)
class MessageRow:
    """One message of the list; `sender` '' is the null sender, `recipient` is the first of them.

    `is_complete`: the mail has ended and everything that belongs to it is there.
    """

    correlation_key: str
    message_id: str | None
    queue_id: str | None
    sender: str | None
    recipients: list[str]
    recipient_count: int
    subject: str | None
    direction: str | None
    final_status: str | None
    outcomes: list[str]
    first_seen: datetime
    last_seen: datetime
    correlation_status: str = field(metadata=column("correlation"))
    spam_score: float | None
    is_spam: bool
    user: str | None = field(metadata=column("username"))
    ip: str | None
    recipient: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    is_complete: bool = field(default=False, kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.correlation_key = key_of(self)
        self.subject = cut(self.subject)
        self.recipient = self.recipients[0] if self.recipients else None
        self.is_complete = self.correlation_status == "complete"


@dataclass(slots=True)
class DeliveryAnswer:
    """One recipient's own outcome; `delay` in seconds, `meaning` is that of the enhanced status code.

    `folder` is where Dovecot put it, `filter` what rules did: fileinto, discard, reject, redirect and
    vacation with an address, failed with a reason; `filed` says so in words. None where nothing tells.
    `advice` is what to do about it. One without a delivery so far is `in progress`, without a `time`; its
    status is None where the mail is over and no line tells.
    """

    recipient: str
    orig_to: str | None
    status: str | None
    dsn: str | None
    relay: str | None
    delay: float | None
    attempts: int
    response: str | None
    time: datetime | None
    folder: str | None
    filter: str | None
    meaning: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    filed: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    advice: Advice | None = field(default=None, kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.response = cut(self.response)
        self.filed = filed(self.folder, self.filter)
        self.meaning = meaning(self.dsn, self.status or "", self.response)

    @property
    def settled(self) -> str | None:
        """Its outcome, None while there is none."""
        return None if self.status == IN_PROGRESS else self.status


@dataclass(slots=True)
class LineAnswer:
    """One line of a message's timeline."""

    time: datetime
    program: str
    priority: str
    message: str
    status: str | None
    relay: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    delay: float | None
    dsn: str | None

    def __post_init__(self) -> None:
        self.program, self.priority = program_of(self.program), priority_of(self.priority)
        self._tell(untold(self.program, self.message, self.status))

    def _tell(self, more: Untold) -> None:
        self.relay = more.relay

    @property
    def is_noise(self) -> bool:
        """True for lines that tell nothing of the mail's way."""
        return self.status is None and self.message.partition(": ")[2].startswith(NOISE)


@dataclass(slots=True)
class DovecotLineAnswer:
    """One line of Dovecot about a delivery of the message."""

    time: datetime
    username: str
    message: str


@dataclass(slots=True)
class QueueLineAnswer(LineAnswer):
    """One line of a queue id; what it does not tell itself comes from its message."""

    id: int
    queue_id: str | None
    message_id: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    sender: str | None
    recipient: str | None

    def _tell(self, more: Untold) -> None:
        self.relay, self.message_id = more.relay, more.message_id


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol that a scan found; `score` is its weight."""

    name: str
    score: float
    description: str | None
    options: list[str]


@dataclass(slots=True)
class ScanAnswer:
    """The Rspamd row of a message; `size` in bytes, `scan_seconds` is how long the scan took."""

    time: datetime
    score: float | None
    required_score: float | None
    action: str
    symbols: dict[str, Any] = field(metadata=column("raw"))
    is_spam: bool
    ip: str | None
    user: str | None = field(metadata=column("username"))
    has_auth: bool
    size: int | None
    subject: str | None
    direction: str
    scan_seconds: Any = field(metadata=column("raw"))

    def __post_init__(self) -> None:
        self.subject = cut(self.subject)
        self.direction = self.direction or UNKNOWN_DIRECTION
        told = unpacked(cast(bytes, self.symbols))
        self.symbols, self.scan_seconds = told["symbols"], told.get("time_real")

    @property
    def weighed(self) -> list[Symbol]:
        """The symbols, those that weigh most first."""
        ordered = heaviest(self.symbols, len(self.symbols))
        return [_symbol(name, score, self.symbols[name]) for name, score in ordered]


def _symbol(name: str, score: float, found: dict[str, Any]) -> Symbol:
    options = found.get("options")
    return Symbol(
        name,
        score,
        found.get("description"),
        [str(option) for option in options] if isinstance(options, list) else [],
    )


@dataclass(slots=True)
class EventAnswer:
    """One event of netfilter around a message."""

    time: datetime
    priority: str
    message: str
    ip: str | None
    rule_id: int | None
    attempts_left: int | None
    username: str | None
    auth_method: str | None
    action: str


@dataclass(slots=True)
class MessageDetail(MessageRow):
    """One message: every recipient's outcome (`unnamed`: of those that nothing names), the Postfix lines, the
    Rspamd row, netfilter events, related messages."""

    size: int | None
    client_name: str | None
    helo: str | None
    service: str | None
    queued_at: datetime | None
    ended_at: datetime | None
    held_at: datetime | None
    summary: str = field(default="", kw_only=True, metadata=BESIDE)
    rspamd: ScanAnswer | None = field(default=None, kw_only=True, metadata=BESIDE)
    dovecot: list[DovecotLineAnswer] = field(default_factory=list, kw_only=True, metadata=BESIDE)
    deliveries: list[DeliveryAnswer] = field(default_factory=list, kw_only=True, metadata=BESIDE)
    unnamed: Unnamed | None = field(default=None, kw_only=True, metadata=BESIDE)
    postfix: list[LineAnswer] = field(default_factory=list, kw_only=True, metadata=BESIDE)
    postfix_by_recipient: dict[str, list[LineAnswer]] = field(
        default_factory=dict, kw_only=True, metadata=BESIDE
    )
    netfilter: list[EventAnswer] = field(default_factory=list, kw_only=True, metadata=BESIDE)
    related: list[Related] = field(default_factory=list, kw_only=True, metadata=BESIDE)
    reported: list[Said] = field(default_factory=list, kw_only=True, metadata=BESIDE)

    @property
    def title(self) -> str | None:
        """Its subject; that of a notice says what it is about."""
        notices = (each.title for each in self.related if each.relation == "notice_of")
        return self.subject or next(notices, None)

    @property
    def is_headless(self) -> bool:
        """True where the log does not reach back to how the mail came in: none names a service or client."""
        return self.queue_id is not None and not (self.service or self.ip or self.client_name)

    @property
    def awaited(self) -> str | None:
        """What may still come, in words; None for a mail of which all is known."""
        if self.correlation_status != "open":
            return None
        statuses = [person.status for person in self.deliveries]
        statuses += [self.unnamed.status] if self.unnamed else []
        if self.final_status in (None, Outcome.DEFERRED) or IN_PROGRESS in statuses:
            return "Still on its way; this page follows it."
        missing = "the verdict of Rspamd" if self.rspamd is None else "the last lines of the log"
        return f"The outcome is final; {missing} may still come."


@dataclass(slots=True)
class QueueLines:
    """All lines of a queue id with the Rspamd row of its newest message."""

    queue_id: str
    correlation_key: str | None
    rspamd: ScanAnswer | None
    logs: list[QueueLineAnswer]


MESSAGE_CSV = (
    CsvColumn("Time", "first_seen"),
    CsvColumn("Sender", "sender"),
    CsvColumn("Recipient", "recipients"),
    CsvColumn("Subject", "subject"),
    CsvColumn("Direction", "direction"),
    CsvColumn("Status", "final_status"),
    CsvColumn("Queue ID", "queue_id"),
    CsvColumn("Message ID", "message_id"),
    CsvColumn("Spam Score", "spam_score"),
    CsvColumn("Is Spam", "is_spam"),
    CsvColumn("User", "user"),
    CsvColumn("IP", "ip"),
    CsvColumn("Is Complete", "is_complete"),
)


@dataclass(slots=True)
class ThreadedPage(ListAnswer):
    """A page with its threads: `threads` are the members of each mail, `folded` names the mail of each
    message of the page that is folded under one."""

    threads: Mapping[str, Sequence[Member]]
    folded: Mapping[str, str]


def message_page(found: Found[MessageRow]) -> ListAnswer:
    """The page as the API gives it, with its threads where they were asked for."""
    answer = list_answer(found)
    if found.beside is None:
        return answer
    given = {part.name: getattr(answer, part.name) for part in fields(answer)}
    return ThreadedPage(**given, threads=found.beside.members, folded=found.beside.heads)


MessagePage = create_model(
    "MessagePage",
    __base__=page_of(MessageRow, LIST_ITEM),
    threads=(dict[str, list[Member]], Field({}, description="With threads=folded: what belongs to a mail")),
    folded=(dict[str, str], Field({}, description="With threads=folded: the mail it is folded under")),
)
MessageAnswer = described(MessageDetail, DETAIL)
QueueLinesAnswer = described(QueueLines, QUEUE_LINES)
