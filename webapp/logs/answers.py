"""What the lists of Postfix lines, Rspamd scans and Dovecot lines show of a row: for page, API and CSV."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from webapp.lists.answer import BESIDE, CsvColumn, column, cut, page_of
from webapp.parse.postfix import untold
from webapp.parse.programs import priority_of, program_of
from webapp.parse.rspamd import heaviest
from webapp.parse.words import UNKNOWN_DIRECTION
from webapp.tables.packed import unpacked

TOP_SYMBOLS = 8  # shown on the page
CSV_SYMBOLS = 5


@dataclass(slots=True)
class PostfixRow:
    """One Postfix line, with the message it belongs to; `delay` in seconds."""

    id: int
    time: datetime
    program: str
    priority: str
    message: str
    queue_id: str | None
    message_id: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    sender: str | None
    recipient: str | None
    status: str | None
    relay: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    delay: float | None
    dsn: str | None
    correlation_key: str | None = field(default=None, kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.program, self.priority = program_of(self.program), priority_of(self.priority)
        more = untold(self.program, self.message, self.status)
        self.message_id, self.relay = more.message_id, more.relay


@dataclass(slots=True)
class RspamdRow:
    """One Rspamd scan, with the message it belongs to; `size` in bytes, `symbols` by name."""

    id: int
    time: datetime
    message_id: str | None
    subject: str | None
    size: int | None
    sender_smtp: str | None = field(metadata=column("sender"))
    recipients_smtp: list[str] = field(metadata=column("recipients"))
    score: float | None
    required_score: float | None
    action: str
    direction: str
    ip: str | None
    is_spam: bool
    has_auth: bool
    user: str | None = field(metadata=column("username"))
    symbols: dict[str, Any] = field(metadata=column("raw"))
    correlation_key: str | None = field(default=None, kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.subject = cut(self.subject)
        self.direction = self.direction or UNKNOWN_DIRECTION
        self.symbols = unpacked(cast(bytes, self.symbols))["symbols"]

    @property
    def top(self) -> list[tuple[str, float]]:
        """(name, score) of the symbols that weigh most."""
        return heaviest(self.symbols, TOP_SYMBOLS)

    @property
    def top_symbols(self) -> str:
        """The heaviest symbols with their scores, for a cell."""
        return ", ".join(f"{name} ({score:g})" for name, score in heaviest(self.symbols, CSV_SYMBOLS))


@dataclass(slots=True)
class DovecotRow:
    """One Dovecot line about a delivery or a refused sign-in, with the message it belongs to.

    `event` is what happened; `folder` where a mail was put, `target` whom it was forwarded to or who was
    answered; `reason` why it failed or was refused. `session` is one delivery or connection.
    """

    id: int
    time: datetime
    event: str
    username: str
    folder: str | None
    target: str | None
    reason: str | None
    ip: str | None
    protocol: str | None
    session: str | None
    message: str
    correlation_key: str | None = field(default=None, kw_only=True, metadata=BESIDE)


POSTFIX_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("Program", "program"),
    CsvColumn("Priority", "priority"),
    CsvColumn("Queue ID", "queue_id"),
    CsvColumn("Message ID", "message_id"),
    CsvColumn("Sender", "sender"),
    CsvColumn("Recipient", "recipient"),
    CsvColumn("Status", "status"),
    CsvColumn("Relay", "relay"),
    CsvColumn("Delay", "delay"),
    CsvColumn("DSN", "dsn"),
    CsvColumn("Message", "message"),
)
RSPAMD_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("Message ID", "message_id"),
    CsvColumn("Subject", "subject"),
    CsvColumn("Sender", "sender_smtp"),
    CsvColumn("Recipients", "recipients_smtp"),
    CsvColumn("Score", "score"),
    CsvColumn("Required Score", "required_score"),
    CsvColumn("Action", "action"),
    CsvColumn("Direction", "direction"),
    CsvColumn("Is Spam", "is_spam"),
    CsvColumn("Has Auth", "has_auth"),
    CsvColumn("User", "user"),
    CsvColumn("IP", "ip"),
    CsvColumn("Size", "size"),
    CsvColumn("Top Symbols", "top_symbols"),
)
DOVECOT_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("Event", "event"),
    CsvColumn("User", "username"),
    CsvColumn("Folder", "folder"),
    CsvColumn("Target", "target"),
    CsvColumn("Reason", "reason"),
    CsvColumn("IP", "ip"),
    CsvColumn("Protocol", "protocol"),
    CsvColumn("Session", "session"),
    CsvColumn("Message", "message"),
)
PostfixPage = page_of(
    PostfixRow,
    {
        "id": 12345,
        "time": "2026-01-25T10:30:00Z",
        "program": "postfix/smtp",
        "priority": "info",
        "message": "ABC123DEF: to=<user@example.com>...",
        "queue_id": "ABC123DEF",
        "message_id": None,
        "sender": None,
        "recipient": "user@example.com",
        "status": "sent",
        "relay": "mail.example.com[192.0.2.4]:25",
        "delay": 1.5,
        "dsn": "2.0.0",
        "correlation_key": "abc123",
    },
)
RspamdPage = page_of(
    RspamdRow,
    {
        "id": 5678,
        "time": "2026-01-25T10:30:00Z",
        "message_id": "unique-id@example.com",
        "subject": "Hello World",
        "size": 1024,
        "sender_smtp": "sender@example.com",
        "recipients_smtp": ["user@example.com"],
        "score": 0.5,
        "required_score": 15,
        "action": "no action",
        "direction": "outbound",
        "ip": "192.0.2.100",
        "is_spam": False,
        "has_auth": True,
        "user": "sender@example.com",
        "symbols": {"MAILCOW_AUTH": {"score": -20}},
        "correlation_key": "abc123",
    },
)
DovecotPage = page_of(
    DovecotRow,
    {
        "id": 777,
        "time": "2026-01-25T10:30:00Z",
        "event": "stored",
        "username": "user@example.com",
        "folder": "Junk",
        "target": None,
        "reason": None,
        "ip": None,
        "protocol": None,
        "session": "sZ5cGk0BdmlYAAAA",
        "message": "lmtp(user@example.com)<88><sZ5cGk0BdmlYAAAA>: sieve: msgid=<1@example.org>: fileinto "
        "action: stored mail into mailbox 'Junk'",
        "correlation_key": "abc123",
    },
)
