"""What reports said of a message's source on its day: the way back to the reports. Only reads."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_SOURCES, MOST_REPORTERS = 6, 20
# a message that we sent reached others from one of our own addresses, not from its client's
STORED = text(
    "SELECT s.domain, s.day, s.source, s.messages, s.said_spf, s.said_dkim, s.said_either, "
    "s.source <> :client AS is_ours, (SELECT array_agg(organisation) FROM (SELECT DISTINCT r.organisation "
    "FROM dmarc_records c JOIN dmarc_reports r ON r.id = c.report WHERE c.source = s.source "
    "AND r.domain = s.domain AND r.day = s.day ORDER BY 1 LIMIT :reporters) AS named) AS reporters "
    "FROM dmarc_source_days s WHERE s.domain = ANY(:domains) AND s.day = :day AND (s.source = :client "
    "OR s.source IN (SELECT address FROM blocklist_addresses)) ORDER BY is_ours, s.messages DESC LIMIT :most"
)


@dataclass(frozen=True, slots=True)
class Said:
    """What reporters counted of one source of a domain on one UTC day; `is_ours`: an address of our own."""

    domain: str
    day: date
    source: str
    messages: int
    spf: int
    dkim: int
    passed: int
    is_ours: bool
    reporters: list[str]


def said_of(session: Session, sender: str | None, client: str | None, moment: datetime) -> list[Said]:
    """What was said of mail of the sender's domain on that day, from the client or from our own addresses.

    A report is about the domain that publishes the policy, which may be above the sender's.
    """
    domain = (sender or "").rpartition("@")[2].lower()
    if "." not in domain:
        return []
    labels = domain.split(".")[-8:]
    asked = {
        "domains": [".".join(labels[at:]) for at in range(len(labels) - 1)],
        "day": moment.astimezone(UTC).date(),
        "client": client or "",
        "most": MOST_SOURCES,
        "reporters": MOST_REPORTERS,
    }
    return [
        Said(
            row.domain,
            row.day,
            row.source,
            row.messages,
            row.said_spf,
            row.said_dkim,
            row.said_either,
            row.is_ours,
            row.reporters or [],
        )
        for row in session.execute(STORED, asked)
    ]
