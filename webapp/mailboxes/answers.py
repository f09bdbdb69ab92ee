"""The shapes of the answers; examples as in the reference. Typed dictionaries, so that they can be cached."""

from collections.abc import Mapping
from typing import Any, TypedDict

from pydantic import BaseModel, ConfigDict

from webapp.mailboxes.queries import DOMAIN_COUNTS, Entry, Summary
from webapp.mailcow.snapshots import Snapshot
from webapp.tables.db import iso

UNITS = ("B", "KB", "MB", "GB", "TB", "PB")
ALIAS: dict[str, Any] = {
    "alias_address": "info@example.com",
    "active": True,
    "is_catch_all": False,
    "sent_total": 50,
    "sent_failed": 2,
    "received_total": 100,
    "failure_rate": 4.0,
}


class Counts(TypedDict):
    """What one address sent and received. `sent_*` are recipients; `messages_*`, `received_*` and
    `direction_*` are messages, `messages_failed` those with such a recipient. Rates in per cent of
    recipients."""

    sent_total: int
    sent_delivered: int
    sent_bounced: int
    sent_deferred: int
    sent_rejected: int
    sent_expired: int
    sent_discarded: int
    sent_failed: int
    received_total: int
    received_spam: int
    failure_rate: float
    total_messages: int
    direction_inbound: int
    direction_outbound: int
    direction_internal: int
    messages_sent: int
    messages_delivered: int
    messages_bounced: int
    messages_deferred: int
    messages_rejected: int
    messages_expired: int
    messages_failed: int


def counts(row: Mapping[str, int]) -> Counts:
    """The counts of one address, from the kept ones."""
    failed = row["sent_bounced"] + row["sent_deferred"] + row["sent_rejected"] + row["sent_expired"]
    return {
        "sent_total": row["sent_total"],
        "sent_delivered": row["sent_delivered"],
        "sent_bounced": row["sent_bounced"],
        "sent_deferred": row["sent_deferred"],
        "sent_rejected": row["sent_rejected"],
        "sent_expired": row["sent_expired"],
        "sent_discarded": row["sent_discarded"],
        "sent_failed": failed,
        "received_total": row["received_total"],
        "received_spam": row["spam_received"],
        "failure_rate": rate(failed, row["sent_total"]),
        "total_messages": row["sent_total"] + row["received_total"],
        "direction_inbound": row["inbound_sent"] + row["inbound_received"],
        "direction_outbound": row["outbound_sent"] + row["outbound_received"],
        "direction_internal": row["internal_sent"] + row["internal_received"],
        "messages_sent": row["messages_sent"],
        "messages_delivered": row["with_delivered"],
        "messages_bounced": row["with_bounced"],
        "messages_deferred": row["with_deferred"],
        "messages_rejected": row["with_rejected"],
        "messages_expired": row["with_expired"],
        "messages_failed": row["with_failed"],
    }


def rate(part: int, whole: int) -> float:
    """Per cent with one digit; of nothing 0."""
    return round(100 * part / whole, 1) if whole else 0.0


def size(value: int) -> str:
    """Bytes for people: `512 MB`, `1.0 GB`; steps of 1,024."""
    number, unit = float(value), 0
    while number >= 1024 and unit < len(UNITS) - 1:
        number, unit = number / 1024, unit + 1
    return f"{number:.1f} {UNITS[unit]}" if unit >= UNITS.index("GB") else f"{number:.0f} {UNITS[unit]}"


def mailbox(entry: Entry) -> dict[str, Any]:
    """One mailbox with its aliases, as documented.

    What came through an alias is already among what its mailbox received, so combined_received counts each
    message once; what an alias sent (without a login) is added.
    """
    box, own = entry.box, counts(entry.of(entry.box.username))
    aliases = [alias(row, entry) for row in entry.aliases]
    every = [own, *aliases]
    sent, failed = (sum(part[name] for part in every) for name in ("sent_total", "sent_failed"))
    return {
        "id": box.id,
        "username": box.username,
        "domain": box.domain,
        "name": box.name,
        "active": box.active,
        "deleted_at": iso(box.deleted_at),
        "quota": box.quota,
        "quota_formatted": size(box.quota),
        "quota_used": box.quota_used,
        "quota_used_formatted": size(box.quota_used),
        "percent_in_use": rate(box.quota_used, box.quota),
        "messages_in_mailbox": box.messages,
        "last_imap_login": iso(box.last_imap_login),
        "last_pop3_login": iso(box.last_pop3_login),
        "last_smtp_login": iso(box.last_smtp_login),
        "logins_known": box.logins_known,
        "rl_value": box.rl_value,
        "rl_frame": box.rl_frame,
        "attributes": box.attributes,
        "mailbox_counts": own,
        "aliases": aliases,
        "alias_count": len(aliases),
        "combined_sent": sent,
        "combined_received": own["received_total"],
        "combined_total": sent + own["received_total"],
        "combined_failed": failed,
        "combined_failure_rate": rate(failed, sent),
        "combined_delivered": sum(part["sent_delivered"] for part in every),
        "combined_inbound": own["direction_inbound"],
        "combined_outbound": own["direction_outbound"] + sum(part["direction_outbound"] for part in aliases),
        "combined_internal": own["direction_internal"],
        "daily": [[day.date.isoformat(), day.sent, day.failed, day.received] for day in entry.daily],
        "created": iso(box.created),
        "modified": iso(box.modified),
    }


def alias(row: Any, entry: Entry) -> dict[str, Any]:
    """One alias with its counts."""
    return {
        "alias_address": row.address,
        "active": row.active,
        "is_catch_all": row.is_catch_all,
        "deleted_at": iso(row.deleted_at),
        "goto": row.goto,
        **counts(entry.of(row.counted_as)),
    }


def summary(found: Summary, read: Snapshot) -> dict[str, Any]:
    """The figures over all mailboxes, as documented."""
    return {
        "total_mailboxes": found.mailboxes,
        "active_mailboxes": found.active,
        "inactive_mailboxes": found.mailboxes - found.active,
        "total_sent": found.sent,
        "total_received": found.received,
        "total_messages": found.sent + found.received,
        "sent_failed": found.failed,
        "failure_rate": rate(found.failed, found.sent),
        "last_update": iso(read.taken_at),
    }


def day(row: Any) -> dict[str, Any]:
    """One domain's figures of one day."""
    return {
        "date": row.day.isoformat(),
        "domain": row.domain,
        **{name: getattr(row, name) for name in DOMAIN_COUNTS},
    }


class MailboxSummary(BaseModel):
    """What all mailboxes and aliases sent and received."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "total_mailboxes": 25,
                "active_mailboxes": 23,
                "inactive_mailboxes": 2,
                "total_sent": 1234,
                "total_received": 5678,
                "total_messages": 6912,
                "sent_failed": 45,
                "failure_rate": 3.6,
                "date_range": "30days",
                "start_date": "2026-01-16T00:00:00Z",
                "end_date": "2026-02-15T23:59:59Z",
                "last_update": "2026-02-15T10:00:00Z",
            }
        },
    )


class MailboxPage(BaseModel):
    """One page of mailboxes with their aliases and counts."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "total": 25,
                "page": 1,
                "page_size": 50,
                "total_pages": 1,
                "date_range": "30days",
                "start_date": "2026-01-16T00:00:00Z",
                "end_date": "2026-02-15T23:59:59Z",
                "mailboxes": [{"username": "user@example.com", "aliases": [ALIAS], "combined_sent": 200}],
            }
        },
    )


class MailboxDomains(BaseModel):
    """The domains that have mailboxes."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"example": {"domains": [{"domain": "example.com", "mailbox_count": 15}]}},
    )


class MailboxRefresh(BaseModel):
    """When mailcow's lists were read last."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "last_mailbox_update": "2026-02-15T10:00:00Z",
                "last_alias_update": "2026-02-15T10:00:00Z",
            }
        },
    )


class DomainDays(BaseModel):
    """Messages by domain and day."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "domain": "example.com",
                "days": [
                    {"date": "2026-02-15", "domain": "example.com", "inbound": 120, "outbound": 48, "spam": 7}
                ],
            }
        },
    )
