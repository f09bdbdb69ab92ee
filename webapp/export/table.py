"""Rows -> CSV: UTF-8 with BOM, RFC 4180, and no cell that a spreadsheet would take for a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from webapp.parse.rspamd import heaviest
from webapp.tables.db import iso

Reader = Callable[[Any], Sequence[Any]]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PORTION = 250  # rows a piece of the stream
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"

POSTFIX = (
    "Time, Program, Priority, Queue ID, Message ID, Sender, Recipient, Status, Relay, Delay, DSN, Message"
)
RSPAMD = (
    "Time, Message ID, Subject, Sender, Recipients, Score, Required Score, Action, Direction, Is Spam, Has "
    "Auth, User, IP, Size, "
    "Top Symbols"
)
NETFILTER = "Time, IP, Username, Auth Method, Action, Attempts Left, Rule ID, Priority, Message"
MESSAGES = (
    "Time, Sender, Recipient, Subject, Direction, Status, Queue ID, Message ID, Spam Score, Is Spam, User, "
    "IP, Is Complete"
)
TOP_SYMBOLS = 5


def cell(value: Any) -> Any:
    """The value as it may stand in a cell; text that begins like a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "'" + value if value.startswith(FORMULA) else value
    return value


def pieces(header: str, rows: Iterable[Any], read: Reader) -> Iterator[str]:
    """The CSV in pieces of text, the header first and at once."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(header.split(", "))
    yield BOM + buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    for number, row in enumerate(rows, 1):
        writer.writerow([cell(value) for value in read(row)])
        if number % PORTION == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def postfix(row: Any) -> Sequence[Any]:
    """A line of postfix_logs."""
    return (
        iso(row.time),
        row.program,
        row.priority,
        row.queue_id,
        row.message_id,
        row.sender,
        row.recipient,
        row.status,
        row.relay,
        row.delay,
        row.dsn,
        row.message,
    )


def rspamd(row: Any) -> Sequence[Any]:
    """A row of rspamd_logs."""
    return (
        iso(row.time),
        row.message_id,
        row.subject,
        row.sender,
        ", ".join(row.recipients),
        row.score,
        row.required_score,
        row.action,
        row.direction or "unknown",
        row.is_spam,
        row.has_auth,
        row.username,
        row.ip,
        row.size,
        _top_symbols(row.symbols),
    )


def netfilter(row: Any) -> Sequence[Any]:
    """A row of netfilter_logs."""
    return (
        iso(row.time),
        row.ip,
        row.username,
        row.auth_method,
        row.action,
        row.attempts_left,
        row.rule_id,
        row.priority,
        row.message,
    )


def message(row: Any) -> Sequence[Any]:
    """A row of messages."""
    return (
        iso(row.first_seen),
        row.sender,
        ", ".join(row.recipients),
        row.subject,
        row.direction,
        row.final_status,
        row.queue_id,
        row.message_id,
        row.spam_score,
        row.is_spam,
        row.username,
        row.ip,
        row.correlation == "complete",
    )


def _top_symbols(symbols: dict[str, Any]) -> str:
    """The heaviest symbols with their scores."""
    return ", ".join(f"{name} ({score:g})" for name, score in heaviest(symbols, TOP_SYMBOLS))
