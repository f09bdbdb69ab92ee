"""Finds the DMARC record that holds for a domain: tree walk (RFC 9989 4.10), then public suffix list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from webapp.dnscheck.dmarcrecord import DmarcRecord, is_dmarc, parse_dmarc
from webapp.dnscheck.resolver import Answer, Lookup

MOST_LABELS = (
    8  # a name of more labels is cut to seven after the first question, so that there are at most eight
)


class FoundBy(StrEnum):
    """Which rule led to the record."""

    DOMAIN = "domain"  # it stands at the domain itself
    TREE_WALK = "tree walk"
    SUFFIX_LIST = "public suffix list"


@dataclass(frozen=True, kw_only=True)
class Discovery:
    """What was found for `domain`. `several` are the records at the domain itself where they are too many.

    `failed` is the look-up that got no answer, without which nothing can be said. `older` is where a receiver
    that still follows RFC 7489 finds its record: the domain, else what the list says; None for nowhere.
    """

    domain: str
    record: DmarcRecord | None = None
    found_at: str | None = None
    found_by: FoundBy | None = None
    several: tuple[str, ...] = ()
    failed: Answer | None = None
    older: str | None = None


@dataclass
class _Walk:
    """The records met on the way up; names whose records are several count as having none."""

    records: dict[str, DmarcRecord] = field(default_factory=dict)
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)
    failed: Answer | None = None


def walk_names(domain: str) -> tuple[str, ...]:
    """The domains whose records are asked for, the domain first; at most eight (RFC 9989 4.10)."""
    labels = domain.rstrip(".").lower().split(".")
    above = labels[1:] if len(labels) < MOST_LABELS else labels[-(MOST_LABELS - 1) :]
    parents = [".".join(above[depth:]) for depth in range(len(above))]
    return (".".join(labels), *parents)


async def discover(domain: str, resolver: Lookup) -> Discovery:
    """The record that holds for mail from `domain`; stops at its own, as that one always wins."""
    names = walk_names(domain)
    walk = _Walk()
    for name in names:
        await _step(walk, name, resolver)
        if walk.failed is not None or names[0] in walk.records or _ends(walk.records.get(name)):
            break
    return _discovered(names[0], walk)


async def _step(walk: _Walk, name: str, resolver: Lookup) -> None:
    answer = await resolver.lookup(f"_dmarc.{name}", "TXT")
    if not answer.known:
        walk.failed = answer
        return
    texts = tuple(text for text in answer.texts if is_dmarc(text))
    if len(texts) == 1:
        walk.records[name] = parse_dmarc(texts[0])
    elif texts:
        walk.several[name] = texts


def _ends(record: DmarcRecord | None) -> bool:
    return record is not None and record.tags.get("psd", "u").lower() in ("y", "n")


def _discovered(domain: str, walk: _Walk) -> Discovery:
    if domain in walk.records:
        return Discovery(
            domain=domain,
            record=walk.records[domain],
            found_at=domain,
            found_by=FoundBy.DOMAIN,
            older=domain,
        )
    several = walk.several.get(domain, ())
    if walk.failed is not None:
        return Discovery(domain=domain, failed=walk.failed, several=several)
    listed = list_domain(domain)
    older = listed if listed in walk.records else None
    at = _holding(domain, walk.records)
    by = FoundBy.TREE_WALK if at else FoundBy.SUFFIX_LIST
    at = at or older
    if at is None:
        return Discovery(domain=domain, several=several)
    return Discovery(
        domain=domain, record=walk.records[at], found_at=at, found_by=by, several=several, older=older
    )


def _holding(domain: str, records: Mapping[str, DmarcRecord]) -> str | None:
    """Where the policy of a domain without own record stands: organizational domain, else public suffix."""
    organization = organizational_domain(domain, records)
    if organization in records:
        return organization
    suffix = organization.partition(".")[2]
    return suffix if suffix in records and _flag(records[suffix]) == "y" else None


def organizational_domain(domain: str, records: Mapping[str, DmarcRecord]) -> str:
    """The organizational domain by the records of a tree walk, in the order in which it met them (4.10.2)."""
    for name, record in records.items():
        if _flag(record) == "n":
            return name
        if _flag(record) == "y" and name != domain:
            labels = domain.split(".")
            return ".".join(labels[-(name.count(".") + 2) :])
    return min(records, key=lambda name: name.count("."), default=domain)


def _flag(record: DmarcRecord) -> str:
    return record.tags.get("psd", "u").lower()


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def list_domain(domain: str) -> str:
    """The organizational domain by the public suffix list (RFC 7489 3.2); a suffix stays what it is."""
    return _suffixes().privatesuffix(domain.rstrip(".").lower()) or domain
