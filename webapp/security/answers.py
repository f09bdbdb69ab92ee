"""What the list of netfilter's events shows of a row: for page, API and CSV."""

from dataclasses import dataclass
from datetime import datetime

from webapp.lists.answer import CsvColumn, page_of


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
