"""The mechanisms that compare the client with what the DNS has (RFC 7208 section 5)."""

import asyncio
import ipaddress

from webapp.dnscheck.resolver import Answer
from webapp.dnscheck.spf import names
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.spf.record import Mechanism
from webapp.dnscheck.spf.session import Session

MAX_MX = 10


async def _a(session: Session, mechanism: Mechanism, target: str) -> bool:
    answer = await session.ask(target, session.family)
    session.charge_void([answer])
    return _within(session, mechanism, [answer])


async def _mx(session: Session, mechanism: Mechanism, target: str) -> bool:
    exchangers = await session.ask(target, "MX")
    if len(exchangers.records) > MAX_MX:
        raise Malformed(f"{target} has more than {MAX_MX} mail exchangers")
    hosts = sorted({record.exchange for record in exchangers.records})  # type: ignore[attr-defined]
    answers = await asyncio.gather(*(session.ask(host.to_text(), session.family) for host in hosts))
    session.charge_void(list(answers) or [exchangers])
    return _within(session, mechanism, list(answers))


async def _exists(session: Session, _: Mechanism, target: str) -> bool:
    answer = await session.ask(target, "A")
    session.charge_void([answer])
    return bool(answer.records)


async def _ptr(session: Session, _: Mechanism, target: str) -> bool:
    found = await session.validated(counted=True)
    return any(names.is_below(name, target) for name in found)


MATCHERS = {"a": _a, "mx": _mx, "exists": _exists, "ptr": _ptr}


def _within(session: Session, mechanism: Mechanism, answers: list[Answer]) -> bool:
    prefix = mechanism.prefix4 if session.address.version == 4 else mechanism.prefix6
    networks = (
        ipaddress.ip_network(f"{record.to_text()}/{prefix}", strict=False)
        for answer in answers
        for record in answer.records
    )
    return any(session.address in network for network in networks)
