"""Checks domains: every grader of every domain at once, within a time that no dead name server can
stretch."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.dnscheck.bimi import grade_bimi
from webapp.dnscheck.caa import grade_caa
from webapp.dnscheck.dane import grade_dane
from webapp.dnscheck.dkim import ExpectedKey, grade_dkim
from webapp.dnscheck.dmarc import grade_dmarc
from webapp.dnscheck.dnssec import grade_dnssec
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.mtasts import SeenPolicy, grade_mtasts
from webapp.dnscheck.mx import grade_address, grade_mx
from webapp.dnscheck.port25 import Probe
from webapp.dnscheck.resolver import Lookup, Resolver
from webapp.dnscheck.sources import Source
from webapp.dnscheck.spf.grade import grade_spf
from webapp.dnscheck.tlsrpt import grade_tlsrpt

DEADLINE = 25.0  # seconds for one grade of one domain
DOMAINS_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A domain to be checked, with what mailcow knows of it. `host` is the mail server's own name, '' if
    unknown; `seen` the MTA-STS policy that an earlier check found."""

    domain: str
    sources: tuple[Source, ...] = ()
    key: ExpectedKey | None = None
    host: str = ""
    seen: SeenPolicy | None = None


Grader = Callable[[Subject, Resolver], Awaitable[Grade]]


@dataclass(frozen=True, kw_only=True)
class DomainCheck:
    """All grades of one domain by the name of their check."""

    domain: str
    checked_at: datetime
    grades: Mapping[str, Grade]

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The names of the checks that DNS left without an answer."""
        return tuple(name for name, grade in self.grades.items() if grade.status is Status.UNKNOWN)


async def _spf(subject: Subject, resolver: Resolver) -> Grade:
    return await grade_spf(subject.domain, subject.sources, resolver, subject.host)


async def _dkim(subject: Subject, resolver: Resolver) -> Grade:
    return await grade_dkim(subject.domain, subject.key, resolver)


async def _mtasts(subject: Subject, resolver: Resolver) -> Grade:
    return await grade_mtasts(subject.domain, resolver, seen=subject.seen)


def _of_domain(grade: Callable[[str, Lookup], Awaitable[Grade]]) -> Grader:
    """A grader that needs to know nothing but the domain's name."""

    async def graded(subject: Subject, resolver: Resolver) -> Grade:
        return await grade(subject.domain, resolver)

    return graded


def graders(probe: Probe | None = None) -> dict[str, Grader]:
    """All checks by name, the documented ones first; `probe` gets a mail server's certificate for DANE."""
    return {
        "spf": _spf,
        "dkim": _dkim,
        "dmarc": _of_domain(grade_dmarc),
        "mx": _of_domain(grade_mx),
        "address": _of_domain(grade_address),
        "mta_sts": _mtasts,
        "tls_rpt": _of_domain(grade_tlsrpt),
        "dnssec": _of_domain(grade_dnssec),
        "dane": _of_domain(functools.partial(grade_dane, probe=probe)),
        "bimi": _of_domain(grade_bimi),
        "caa": _of_domain(grade_caa),
    }


async def check_domain(
    subject: Subject,
    resolver: Resolver,
    table: Mapping[str, Grader],
    deadline: float = DEADLINE,
) -> DomainCheck:
    """All grades of one domain, made at the same time."""
    grades = await asyncio.gather(
        *(_graded(grader, subject, resolver, deadline) for grader in table.values())
    )
    return DomainCheck(
        domain=subject.domain,
        checked_at=datetime.now(UTC),
        grades=dict(zip(table, grades, strict=True)),
    )


async def check_domains(
    subjects: Iterable[Subject],
    resolver: Resolver,
    done: Callable[[DomainCheck], None],
    table: Mapping[str, Grader],
) -> None:
    """Checks many domains at the same time and hands over each as soon as it is complete."""
    room = asyncio.Semaphore(DOMAINS_AT_ONCE)

    async def one(subject: Subject) -> None:
        async with room:
            done(await check_domain(subject, resolver, table))

    await asyncio.gather(*(one(subject) for subject in subjects))


async def _graded(grader: Grader, subject: Subject, resolver: Resolver, deadline: float) -> Grade:
    try:
        async with asyncio.timeout(deadline):
            return await grader(subject, resolver)
    except TimeoutError:
        return Grade(status=Status.UNKNOWN, message=f"The check was given up after {deadline:g} s")
