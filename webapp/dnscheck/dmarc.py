"""DMARC: the policy that holds for a domain, by RFC 9989, and whether its reports arrive."""

import asyncio
from dataclasses import dataclass

from webapp.dnscheck import dmarcfindings as told
from webapp.dnscheck.dmarcrecord import DmarcRecord, Policy, is_dmarc
from webapp.dnscheck.dmarcwalk import Discovery, discover, list_domain
from webapp.dnscheck.findings import Finding, Grade, Severity, Status, status_of
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.taglist import stored

MOST_HOSTS = 10  # report destinations that are asked whether they agreed
_HEADLINES = {
    Policy.REJECT: "DMARC configured with strict policy",
    Policy.QUARANTINE: "DMARC configured with moderate policy. Consider upgrading to reject",
    Policy.NONE: "DMARC configured to monitor only. Provides no protection",
}


@dataclass(frozen=True, kw_only=True)
class DmarcGrade(Grade):
    """The documented DMARC answer. `policy` holds for the domain, `found_at` and `found_by` say whence it is.

    `pct` stays as documented though RFC 9989 took the tag out; `is_strong` is a reject that receivers apply.
    """

    policy: str | None = None
    subdomain_policy: str | None = None
    pct: str | None = None
    is_strong: bool = False
    found_at: str | None = None
    found_by: str | None = None


async def grade_dmarc(domain: str, resolver: Lookup) -> DmarcGrade:
    """Looks for the record and for the consent of those that shall take its reports, and grades that."""
    found = await discover(domain, resolver)
    if found.record is None or found.found_at is None:
        return judge_dmarc(found)
    return judge_dmarc(found, await refusing_hosts(found.record, found.found_at, resolver))


async def refusing_hosts(record: DmarcRecord, at: str, resolver: Lookup) -> tuple[str, ...]:
    """The hosts of `rua` in another organization that did not publish their consent (RFC 9990 4)."""
    hosts = dict.fromkeys(address.host for address in record.rua if address.host)
    foreign = [host for host in hosts if list_domain(host) != list_domain(at)][:MOST_HOSTS]
    names = [f"{at}._report._dmarc.{host}" for host in foreign]
    answers = await asyncio.gather(*(resolver.lookup(name, "TXT") for name in names))
    return tuple(
        host
        for host, answer in zip(foreign, answers, strict=True)
        if answer.known and not any(is_dmarc(text) for text in answer.texts)
    )


def judge_dmarc(found: Discovery, refusing: tuple[str, ...] = ()) -> DmarcGrade:
    """The grade of what was discovered; `refusing` are the report hosts that did not agree."""
    if found.several:
        return _several(found)
    if found.failed is not None:
        name, outcome = found.failed.name, found.failed.outcome
        return DmarcGrade(status=Status.UNKNOWN, message=f"DMARC could not be checked: {outcome} for {name}")
    if found.record is None or found.found_at is None:
        finding = told.missing(found.domain)
        return DmarcGrade(
            status=Status.ERROR,
            message="DMARC record not found",
            warnings=(finding.why,),
            findings=(finding,),
        )
    policy = found.record.policy(subdomain=found.found_at != found.domain)
    findings = (
        *told.of_record(found.record, found.found_at, policy),
        *told.of_discovery(found),
        *(told.unauthorised(found.found_at, host) for host in refusing),
    )
    return _graded(found, found.record, policy, findings)


def _several(found: Discovery) -> DmarcGrade:
    finding = told.several(len(found.several))
    return DmarcGrade(
        status=Status.ERROR,
        message=f"Multiple DMARC records found ({len(found.several)}). Only one is allowed",
        record=stored("; ".join(found.several)),
        warnings=("Multiple DMARC records invalidate ALL records",),
        findings=(finding,),
    )


def _graded(
    found: Discovery, record: DmarcRecord, policy: Policy, findings: tuple[Finding, ...]
) -> DmarcGrade:
    weakened = {"dmarc-testing", "dmarc-pct"} & {finding.code for finding in findings}
    headline = "DMARC record is not valid: receivers ignore it" if record.void else _HEADLINES[policy]
    return DmarcGrade(
        status=status_of(findings),
        message=headline,
        record=stored(record.text),
        warnings=_whys(findings, Severity.ERROR, Severity.WARNING),
        info=_whys(findings, Severity.RECOMMENDATION, Severity.INFORMATION),
        findings=findings,
        policy=str(policy),
        subdomain_policy=str(record.request("sp")) if record.request("sp") else None,
        pct=stored(record.tags.get("pct", "100")),
        is_strong=policy is Policy.REJECT and not weakened,
        found_at=found.found_at,
        found_by=str(found.found_by),
    )


def _whys(findings: tuple[Finding, ...], *severities: Severity) -> tuple[str, ...]:
    return tuple(finding.why for finding in findings if finding.severity in severities)
