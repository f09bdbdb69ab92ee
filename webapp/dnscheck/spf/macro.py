"""Macros in SPF records and explanations (RFC 7208 section 7): their syntax, and what they become. Pure."""

import ipaddress
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from webapp.dnscheck.taglist import shortened

MAX_DOMAIN = 253  # characters of a name after expansion; longer ones lose labels on the left (7.3)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NOWHERE = ipaddress.IPv4Address(0)  # stands for an address where none matters

_TOKEN = re.compile(
    r"%\{(?P<letter>[A-Za-z])(?P<digits>\d*)(?P<reverse>[rR]?)(?P<delimiters>[-.+,/_=]*)\}"
    r"|(?P<escape>%[%_-])|(?P<literal>[\x21-\x24\x26-\x7e]+)|(?P<blank>\x20+)|(?P<wrong>[\s\S])"
)
_TOP = re.compile(r"\.(?=[A-Za-z0-9-]*[A-Za-z-])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.?")
_ESCAPES = {"%%": "%", "%_": " ", "%-": "%20"}
_LETTERS = frozenset("slodiphv")
_EXPLAINING = frozenset("crt")  # letters allowed in explanations only


class Malformed(Exception):
    """The record breaks the RFC's syntax; the text is a sentence about the term."""


@dataclass(frozen=True, kw_only=True)
class Values:
    """What the macro letters stand for. `validated` is the client's validated name, 'unknown' without one."""

    sender: str
    domain: str
    address: Address
    helo: str
    validated: str = "unknown"
    receiver: str = "unknown"
    timestamp: int = 0

    def of(self, letter: str) -> str:
        """The text of one lower-case letter."""
        local, _, sender_domain = self.sender.rpartition("@")
        return {
            "s": lambda: self.sender,
            "l": lambda: local,
            "o": lambda: sender_domain,
            "d": lambda: self.domain,
            "i": lambda: dotted(self.address),
            "p": lambda: self.validated,
            "v": lambda: "in-addr" if self.address.version == 4 else "ip6",
            "h": lambda: self.helo,
            "c": lambda: str(self.address),
            "r": lambda: self.receiver,
            "t": lambda: str(self.timestamp),
        }[letter]()


def dotted(address: Address) -> str:
    """The address as macro `i` has it: an IPv6 address as 32 hexadecimal digits with dots between."""
    return str(address) if address.version == 4 else ".".join(f"{int(address):032x}").upper()


def check(text: str, term: str, *, explanation: bool = False) -> None:
    """Raises Malformed where `text` is no macro string; `term` is what the sentence names."""
    for token in _TOKEN.finditer(text):
        letter, digits = (token["letter"] or "").lower(), token["digits"]
        allowed = _LETTERS | _EXPLAINING if explanation else _LETTERS
        if token["wrong"] is not None or (token["blank"] and not explanation):
            raise Malformed(f"{shortened(term)} has a character or a macro that is not allowed there")
        if letter and letter not in allowed:
            raise Malformed(f"{shortened(term)}: there is no macro %{{{token['letter']}}} here")
        if digits and int(digits[:9]) == 0:
            raise Malformed(f"{shortened(term)}: a macro cannot keep zero labels")


def check_domain(text: str, term: str) -> None:
    """Raises Malformed where `text` is no domain-spec: a macro string that ends in a macro or a top label."""
    check(text, term)
    last = deque(_TOKEN.finditer(text), maxlen=1)
    if not last:
        raise Malformed(f"{shortened(term)} names no domain")
    tail = last[0]["literal"]
    if tail is not None:
        dot = tail.rstrip(".").rfind(".") if tail.endswith(".") else tail.rfind(".")
        if dot < 0 or not _TOP.fullmatch(tail[dot:]):
            raise Malformed(f"{shortened(term)} does not end in a domain name")


def needs_validated_name(text: str) -> bool:
    """True where the text uses macro `p`, which costs look-ups."""
    return any(token["letter"] in ("p", "P") for token in _TOKEN.finditer(text) if token["letter"])


def has_macro(text: str) -> bool:
    """True where the text depends on the mail, so that it names no fixed domain."""
    return any(token["letter"] for token in _TOKEN.finditer(text))


def expand(text: str, values: Values) -> str:
    """The text with every macro replaced."""
    return "".join(_expanded(token, values.of) for token in _TOKEN.finditer(text))


def expand_domain(text: str, values: Values) -> str:
    """The domain-spec with every macro replaced, cut on the left at a dot to what DNS can hold."""
    domain = expand(text, values).removesuffix(".")
    if len(domain) <= MAX_DOMAIN:
        return domain
    dot = domain.find(".", len(domain) - MAX_DOMAIN - 1)
    return domain[dot + 1 :] if dot >= 0 else domain


def _expanded(token: re.Match[str], value_of: Callable[[str], str]) -> str:
    letter = token["letter"]
    if letter is None:
        return _ESCAPES.get(token[0], token[0])
    value = _transformed(value_of(letter.lower()), token)
    return quote(value, safe="-._~") if letter.isupper() else value


def _transformed(value: str, token: re.Match[str]) -> str:
    """Split at the delimiters, turned round, and cut to the last labels, as the macro asks."""
    parts = re.split(f"[{re.escape(token['delimiters'] or '.')}]", value)
    if token["reverse"]:
        parts.reverse()
    if token["digits"]:
        parts = parts[-int(token["digits"][:9]) :]
    return ".".join(parts)
