"""The text of an SPF record -> its terms (RFC 7208 section 4.6.1 and 12). Pure; raises Malformed with a
sentence."""

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum

from webapp.dnscheck.spf import macro
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.taglist import shortened

VERSION = "v=spf1"
LONGEST = 65536  # characters of a record; DNS holds no more
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"([-+?~]?)([A-Za-z][A-Za-z0-9_.-]*)(.*)", re.DOTALL)
_CIDR4 = re.compile(r"/(0|[1-9]\d?)")
_CIDR6 = re.compile(r"//(0|[1-9]\d{0,2})")


class Result(StrEnum):
    """The words of RFC 7208 section 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105  (a result, no password)
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


QUALIFIERS = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}
ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})  # mechanisms that cost a look-up
MECHANISMS = ASKING | {"all", "ip4", "ip6"}


@dataclass(frozen=True, kw_only=True)
class Mechanism:
    """One directive: `result` is what a match means, `domain` a macro string ('' for the current domain)."""

    text: str
    name: str
    result: Result
    domain: str = ""
    network: Network | None = None
    prefix4: int = 32
    prefix6: int = 128


@dataclass(frozen=True, kw_only=True)
class Record:
    """A record without errors. `redirect` and `explanation` are macro strings, None where not given."""

    text: str
    mechanisms: tuple[Mechanism, ...]
    redirect: str | None = None
    explanation: str | None = None
    unknown: tuple[str, ...] = ()  # names of modifiers that the RFC does not know

    @property
    def all(self) -> Mechanism | None:
        """The first `all`, which ends the evaluation."""
        return next((mechanism for mechanism in self.mechanisms if mechanism.name == "all"), None)


def is_record(text: str) -> bool:
    """True for `v=spf1` alone or before a blank; a leading blank makes it no record (section 4.5)."""
    return text[:6].lower() == VERSION and text[6:7] in ("", " ")


def parse(text: str) -> Record:
    """The terms of a text for which is_record holds; raises Malformed for the first error in it."""
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    unknown: list[str] = []
    for term in text[len(VERSION) : LONGEST].split(" "):
        found = _MODIFIER.fullmatch(term)
        if found is None:
            if term:
                mechanisms.append(_mechanism(term))
        elif found[1].lower() in ("redirect", "exp"):
            _add(modifiers, found[1].lower(), found[2])
        else:
            macro.check(found[2], term)
            unknown.append(found[1])
    return Record(
        text=text,
        mechanisms=tuple(mechanisms),
        redirect=modifiers.get("redirect"),
        explanation=modifiers.get("exp"),
        unknown=tuple(unknown),
    )


def _add(modifiers: dict[str, str], name: str, value: str) -> None:
    if name in modifiers:
        raise Malformed(f"{name}= stands twice in the record")
    macro.check_domain(value, f"{name}={value}")
    modifiers[name] = value


def _mechanism(term: str) -> Mechanism:
    found = _DIRECTIVE.fullmatch(term)
    if found is None:
        raise Malformed(f"{shown(term)} is neither a mechanism nor a modifier")
    qualifier, name, rest = found[1] or "+", found[2].lower(), found[3]
    if name not in MECHANISMS:
        raise Malformed(f"{shown(term)} is no SPF mechanism")
    result = QUALIFIERS[qualifier]
    if name == "all":
        if rest:
            raise Malformed(f"{shown(term)}: all takes no argument")
        return Mechanism(text=term, name=name, result=result)
    if name in ("ip4", "ip6"):
        return Mechanism(text=term, name=name, result=result, network=_network(name, rest, term))
    return _asking(term, name, result, rest)


def _asking(term: str, name: str, result: Result, rest: str) -> Mechanism:
    """A mechanism with a domain, and with prefix lengths for `a` and `mx`."""
    prefix4, prefix6 = 32, 128
    if name in ("a", "mx"):
        rest, prefix4, prefix6 = _without_prefixes(rest, term)
    if not rest:
        if name in ("include", "exists"):
            raise Malformed(f"{shown(term)} names no domain")
        return Mechanism(text=term, name=name, result=result, prefix4=prefix4, prefix6=prefix6)
    if not rest.startswith(":"):
        raise Malformed(f"{shown(term)} is no SPF mechanism")
    macro.check_domain(rest[1:], term)
    return Mechanism(text=term, name=name, result=result, domain=rest[1:], prefix4=prefix4, prefix6=prefix6)


def _without_prefixes(rest: str, term: str) -> tuple[str, int, int]:
    """Domain part, IPv4 prefix, IPv6 prefix of `:example.com/24//64`; a slash inside a domain needs no
    digits."""
    prefix4, prefix6 = 32, 128
    head, separator, digits = rest.rpartition("//")
    if separator and _CIDR6.fullmatch(f"//{digits}"):
        rest, prefix6 = head, int(digits)
    head, separator, digits = rest.rpartition("/")
    if separator and _CIDR4.fullmatch(f"/{digits}"):
        rest, prefix4 = head, int(digits)
    if prefix4 > 32 or prefix6 > 128:
        raise Malformed(f"{shown(term)} has a prefix longer than an address")
    return rest, prefix4, prefix6


def _network(name: str, rest: str, term: str) -> Network:
    if not rest.startswith(":"):
        raise Malformed(f"{shown(term)} names no address")
    address, separator, length = rest[1:].partition("/")
    digits = _CIDR4 if name == "ip4" else re.compile(r"/(0|[1-9]\d{0,2})")
    if separator and not digits.fullmatch(f"/{length}"):
        raise Malformed(f"{shown(term)} has no valid prefix length")
    whole = f"{address}/{length}" if separator else address
    try:
        if name == "ip4":
            return ipaddress.IPv4Network(whole, strict=False)
        return ipaddress.IPv6Network(whole, strict=False)
    except ValueError as error:
        raise Malformed(f"{shown(term)} is no {name} address or network") from error


def shown(term: str) -> str:
    """A foreign term short enough for a sentence."""
    return shortened(term)
