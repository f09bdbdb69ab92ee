"""check_host (RFC 7208 section 4): may this address send for this domain?"""

import asyncio
import ipaddress
from dataclasses import dataclass

import dns.asyncresolver

from webapp.dnscheck.resolver import Lookup, Plain
from webapp.dnscheck.spf import macro, names
from webapp.dnscheck.spf.macro import Address, Malformed
from webapp.dnscheck.spf.match import MATCHERS
from webapp.dnscheck.spf.record import ASKING, Mechanism, Record, Result, is_record, parse
from webapp.dnscheck.spf.session import Session, Temporary

PATIENCE = 20.0  # seconds for the whole evaluation (4.6.4)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer. `path` are the terms that matched, from the domain's own record inwards.

    `explanation` is the domain's own text for a fail ('' without one), `reason` why there is an error or no
    record.
    """

    result: Result
    dns_lookups: int = 0
    void_lookups: int = 0
    path: tuple[str, ...] = ()
    explanation: str = ""
    reason: str = ""

    @property
    def via(self) -> str:
        """The matching terms as one text: `include:_spf.example.com (ip4:192.0.2.1)`."""
        *outer, inner = self.path or ("",)
        for term in reversed(outer):
            inner = f"{term} ({inner})"
        return inner


async def check_host(
    ip: str,
    sender: str,
    helo: str,
    resolver: dns.asyncresolver.Resolver | Lookup,
    *,
    receiver: str = "unknown",
) -> Verdict:
    """Whether the client `ip` may send mail from `sender` (an address; '' stands for postmaster at `helo`).

    Raises ValueError where `ip` is no address.
    """
    lookup = Plain(resolver) if isinstance(resolver, dns.asyncresolver.Resolver) else resolver
    address = _mapped(ipaddress.ip_address(ip))
    local, _, domain = (sender or helo).rpartition("@")
    session = Session(address, f"{local or 'postmaster'}@{domain}", helo, receiver, lookup)
    try:
        async with asyncio.timeout(PATIENCE):
            return await _initial(session, domain)
    except TimeoutError:
        return _failed(session, Result.TEMPERROR, f"the evaluation took longer than {PATIENCE:g} s")


def _mapped(address: Address) -> Address:
    """An IPv4 address in IPv6 form counts as IPv4 (section 5)."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


async def _initial(session: Session, domain: str) -> Verdict:
    """Initial processing (4.3): what is no domain name on the Internet has no policy."""
    if not names.is_public(domain):
        return _failed(session, Result.NONE, f"{domain[:80]!r} is no fully qualified domain name")
    try:
        return await _check(session, names.ascii_of(domain), ())
    except Malformed as error:
        return _failed(session, Result.PERMERROR, str(error))
    except Temporary as error:
        return _failed(session, Result.TEMPERROR, str(error))


def _failed(session: Session, result: Result, reason: str) -> Verdict:
    return Verdict(result=result, dns_lookups=session.lookups, void_lookups=session.voids, reason=reason)


async def _check(session: Session, domain: str, path: tuple[str, ...], *, included: bool = False) -> Verdict:
    """The policy of one domain; `path` are the includes that led here."""
    record = await _record(session, domain)
    if record is None:
        return _failed(session, Result.NONE, f"{domain} has no SPF record")
    for mechanism in record.mechanisms:
        inner = await _matches(session, mechanism, domain)
        if inner is not None:
            explanation = ""
            if mechanism.result is Result.FAIL and not included:
                explanation = await _explanation(session, record, domain)
            return _ended(session, mechanism.result, (*path, mechanism.text, *inner), explanation)
    if record.redirect is None or record.all is not None:
        return _ended(session, Result.NEUTRAL, path, "")
    return await _redirected(session, record.redirect, domain, path, included)


def _ended(session: Session, result: Result, path: tuple[str, ...], explanation: str) -> Verdict:
    return Verdict(
        result=result,
        dns_lookups=session.lookups,
        void_lookups=session.voids,
        path=path,
        explanation=explanation,
    )


async def _redirected(
    session: Session, redirect: str, domain: str, path: tuple[str, ...], included: bool
) -> Verdict:
    session.charge()
    target = await session.target(redirect, domain)
    verdict = await _check(session, target, (*path, f"redirect={redirect}"), included=included)
    if verdict.result is Result.NONE:
        raise Malformed(f"redirect={target} leads to no SPF record")
    return verdict


async def _record(session: Session, domain: str) -> Record | None:
    """The domain's one record, parsed; None without any. Several are an error (4.5)."""
    answer = await session.ask(domain, "TXT")
    if session.lookups:  # a term led here: the first question is none
        session.charge_void([answer])
    texts = [text for text in answer.texts if is_record(text)]
    if len(texts) > 1:
        raise Malformed(f"{domain} has {len(texts)} SPF records")
    return parse(texts[0]) if texts else None


async def _matches(session: Session, mechanism: Mechanism, domain: str) -> tuple[str, ...] | None:
    """The terms inside an include that matched, () for any other match, None without a match."""
    if mechanism.name in ASKING:
        session.charge()
    if mechanism.name == "all":
        return ()
    if mechanism.network is not None:
        return () if session.address in mechanism.network else None
    target = await session.target(mechanism.domain, domain)
    if mechanism.name == "include":
        return await _include(session, target)
    matched = await MATCHERS[mechanism.name](session, mechanism, target)
    return () if matched else None


async def _include(session: Session, target: str) -> tuple[str, ...] | None:
    """Section 5.2: only a pass matches, and a domain without a policy is an error."""
    verdict = await _check(session, target, (), included=True)
    if verdict.result is Result.NONE:
        raise Malformed(f"include:{target} leads to no SPF record")
    return verdict.path if verdict.result is Result.PASS else None


async def _explanation(session: Session, record: Record, domain: str) -> str:
    """The text of `exp=` (6.2), '' where there is none or anything is wrong with it."""
    if record.explanation is None:
        return ""
    try:
        answer = await session.ask(await session.target(record.explanation, domain), "TXT")
        if len(answer.records) != 1:
            return ""
        text = answer.texts[0]
        macro.check(text, "exp", explanation=True)
        return macro.expand(text, await session.values(text, domain))
    except (Malformed, Temporary):
        return ""
