"""DNSSEC: whether the resolver validated the domain's answers, which only a trusted way to it can tell."""

import asyncio

from webapp.dnscheck.findings import Grade, Level, Status
from webapp.dnscheck.resolver import Answer, Lookup, Outcome
from webapp.dnscheck.wording import Voice, summed, untold

ASKED = ("SOA", "MX", "NS")  # one of them stands at every mail domain
_DNSSEC = Voice("dnssec")
CANNOT_TELL = "DNSSEC cannot be told: the way to the resolver is not trusted, so its word could be forged"


async def grade_dnssec(domain: str, resolver: Lookup) -> Grade:
    """The AD bit of the domain's own records (RFC 6840 5.8)."""
    return judge_dnssec(await asyncio.gather(*(resolver.lookup(domain, rdtype) for rdtype in ASKED)))


def judge_dnssec(answers: list[Answer]) -> Grade:
    """The grade of those answers."""
    found = [answer for answer in answers if answer.outcome is Outcome.RECORDS]
    if not found:
        failed = [answer for answer in answers if not answer.known]
        return untold("DNSSEC", failed[0] if failed else answers[0])
    if any(answer.authenticated is None for answer in found):
        return Grade(status=Status.UNKNOWN, message=CANNOT_TELL)
    if all(answer.authenticated for answer in found):
        return summed((), "The domain is signed, and the resolver validated it", None)
    why = "The domain is not signed with DNSSEC, so its records can be forged and DANE has no effect."
    return summed([_DNSSEC.advice(Level.SHOULD, "unsigned", why)], "", None)
