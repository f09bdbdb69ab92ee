"""What the answer of a blocklist means (RFC 5782), code by code. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

from webapp.dnscheck.resolver import Answer, Outcome

_CODES, _REFUSALS = IPv4Network("127.0.0.0/8"), IPv4Network("127.255.255.0/24")
_NOTHING = IPv4Address("127.0.0.1")  # never an entry (RFC 5782 5); a resolver that lies answers so too
MOST_CODES = 16  # of one answer; no list has more to say of an address
_WHY_REFUSED = {
    "127.255.255.252": "the list's name is misspelt",
    "127.255.255.254": "asked through a public resolver",
    "127.255.255.255": "too many questions",
}
OWN_RESOLVER = "not checked, ask through your own resolver"


class Weight(StrEnum):
    """How much a listing matters."""

    MAJOR = "major"  # many receivers refuse mail for it
    MINOR = "minor"  # a few do, others count it among other things
    INFORMATION = "information"  # says something about the network around, or nothing about mail


class State(StrEnum):
    """What is known of one address on one list. Only the first two are answers."""

    CLEAN = "clean"
    LISTED = "listed"
    UNKNOWN = "unknown"  # an answer that no blocklist gives
    REFUSED = "not checked"  # the list does not answer this resolver
    TIMEOUT = "timeout"
    ERROR = "error"


ANSWERED = (State.CLEAN, State.LISTED)


@dataclass(frozen=True, kw_only=True)
class Blocklist:
    """One list. `codes` say what an answer means; '' is a code that is no listing, others are a plain one.

    `policy` is one sentence on who gets on it and how one leaves; `words` are what bounces call it by.
    """

    name: str
    operator: str
    policy: str
    zone: str
    page: str
    families: frozenset[int] = frozenset({4})
    weight: Weight = Weight.MINOR
    codes: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one answer means; `codes` are the addresses it held, `why` one sentence or a part of one."""

    state: State
    codes: tuple[str, ...] = ()
    why: str = ""


def query_name(address: str, zone: str) -> str:
    """The name to ask for: bytes of IPv4, nibbles of IPv6, reversed, before the zone (RFC 5782 2.1, 2.4)."""
    parsed = ip_address(address)
    plain = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped else parsed
    if isinstance(plain, IPv4Address):
        return f"{'.'.join(reversed(str(plain).split('.')))}.{zone}"
    return f"{'.'.join(reversed(plain.exploded.replace(':', '')))}.{zone}"


def judge(blocklist: Blocklist, answer: Answer) -> Verdict:
    """The verdict on the answer to an A question; no answer is never a clean one."""
    if answer.outcome is Outcome.TIMEOUT:
        return Verdict(state=State.TIMEOUT, why="the list does not answer in time")
    if not answer.known:
        return Verdict(state=State.ERROR, why=f"the list's servers fail: {answer.outcome}")
    return judge_codes(blocklist, [record.to_text() for record in answer.records])


def judge_codes(blocklist: Blocklist, codes: Sequence[str]) -> Verdict:
    """The verdict on the addresses of an answer, none for a name that does not exist."""
    found = tuple(sorted(set(codes), key=_importance))[:MOST_CODES]
    parsed = [IPv4Address(code) for code in found]
    if any(code in _REFUSALS for code in parsed):
        why = next((_WHY_REFUSED[code] for code in found if code in _WHY_REFUSED), "refused")
        return Verdict(state=State.REFUSED, codes=found, why=f"{OWN_RESOLVER} ({why})")
    if any(code not in _CODES for code in parsed):
        why = "an address that no blocklist answers with: its name may belong to somebody else now"
        return Verdict(state=State.UNKNOWN, codes=found, why=why)
    listed = [meaning for meaning in (_meaning(blocklist, code) for code in found) if meaning]
    if listed:
        return Verdict(state=State.LISTED, codes=found, why="; ".join(listed))
    if any(code not in blocklist.codes for code in found):
        return Verdict(state=State.UNKNOWN, codes=found, why="127.0.0.1 is no listing")
    return Verdict(state=State.CLEAN, codes=found)


def _importance(code: str) -> tuple[bool, bool, IPv4Address]:
    """Refusals first, then what no list answers, so that a cut hides neither."""
    parsed = IPv4Address(code)
    return parsed not in _REFUSALS, parsed in _CODES, parsed


def _meaning(blocklist: Blocklist, code: str) -> str:
    if code in blocklist.codes:
        return blocklist.codes[code]
    return "" if IPv4Address(code) == _NOTHING else f"listed ({code})"
