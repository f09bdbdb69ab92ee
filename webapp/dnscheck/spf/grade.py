"""The grade of a domain's SPF: the documented status and message, findings, and a verdict per sending
address."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.dnscheck.findings import Finding, Grade, Level, Severity, Status
from webapp.dnscheck.resolver import Answer, Lookup, Outcome
from webapp.dnscheck.sources import Source
from webapp.dnscheck.spf import advice, names, rewrite, tree
from webapp.dnscheck.spf.evaluate import Verdict, check_host
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.spf.record import Record, Result, is_record, parse
from webapp.dnscheck.taglist import shortened, stored

MAX_INCLUDES = 100  # names that are kept; a record works with ten at most


@dataclass(frozen=True, kw_only=True)
class SourceVerdict:
    """What SPF says of one address that sends for us."""

    address: str
    origin: str
    name: str
    result: Result
    via: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SpfGrade(Grade):
    """The documented keys of SPF; `policy` is the `all` that ends the evaluation, with its qualifier."""

    has_strict_all: bool = False
    includes_mx: bool = False
    includes: tuple[str, ...] = ()
    dns_lookups: int = 0
    void_lookups: int = 0
    policy: str | None = None
    sources: tuple[SourceVerdict, ...] = ()


async def grade_spf(domain: str, sources: Sequence[Source], lookup: Lookup, helo: str = "") -> SpfGrade:
    """Grades the SPF record of `domain` for these senders. No answer from DNS gives status `unknown`."""
    name = names.wire_name(domain)
    answer = await lookup.lookup(name if name is not None else domain, "TXT")
    if not answer.known and answer.outcome is not Outcome.MALFORMED:
        return SpfGrade(status=Status.UNKNOWN, message=f"DNS gave no answer for {domain} ({answer.outcome})")
    texts = [text for text in answer.texts if is_record(text)]
    if not texts:
        return _missing(domain, answer, sources)
    if len(texts) > 1:
        return _several(domain, texts)
    try:
        record = parse(texts[0])
    except Malformed as error:
        return _broken(domain, texts[0], str(error), sources)
    return await _graded(domain, record, sources, lookup, helo)


async def _graded(
    domain: str, record: Record, sources: Sequence[Source], lookup: Lookup, helo: str
) -> SpfGrade:
    sender, greeting = f"postmaster@{domain}", helo or domain
    whole, verdicts = await asyncio.gather(
        tree.walk(tree.Leaf(domain=domain.lower(), record=record), lookup),
        asyncio.gather(*(check_host(source.address, sender, greeting, lookup) for source in sources)),
    )
    judged = advice.Judged(
        domain=domain,
        record=record,
        whole=whole,
        count=whole.count(),
        senders=tuple(zip(sources, verdicts, strict=True)),
    )
    opinion = advice.judge(judged)
    return SpfGrade(
        status=opinion.status,
        message=opinion.message,
        record=stored(record.text),
        warnings=opinion.warnings,
        info=opinion.info,
        findings=opinion.findings,
        has_strict_all=judged.policy == "-all",
        includes_mx=any(mechanism.name == "mx" for mechanism in record.mechanisms),
        includes=tuple(one.domain for one in record.mechanisms if one.name == "include")[:MAX_INCLUDES],
        dns_lookups=judged.count,
        void_lookups=max((verdict.void_lookups for verdict in verdicts), default=0),
        policy=judged.policy,
        sources=tuple(_shown(source, verdict) for source, verdict in judged.senders),
    )


def _shown(source: Source, verdict: Verdict) -> SourceVerdict:
    return SourceVerdict(
        address=source.address,
        origin=source.origin,
        name=source.name,
        result=verdict.result,
        via=verdict.via,
        reason=verdict.reason,
    )


def _missing(domain: str, answer: Answer, sources: Sequence[Source]) -> SpfGrade:
    """No text is a record; what looks like one with a mistake in its first word is told."""
    near = next((text for text in answer.texts if "v=spf1" in text[:20].lower()), None)
    publish = rewrite.proposal(domain, sources)
    if near is not None:
        message = f"Invalid SPF syntax: must start with 'v=spf1' and a space, found {shortened(near, 40)!r}"
        why = "Receivers ignore a record that does not begin with v=spf1 and a space: the domain has no SPF."
        publish = rewrite.repaired(domain, near, sources) or publish
    elif answer.outcome is Outcome.NXDOMAIN:
        message, why = (
            "No SPF record found: the domain does not exist in DNS",
            "Mail to and from it is refused.",
        )
    else:
        message, why = "No SPF record found", "Anyone can send in the name of a domain without SPF."
    finding = Finding(
        severity=Severity.ERROR, level=Level.SHOULD, code="spf-missing", why=why, publish=publish
    )
    record = stored(near) if near is not None else None
    return SpfGrade(status=Status.ERROR, message=message, record=record, findings=(finding,))


def _several(domain: str, texts: list[str]) -> SpfGrade:
    finding = Finding(
        severity=Severity.ERROR,
        level=Level.MUST,
        code="spf-several",
        why="With more than one record every check ends in an error, so that no server is authorised.",
        publish=rewrite.merged(domain, texts),
    )
    return SpfGrade(
        status=Status.ERROR,
        message=f"Multiple SPF records found ({len(texts)}). Only one is allowed",
        record=stored("; ".join(texts)),
        warnings=("Multiple SPF records invalidate ALL records",),
        findings=(finding,),
    )


def _broken(domain: str, text: str, reason: str, sources: Sequence[Source]) -> SpfGrade:
    finding = Finding(
        severity=Severity.ERROR,
        level=Level.MUST,
        code="spf-syntax",
        why="A record with an error in it makes every check fail, so that no server is authorised.",
        publish=rewrite.repaired(domain, text, sources),
    )
    return SpfGrade(
        status=Status.ERROR,
        message=f"Invalid SPF syntax: {reason}",
        record=stored(text),
        warnings=(f"Receivers treat the record as an error: {reason}",),
        findings=(finding,),
    )
