"""Reads a DMARC record as RFC 9989 4.7 and 4.8 define it."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.dnscheck.taglist import TagList, choices, parse_tags

VERSION = "DMARC1"
MOST_ADDRESSES = 20  # report addresses looked at


class Policy(StrEnum):
    """What is asked of receivers for mail that fails, weakest first."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


STRENGTH = tuple(Policy)
_REQUESTS = frozenset(STRENGTH)
_ALLOWED: dict[str, frozenset[str]] = {
    "p": _REQUESTS,
    "sp": _REQUESTS,
    "np": _REQUESTS,
    "adkim": frozenset("rs"),
    "aspf": frozenset("rs"),
    "t": frozenset("yn"),
    "psd": frozenset("ynu"),
}
REMOVED = ("pct", "rf", "ri")  # RFC 9989 took them out; older receivers still read them
KNOWN = frozenset(_ALLOWED) | frozenset({"v", "rua", "ruf", "fo"}) | frozenset(REMOVED)


@dataclass(frozen=True)
class ReportAddress:
    """One URI of `rua` or `ruf`: `host` is '' where no mail can go, `limited` has an obsolete `!10m`."""

    uri: str
    host: str
    limited: bool


@dataclass(frozen=True)
class DmarcRecord:
    """The tags of one record; `invalid` are the names whose values RFC 9989 does not allow."""

    text: str
    listed: TagList
    invalid: tuple[str, ...]
    rua: tuple[ReportAddress, ...]
    ruf: tuple[ReportAddress, ...]

    @property
    def tags(self) -> dict[str, str]:
        """The values as they stand there."""
        return self.listed.tags

    def request(self, name: str) -> Policy | None:
        """The policy of `p`, `sp` or `np`, None where the tag is missing or invalid."""
        value = self.tags.get(name, "").lower()
        return Policy(value) if value in _REQUESTS else None

    @property
    def reported(self) -> bool:
        """True where `rua` holds an address that reports can be sent to."""
        return any(address.host for address in self.rua)

    @property
    def void(self) -> bool:
        """True where receivers apply no DMARC: an invalid p, sp or np, and nobody to report to (4.10.1)."""
        return self.undone and not self.reported

    @property
    def undone(self) -> bool:
        """True where an invalid p, sp or np makes receivers act as if `p=none` stood there (4.10.1)."""
        return any(name in self.invalid for name in ("p", "sp", "np"))

    def policy(self, *, subdomain: bool = False) -> Policy:
        """What receivers are asked to do for the domain itself, or for an existing subdomain of it."""
        if self.undone:
            return Policy.NONE
        asked = self.request("p") or Policy.NONE
        return (self.request("sp") or asked) if subdomain else asked


def is_dmarc(text: str) -> bool:
    """True for a record whose first tag is `v=DMARC1`, exactly so written; all others are ignored (4.7)."""
    name, separator, value = text.partition(";")[0].partition("=")
    return bool(separator) and name.rstrip(" \t") == "v" and value.strip(" \t") == VERSION


def parse_dmarc(text: str) -> DmarcRecord:
    """The record; `is_dmarc` must hold for it."""
    listed = parse_tags(text)
    invalid = [name for name, values in _ALLOWED.items() if listed.tags.get(name, "").lower() not in values]
    if "fo" in listed.tags and not _known_options(listed.tags["fo"]):
        invalid.append("fo")
    return DmarcRecord(
        text=text,
        listed=listed,
        invalid=tuple(name for name in invalid if name in listed.tags),
        rua=_addresses(listed.tags.get("rua", "")),
        ruf=_addresses(listed.tags.get("ruf", "")),
    )


def _known_options(text: str) -> bool:
    return bool(choices(text)) and set(choices(text)) <= {"0", "1", "d", "s"}


def _addresses(text: str) -> tuple[ReportAddress, ...]:
    pieces = [piece.strip() for piece in text.split(",")]
    return tuple(_address(piece) for piece in pieces[:MOST_ADDRESSES] if piece)


def _address(uri: str) -> ReportAddress:
    scheme, separator, rest = uri.partition(":")
    address, limited, _ = rest.partition("!")
    local, _, host = address.partition("?")[0].rpartition("@")
    usable = bool(separator) and scheme.lower() == "mailto" and local != "" and _is_host(host)
    return ReportAddress(uri, host.lower().rstrip(".") if usable else "", bool(limited))


def _is_host(text: str) -> bool:
    return 0 < len(text) <= 253 and "." in text and text.isascii() and not any(c.isspace() for c in text)
