"""The shapes of the room's JSON: the documented keys of the reference, and more beside them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from webapp.dnscheck.inventory import MailDomain
from webapp.domains.detail import Change, DomainDetail, Grades, complete
from webapp.domains.overview import Known
from webapp.tables.db import now

DEFAULTS: dict[str, dict[str, Any]] = {  # documented keys of a record that has not been checked
    "spf": {"has_strict_all": False, "includes_mx": False, "includes": [], "dns_lookups": 0},
    "dkim": {
        "selector": None,
        "dkim_domain": None,
        "expected_record": None,
        "actual_record": None,
        "match": False,
        "parameters": {},
    },
    "dmarc": {"policy": None, "subdomain_policy": None, "pct": None, "is_strong": False},
}


def dns_checks(grades: Grades, checked_at: datetime | None) -> dict[str, Any]:
    """The grades as the API gives them."""
    found = {name: {**DEFAULTS.get(name, {}), **grade} for name, grade in complete(grades).items()}
    return {**found, "checked_at": checked_at}


def domain_answer(mail: MailDomain, grades: Grades, checked_at: datetime | None) -> dict[str, Any]:
    """One domain of the list."""
    return {
        "domain_name": mail.name,
        "active": mail.active,
        "mboxes_in_domain": mail.mailboxes,
        "mboxes_left": mail.mailboxes_left,
        "max_num_mboxes_for_domain": mail.mailboxes_most,
        "aliases_in_domain": mail.aliases,
        "aliases_left": mail.aliases_left,
        "max_num_aliases_for_domain": mail.aliases_most,
        "created": mail.created,
        "bytes_total": mail.bytes_total,
        "msgs_total": mail.messages_total,
        "quota_used_in_domain": str(mail.quota_used),
        "max_quota_for_domain": mail.quota_most,
        "backupmx": mail.backup_mx,
        "relay_all_recipients": mail.relay_all,
        "relay_unknown_only": mail.relay_unknown,
        "dns_checks": dns_checks(grades, checked_at),
    }


def list_answer(listed: Known, rows: Mapping[str, Any], last_dns_check: datetime | None) -> dict[str, Any]:
    """All domains, each with its alias domains, and how old mailcow's list is."""
    domains = [mail for mail in listed.domains if not mail.target]
    answers = [_with_aliases(mail, listed.domains, rows) for mail in domains]
    age = (now() - listed.taken_at).total_seconds() if listed.taken_at else None
    return {
        "total": len(domains),
        "active": sum(mail.active for mail in domains),
        "last_dns_check": last_dns_check,
        "domains": answers,
        "taken_at": listed.taken_at,
        "age_seconds": round(age, 1) if age is not None else None,
        "stale": listed.error is not None,
        "error": listed.error,
    }


def _with_aliases(mail: MailDomain, others: Sequence[MailDomain], rows: Mapping[str, Any]) -> dict[str, Any]:
    aliases = [
        {
            "domain_name": other.name,
            "active": other.active,
            "created": other.created,
            "dns_checks": dns_checks(*_checked(rows, other.name)),
        }
        for other in others
        if other.target == mail.name
    ]
    return {**domain_answer(mail, *_checked(rows, mail.name)), "alias_domains": aliases}


def _checked(rows: Mapping[str, Any], name: str) -> tuple[Grades, datetime | None]:
    row = rows.get(name)
    return (row.grades, row.checked_at) if row is not None else ({}, None)


def check_answer(found: DomainDetail) -> dict[str, Any]:
    """What the check of one domain gives."""
    data = {"domain": found.mail.name, **dns_checks(found.grades, found.checked_at)}
    return {"status": "success", "message": f"DNS checked for {found.mail.name}", "data": data}


def history_answer(domain: str, found: Iterable[Change]) -> dict[str, Any]:
    """The changes of one domain's records."""
    listed = [
        {"check": one.check, "old": one.old, "new": one.new, "changed_at": one.changed_at} for one in found
    ]
    return {"domain": domain, "total": len(listed), "changes": listed}


SPF: dict[str, Any] = {
    "status": "success",
    "message": "SPF configured correctly with strict -all policy. Server IP authorized via ip4:1.2.3.4",
    "record": "v=spf1 mx include:_spf.google.com -all",
    "has_strict_all": True,
    "includes_mx": True,
    "includes": ["_spf.google.com"],
    "warnings": [],
    "dns_lookups": 3,
}
EXAMPLE: dict[str, Any] = {"spf": SPF, "checked_at": "2026-01-08T01:34:08Z"}


class DomainList(BaseModel):
    """All domains with their figures and cached checks. `stale` and `error` tell that mailcow is away."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 10,
                "active": 8,
                "last_dns_check": "2026-01-08T01:34:08Z",
                "domains": [{"domain_name": "example.com", "active": True, "dns_checks": EXAMPLE}],
                "taken_at": "2026-01-08T01:34:00Z",
                "age_seconds": 8.0,
                "stale": False,
                "error": None,
            }
        }
    )

    total: int
    active: int
    last_dns_check: str | None
    domains: list[dict[str, Any]]
    taken_at: str | None
    age_seconds: float | None
    stale: bool
    error: str | None


class CheckAll(BaseModel):
    """The check of all domains: `success`, or `partial` with a sentence for each domain that failed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "success",
                "message": "Checked 8 domains",
                "domains_checked": 8,
                "errors": [],
            }
        }
    )

    status: str
    message: str
    domains_checked: int
    errors: list[str]


class CheckOne(BaseModel):
    """The check of one domain."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "success",
                "message": "DNS checked for example.com",
                "data": {"domain": "example.com", **EXAMPLE},
            }
        }
    )

    status: str
    message: str
    data: dict[str, Any]


class History(BaseModel):
    """What the records of a domain were before; null stands for no record."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "domain": "example.com",
                "total": 1,
                "changes": [
                    {
                        "check": "spf",
                        "old": "v=spf1 mx ~all",
                        "new": "v=spf1 mx -all",
                        "changed_at": "2026-01-08T01:34:08Z",
                    }
                ],
            }
        }
    )

    domain: str
    total: int
    changes: list[dict[str, Any]]
