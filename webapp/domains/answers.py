"""The shapes of the room's JSON: the documented keys of the reference, and more beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.dnscheck.inventory import MailDomain
from webapp.domains import examples
from webapp.domains.detail import Change, DomainDetail, Grades, complete
from webapp.domains.overview import Known
from webapp.tables.db import now
from webapp.tables.domains import DomainCheckRow
from webapp.web.openapi import described

DnsChecks = dict[
    str, Any
]  # check -> its grade, whose keys are those of its class in dnscheck; and checked_at
DEFAULTS: Mapping[str, Mapping[str, Any]] = {  # documented keys of a record that has not been checked
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
SOURCES = {"server": "auto-detected", "mx": "auto-detected", "manual": "configured"}  # the original's words


@dataclass(frozen=True, kw_only=True)
class AliasItem:
    """An alias domain, under the domain that it stands for."""

    domain_name: str
    active: bool
    created: str | None
    dns_checks: DnsChecks


@dataclass(frozen=True, kw_only=True)
class DomainItem:
    """One domain as mailcow has it, with its checks; sizes in bytes."""

    domain_name: str
    active: bool
    mboxes_in_domain: int
    mboxes_left: int
    max_num_mboxes_for_domain: int
    aliases_in_domain: int
    aliases_left: int
    max_num_aliases_for_domain: int
    created: str | None
    bytes_total: int
    msgs_total: int
    quota_used_in_domain: str
    max_quota_for_domain: int
    backupmx: bool
    relay_all_recipients: bool
    relay_unknown_only: bool
    dns_checks: DnsChecks
    alias_domains: list[AliasItem]


@dataclass(frozen=True, kw_only=True)
class DomainList:
    """All domains with their last checks. `stale` and `error` tell that mailcow could not be asked since
    `taken_at`."""

    total: int
    active: int
    last_dns_check: datetime | None
    domains: list[DomainItem]
    taken_at: datetime | None
    age_seconds: float | None
    stale: bool
    error: str | None


@dataclass(frozen=True, kw_only=True)
class CheckAll:
    """The check of all domains: `success`, or `partial` with a sentence for each domain that failed."""

    status: str
    message: str
    domains_checked: int
    errors: list[str]


@dataclass(frozen=True, kw_only=True)
class Running:
    """A check that takes longer than a request may wait."""

    status: str
    message: str
    job_id: str


@dataclass(frozen=True, kw_only=True)
class CheckOne:
    """The check of one domain; `data` are its domain and its checks."""

    status: str
    message: str
    data: DnsChecks


@dataclass(frozen=True, kw_only=True)
class History:
    """What the records of a domain were before, newest change first; null stands for no record."""

    domain: str
    total: int
    changes: Sequence[Change]


DOMAIN_LIST = described(DomainList, examples.ALL)
CHECK_ALL = described(CheckAll, examples.CHECKED_ALL)
CHECK_ONE = described(CheckOne, examples.CHECKED_ONE)
HISTORY = described(History, examples.HISTORY)


def dns_checks(grades: Grades, checked_at: datetime | None) -> DnsChecks:
    """The grades as the API gives them."""
    found = {name: {**DEFAULTS.get(name, {}), **grade} for name, grade in complete(grades).items()}
    found["spf"]["checked_ips"] = [_checked_ip(source) for source in found["spf"].get("sources", ())]
    if "dane" in found:
        found["tlsa"] = found["dane"]
    return {**found, "checked_at": checked_at}


def _checked_ip(source: Mapping[str, Any]) -> dict[str, Any]:
    """A sender's verdict as the original program told it after its 2.1 line."""
    whence = SOURCES.get(source["origin"], source["origin"])
    return {"ip": source["address"], "source": whence, "authorized": source["result"] == "pass"}


def list_answer(
    listed: Known, rows: Mapping[str, DomainCheckRow], last_dns_check: datetime | None
) -> DomainList:
    """All domains, each with its alias domains, and how old mailcow's list is."""
    domains = [mail for mail in listed.domains if not mail.target]
    below: dict[str, list[AliasItem]] = {}
    for mail in listed.domains:
        if mail.target:
            below.setdefault(mail.target, []).append(_alias(mail, rows.get(mail.name)))
    age = (now() - listed.taken_at).total_seconds() if listed.taken_at else None
    return DomainList(
        total=len(domains),
        active=sum(mail.active for mail in domains),
        last_dns_check=last_dns_check,
        domains=[_domain(mail, rows.get(mail.name), below.get(mail.name, [])) for mail in domains],
        taken_at=listed.taken_at,
        age_seconds=round(age, 1) if age is not None else None,
        stale=listed.error is not None,
        error=listed.error,
    )


def _alias(mail: MailDomain, row: DomainCheckRow | None) -> AliasItem:
    return AliasItem(
        domain_name=mail.name, active=mail.active, created=mail.created, dns_checks=_checks_of(row)
    )


def _domain(mail: MailDomain, row: DomainCheckRow | None, aliases: list[AliasItem]) -> DomainItem:
    return DomainItem(
        domain_name=mail.name,
        active=mail.active,
        mboxes_in_domain=mail.mailboxes,
        mboxes_left=mail.mailboxes_left,
        max_num_mboxes_for_domain=mail.mailboxes_most,
        aliases_in_domain=mail.aliases,
        aliases_left=mail.aliases_left,
        max_num_aliases_for_domain=mail.aliases_most,
        created=mail.created,
        bytes_total=mail.bytes_total,
        msgs_total=mail.messages_total,
        quota_used_in_domain=str(mail.quota_used),
        max_quota_for_domain=mail.quota_most,
        backupmx=mail.backup_mx,
        relay_all_recipients=mail.relay_all,
        relay_unknown_only=mail.relay_unknown,
        dns_checks=_checks_of(row),
        alias_domains=aliases,
    )


def _checks_of(row: DomainCheckRow | None) -> DnsChecks:
    return dns_checks(row.grades, row.checked_at) if row is not None else dns_checks({}, None)


def check_answer(found: DomainDetail) -> CheckOne:
    """What the check of one domain gives."""
    return CheckOne(
        status="success",
        message=f"DNS checked for {found.mail.name}",
        data={"domain": found.mail.name, **dns_checks(found.grades, found.checked_at)},
    )
