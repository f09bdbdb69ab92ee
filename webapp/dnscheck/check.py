"""Checks domains: every grader of every domain at once, within a time that no dead name server can
stretch."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from webapp.dnscheck.dkim import ExpectedKey, grade_dkim
from webapp.dnscheck.dmarc import grade_dmarc
from webapp.dnscheck.findings import Grade, Status
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.sources import Source
from webapp.dnscheck.spf.grade import grade_spf

DEADLINE = 25.0  # seconds for one grade of one domain
DOMAINS_AT_ONCE = 50


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A domain to be checked, with what mailcow knows of it. `host` is the mail server's own name, '' if
    unknown."""

    domain: str
    sources: tuple[Source, ...] = ()
    key: ExpectedKey | None = None
    host: str = ""


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


async def _dmarc(subject: Subject, resolver: Resolver) -> Grade:
    return await grade_dmarc(subject.domain, resolver)


GRADERS: Mapping[str, Grader] = {"spf": _spf, "dkim": _dkim, "dmarc": _dmarc}


async def check_domain(
    subject: Subject,
    resolver: Resolver,
    graders: Mapping[str, Grader] = GRADERS,
    deadline: float = DEADLINE,
) -> DomainCheck:
    """All grades of one domain, made at the same time."""
    grades = await asyncio.gather(
        *(_graded(grader, subject, resolver, deadline) for grader in graders.values())
    )
    return DomainCheck(
        domain=subject.domain,
        checked_at=datetime.now(UTC),
        grades=dict(zip(graders, grades, strict=True)),
    )


async def check_domains(
    subjects: Iterable[Subject],
    resolver: Resolver,
    done: Callable[[DomainCheck], None],
    graders: Mapping[str, Grader] = GRADERS,
) -> None:
    """Checks many domains at the same time and hands over each as soon as it is complete."""
    room = asyncio.Semaphore(DOMAINS_AT_ONCE)

    async def one(subject: Subject) -> None:
        async with room:
            done(await check_domain(subject, resolver, graders))

    await asyncio.gather(*(one(subject) for subject in subjects))


async def _graded(grader: Grader, subject: Subject, resolver: Resolver, deadline: float) -> Grade:
    try:
        async with asyncio.timeout(deadline):
            return await grader(subject, resolver)
    except TimeoutError:
        return Grade(status=Status.UNKNOWN, message=f"The check was given up after {deadline:g} s")
