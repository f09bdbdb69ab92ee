"""What the list of netfilter's events shows of a row: for page, API and CSV."""

from dataclasses import dataclass, field
from datetime import datetime

from webapp.lists.answer import BESIDE, CsvColumn, page_of
from webapp.parse.programs import program_of
from webapp.parse.refusal import read_act


@dataclass(slots=True)
class NetfilterRow:
    """One event of netfilter; `action` is warning, banned, unbanned or info."""

    id: int
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
class ConnectionRow:
    """A connection that Postfix refused before there was a mail; `stage` is the command refused."""

    id: int
    time: datetime
    program: str
    message: str
    recipient: str | None
    dsn: str | None
    ip: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    client_name: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    stage: str | None = field(default=None, kw_only=True, metadata=BESIDE)
    reason: str | None = field(default=None, kw_only=True, metadata=BESIDE)

    def __post_init__(self) -> None:
        self.program = program_of(self.program)
        if act := read_act(self.message.removeprefix("NOQUEUE: ")):
            self.ip, self.client_name = act.client_ip, act.client_name or None
            self.stage, self.reason = act.stage, act.reason


@dataclass(slots=True)
class SignInRow:
    """A sign-in that Dovecot refused; `attempts` are those of one connection. One attempt can have two lines:
    that of the password and that of the connection, which tells the protocol."""

    id: int
    time: datetime
    username: str
    ip: str | None
    protocol: str | None
    reason: str | None
    attempts: int
    message: str


SIGN_IN_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("User", "username"),
    CsvColumn("IP", "ip"),
    CsvColumn("Protocol", "protocol"),
    CsvColumn("Reason", "reason"),
    CsvColumn("Attempts", "attempts"),
    CsvColumn("Message", "message"),
)
SignInPage = page_of(
    SignInRow,
    {
        "id": 999,
        "time": "2026-01-25T10:30:00Z",
        "username": "user@example.com",
        "ip": "192.0.2.1",
        "protocol": None,
        "reason": "password mismatch",
        "attempts": 1,
        "message": "auth: lua(user@example.com,192.0.2.1,<abc>): Password mismatch",
    },
)
CONNECTION_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("IP", "ip"),
    CsvColumn("Client", "client_name"),
    CsvColumn("Refused at", "stage"),
    CsvColumn("Reason", "reason"),
    CsvColumn("Message", "message"),
)
ConnectionPage = page_of(
    ConnectionRow,
    {
        "id": 999,
        "time": "2026-01-25T10:30:00Z",
        "program": "postfix/postscreen",
        "message": "NOQUEUE: reject: CONNECT from [192.0.2.1]:1337: too many connections",
        "recipient": None,
        "dsn": None,
        "ip": "192.0.2.1",
        "client_name": None,
        "stage": "CONNECT",
        "reason": "too many connections",
    },
)
NETFILTER_CSV = (
    CsvColumn("Time", "time"),
    CsvColumn("IP", "ip"),
    CsvColumn("Username", "username"),
    CsvColumn("Auth Method", "auth_method"),
    CsvColumn("Action", "action"),
    CsvColumn("Attempts Left", "attempts_left"),
    CsvColumn("Rule ID", "rule_id"),
    CsvColumn("Priority", "priority"),
    CsvColumn("Message", "message"),
)
NetfilterPage = page_of(
    NetfilterRow,
    {
        "id": 999,
        "time": "2026-01-25T10:30:00Z",
        "priority": "warn",
        "message": "192.0.2.1 matched rule id 3 ...",
        "ip": "192.0.2.1",
        "rule_id": 3,
        "attempts_left": 9,
        "username": "user@example.com",
        "auth_method": "SASL LOGIN",
        "action": "warning",
    },
)
