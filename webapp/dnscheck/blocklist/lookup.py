"""Asks blocklists about addresses, all at once within the resolver's bound."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address

from webapp.dnscheck.blocklist.verdict import Blocklist, State, Verdict, judge, query_name
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.taglist import shortened

NEVER_LISTED, ALWAYS_LISTED = "127.0.0.1", "127.0.0.2"  # entries to test a list by (RFC 5782 5)
MOST_REASONS, LONGEST_REASON = 3, 300  # texts that a list gives for an entry, and their characters
Progress = Callable[[int, int, str], None]  # done, of how many, the list


@dataclass(frozen=True, kw_only=True)
class Listing:
    """One address on one list; `reason` is what the list itself says of the entry."""

    address: str
    blocklist: Blocklist
    verdict: Verdict
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a list says of the two test entries: one that lists everybody, or answers nothing, is no list."""

    lists_everybody: bool
    answers: bool


async def look_up(
    addresses: Sequence[str], lists: Sequence[Blocklist], resolver: Lookup, progress: Progress | None = None
) -> list[Listing]:
    """Every address on every list that serves its family, in the order of both; what is none is left out."""
    pairs = [(address, one) for address in addresses for one in lists if _version(address) in one.families]
    healths = {one.zone: asyncio.ensure_future(_health(one, resolver)) for _, one in pairs}
    done = 0

    async def asked(address: str, one: Blocklist) -> Listing:
        nonlocal done
        found = _sound(await _listing(address, one, resolver), await healths[one.zone])
        done += 1
        if progress:
            progress(done, len(pairs), one.name)
        return found

    return list(await asyncio.gather(*(asked(address, one) for address, one in pairs)))


async def _listing(address: str, one: Blocklist, resolver: Lookup) -> Listing:
    name = query_name(address, one.zone)
    verdict = judge(one, await resolver.lookup(name, "A"))
    reason = await _reason(name, resolver) if verdict.state is State.LISTED else ""
    return Listing(address=address, blocklist=one, verdict=verdict, reason=reason)


async def _reason(name: str, resolver: Lookup) -> str:
    answer = await resolver.lookup(name, "TXT")
    return shortened(" ".join(answer.texts[:MOST_REASONS]), LONGEST_REASON)


async def _health(one: Blocklist, resolver: Lookup) -> Health:
    never, always = (_test_name(address, one) for address in (NEVER_LISTED, ALWAYS_LISTED))
    wrong, right = await asyncio.gather(resolver.lookup(never, "A"), resolver.lookup(always, "A"))
    return Health(lists_everybody=judge(one, wrong).state is State.LISTED, answers=bool(right.records))


def _test_name(address: str, one: Blocklist) -> str:
    """A list of IPv6 alone has the same entries as mapped addresses, in nibbles (RFC 5782 5)."""
    if 4 in one.families:
        return query_name(address, one.zone)
    nibbles = IPv6Address(f"::ffff:{address}").exploded.replace(":", "")
    return f"{'.'.join(reversed(nibbles))}.{one.zone}"


def _sound(found: Listing, health: Health) -> Listing:
    """Takes nothing from a list that lists 127.0.0.1, as one does whose domain was sold."""
    if found.verdict.state is State.LISTED and health.lists_everybody:
        why = "the list answers for every address: it seems to have ended"
        return replace(found, verdict=replace(found.verdict, state=State.UNKNOWN, why=why), reason="")
    if found.verdict.state is State.CLEAN and not health.answers:
        why = "the list does not answer its own test entry"
        return replace(found, verdict=replace(found.verdict, why=why))
    return found


def _version(address: str) -> int:
    try:
        parsed = ip_address(address)
    except ValueError:
        return 0
    return 4 if getattr(parsed, "ipv4_mapped", None) else parsed.version
