"""What reports said of a message's source on its day: the way back to the reports. Only reads."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, Date, Text, text

# a message that we sent reached others from one of our own addresses, not from its client's
SAID = text(
    "SELECT s.domain, s.day, s.source, s.messages, s.said_spf AS spf, s.said_dkim AS dkim, "
    "s.said_either AS passed, s.source <> :client AS is_ours, "
    "coalesce((SELECT array_agg(organisation) FROM (SELECT DISTINCT r.organisation "
    "FROM dmarc_records c JOIN dmarc_reports r ON r.id = c.report WHERE c.source = s.source "
    "AND r.domain = s.domain AND r.day = s.day ORDER BY 1 LIMIT 20) AS named), '{}') AS reporters "
    "FROM dmarc_source_days s WHERE s.domain = ANY(:domains) AND s.day = :day AND (s.source = :client "
    "OR s.source IN (SELECT address FROM blocklist_addresses)) ORDER BY is_ours, s.messages DESC LIMIT 6"
).columns(
    domain=Text,
    day=Date,
    source=Text,
    messages=BigInteger,
    spf=BigInteger,
    dkim=BigInteger,
    passed=BigInteger,
    is_ours=Boolean,
    reporters=ARRAY(Text),
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


def said_values(sender: str | None, client: str | None, moment: datetime) -> dict[str, Any]:
    """The values that SAID asks for, so that it finds what was said of mail of the sender's domain on that
    day, from the client or from our own addresses.

    A report is about the domain that publishes the policy, which may be above the sender's.
    """
    labels = (sender or "").rpartition("@")[2].lower().split(".")[-8:]
    return {
        "domains": [".".join(labels[at:]) for at in range(len(labels) - 1)],
        "day": moment.astimezone(UTC).date(),
        "client": client or "",
    }
