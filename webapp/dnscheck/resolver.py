"""Asks the DNS: one resolver that is kept, a bound on what runs at once, 5 seconds per look-up, distinct
outcomes."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver

from webapp.dnscheck.nameservers import NameServers

LIFETIME = 5.0  # seconds for one look-up, whatever the servers do
ATTEMPT = 2.0  # seconds until the next server, or the same one again, is asked
AT_ONCE = 100  # look-ups that were just asked
SLOW = 0.5  # seconds after which a look-up no longer counts among those: a dead server holds up nobody
WAITING = 600  # look-ups under way at all, each a socket
ADDRESS_TYPES = ("A", "AAAA")


class Outcome(StrEnum):
    """How a look-up ended. Only the first three are answers; after the others nothing is known."""

    RECORDS = "records"
    NXDOMAIN = "nxdomain"  # the name does not exist
    NO_ANSWER = "no answer"  # the name exists, without a record of this type
    SERVFAIL = "servfail"  # every server failed, refused or answered nonsense
    TIMEOUT = "timeout"
    MALFORMED = "malformed"  # not a name that DNS could hold; nobody was asked


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The end of one look-up. `authenticated` is the resolver's AD bit, None where its path is not
    trusted."""

    name: str
    rdtype: str
    outcome: Outcome
    records: tuple[dns.rdata.Rdata, ...] = ()
    canonical_name: str = ""
    authenticated: bool | None = None
    ttl: int = 0
    detail: str = ""  # why there is no answer, in the library's words

    @property
    def known(self) -> bool:
        """True where DNS answered, even if it was that there is nothing."""
        return self.outcome in (Outcome.RECORDS, Outcome.NXDOMAIN, Outcome.NO_ANSWER)

    @property
    def texts(self) -> tuple[str, ...]:
        """The TXT records, each with its strings joined without blanks; bytes beyond ASCII stay as Latin-1.

        Servers give them in any order: here the shortest comes first, so that the same zone reads the same.
        """
        joined = (b"".join(record.strings).decode("latin-1") for record in self.records)  # type: ignore[attr-defined]
        return tuple(sorted(joined, key=lambda text: (len(text), text)))


class Lookup(Protocol):
    """What the graders need of a resolver."""

    async def lookup(self, name: str | dns.name.Name, rdtype: str) -> Answer:
        """The records of that type at that name; never raises for what DNS answers or does not."""
        ...


def absolute(name: str | dns.name.Name) -> dns.name.Name:
    """The name from its root; raises dns.exception.DNSException or UnicodeError for what DNS cannot hold."""
    return dns.name.from_text(name, dns.name.root) if isinstance(name, str) else name


class Resolver:
    """One resolver for a whole run of checks; an asynchronous context manager that closes its connections.

    Names asked twice in the same run are asked once: 200 domains that include the same provider cost one
    look-up.
    """

    def __init__(
        self, servers: Sequence[str] = (), *, lifetime: float = LIFETIME, at_once: int = AT_ONCE
    ) -> None:
        self._servers = NameServers(servers)
        self.stub = self._servers.stub()
        self.stub.lifetime = lifetime
        self.stub.timeout = min(ATTEMPT, lifetime)
        self._lifetime = lifetime
        self._trusted = self._servers.trusted
        self._fresh, self._waiting = asyncio.Semaphore(at_once), asyncio.Semaphore(WAITING)
        self._asked: dict[tuple[dns.name.Name, str], asyncio.Task[Answer]] = {}

    @property
    def trusted(self) -> bool:
        """True where nobody on the way to the resolver can forge its AD bit."""
        return self._trusted

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._asked.values():
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        await self._servers.close()

    async def lookup(self, name: str | dns.name.Name, rdtype: str) -> Answer:
        """The records of that type at that name, from this run's memory where it was asked before."""
        try:
            wanted = absolute(name)
        except (dns.exception.DNSException, UnicodeError) as error:
            return Answer(name=str(name), rdtype=rdtype, outcome=Outcome.MALFORMED, detail=str(error))
        task = self._asked.get((wanted, rdtype))
        if task is None:
            task = asyncio.create_task(self._ask(wanted, rdtype))
            self._asked[wanted, rdtype] = task
        return await asyncio.shield(task)

    async def addresses(self, name: str | dns.name.Name) -> tuple[str, ...]:
        """The IPv4 and IPv6 addresses of a host, none where it has none or DNS did not answer."""
        answers = await asyncio.gather(*(self.lookup(name, rdtype) for rdtype in ADDRESS_TYPES))
        return tuple(record.to_text() for answer in answers for record in answer.records)

    async def _ask(self, name: dns.name.Name, rdtype: str) -> Answer:
        async with self._waiting:
            async with self._fresh:
                task = asyncio.create_task(ask(self.stub, name, rdtype, self._lifetime, trusted=self.trusted))
                await asyncio.wait({task}, timeout=SLOW)
            return await task


class Plain:
    """A resolver of dnspython's as the graders want it, with that resolver's own patience up to 5 seconds."""

    def __init__(self, stub: dns.asyncresolver.Resolver) -> None:
        self._stub = stub
        self._lifetime = min(stub.lifetime, LIFETIME)

    async def lookup(self, name: str | dns.name.Name, rdtype: str) -> Answer:
        """The records of that type at that name."""
        try:
            wanted = absolute(name)
        except (dns.exception.DNSException, UnicodeError) as error:
            return Answer(name=str(name), rdtype=rdtype, outcome=Outcome.MALFORMED, detail=str(error))
        return await ask(self._stub, wanted, rdtype, self._lifetime)


async def ask(
    stub: dns.asyncresolver.Resolver,
    name: dns.name.Name,
    rdtype: str,
    lifetime: float,
    *,
    trusted: bool = False,
) -> Answer:
    """Asks dnspython's resolver once and says how it ended."""
    outcome, detail = Outcome.SERVFAIL, ""
    try:
        async with asyncio.timeout(lifetime):
            found = await stub.resolve(name, rdtype, search=False, lifetime=lifetime)
        return _found(found, name, rdtype, trusted)
    except dns.resolver.NXDOMAIN:
        outcome = Outcome.NXDOMAIN
    except dns.resolver.NoAnswer:
        outcome = Outcome.NO_ANSWER
    except (dns.exception.Timeout, TimeoutError):
        outcome, detail = Outcome.TIMEOUT, f"no answer within {lifetime:g} s"
    except (dns.exception.DNSException, OSError) as error:
        detail = str(error)
    return Answer(name=_text(name), rdtype=rdtype, outcome=outcome, detail=detail)


def _found(found: dns.resolver.Answer, name: dns.name.Name, rdtype: str, trusted: bool) -> Answer:
    signed = bool(found.response.flags & dns.flags.AD)
    return Answer(
        name=_text(name),
        rdtype=rdtype,
        outcome=Outcome.RECORDS,
        records=tuple(found),
        canonical_name=_text(found.canonical_name),
        authenticated=signed if trusted else None,
        ttl=found.rrset.ttl if found.rrset is not None else 0,
    )


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
