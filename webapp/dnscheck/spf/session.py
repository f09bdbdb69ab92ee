"""One evaluation of SPF: who asks, what it has cost so far, and its questions to the DNS."""

import asyncio
import time
from dataclasses import dataclass

from webapp.dnscheck.resolver import Answer, Lookup, Outcome
from webapp.dnscheck.spf import macro, names
from webapp.dnscheck.spf.macro import Address, Malformed

MAX_LOOKUPS = 10  # terms that ask the DNS (RFC 7208 section 4.6.4)
MAX_VOID = 2  # terms that ask in vain; the third is an error
MAX_PTR = 10  # names of one address that are looked at


class Temporary(Exception):
    """The DNS did not answer: temperror. The text says what was asked."""


@dataclass
class Session:
    """The mail in question and the DNS; counts the terms that ask, and those that ask in vain."""

    address: Address
    sender: str
    helo: str
    receiver: str
    dns: Lookup
    lookups: int = 0
    voids: int = 0

    def charge(self) -> None:
        """Counts a term that asks the DNS."""
        if self.lookups >= MAX_LOOKUPS:
            raise Malformed(f"the evaluation needs more than {MAX_LOOKUPS} DNS look-ups")
        self.lookups += 1

    def charge_void(self, answers: list[Answer]) -> None:
        """Counts a term all of whose questions were answered with nothing."""
        if not any(answer.outcome in (Outcome.NXDOMAIN, Outcome.NO_ANSWER) for answer in answers):
            return
        if any(answer.records for answer in answers):
            return
        self.voids += 1
        if self.voids > MAX_VOID:
            raise Malformed(f"more than {MAX_VOID} look-ups found nothing")

    @property
    def family(self) -> str:
        """The record type that holds addresses like the client's."""
        return "A" if self.address.version == 4 else "AAAA"

    async def ask(self, name: str, rdtype: str) -> Answer:
        """One question; raises Temporary where nobody answers it. What is no name has no records."""
        wire = names.wire_name(name)
        if wire is None:
            return Answer(name=name, rdtype=rdtype, outcome=Outcome.MALFORMED)
        answer = await self.dns.lookup(wire, rdtype)
        if answer.outcome in (Outcome.SERVFAIL, Outcome.TIMEOUT):
            raise Temporary(f"{rdtype} of {name}: {answer.outcome}")
        return answer

    async def target(self, spec: str, domain: str) -> str:
        """The name that a domain-spec means for this mail, the current domain where it is empty."""
        return macro.expand_domain(spec, await self.values(spec, domain)) if spec else domain

    async def values(self, text: str, domain: str) -> macro.Values:
        """What the macros of `text` stand for; the client's name is looked for only where they use it."""
        validated = "unknown"
        if macro.needs_validated_name(text):
            validated = names.preferred(await self.validated(), domain)
        return macro.Values(
            sender=self.sender,
            domain=domain,
            address=self.address,
            helo=self.helo,
            validated=validated,
            receiver=self.receiver,
            timestamp=int(time.time()),
        )

    async def validated(self, *, counted: bool = False) -> list[str]:
        """The client's names by PTR that lead back to it (5.5); a failure to answer leaves a name out."""
        pointer = await self.dns.lookup(self.address.reverse_pointer, "PTR")
        if counted:
            self.charge_void([pointer])
        hosts = [record.target for record in pointer.records[:MAX_PTR]]  # type: ignore[attr-defined]
        answers = await asyncio.gather(*(self.dns.lookup(host, self.family) for host in hosts))
        wanted = str(self.address)
        return [
            answer.name for answer in answers if any(record.to_text() == wanted for record in answer.records)
        ]
