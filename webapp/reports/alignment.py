"""Alignment worked out anew from what a record says (RFC 7489, section 3.1; RFC 9989, section 4.4), to hold
beside the
reporter's own word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from webapp.reports.records import DkimResult, Policy, Record, SpfResult


@dataclass(frozen=True)
class Alignment:
    """Which of the two mechanisms passed with a domain that belongs to the author's."""

    dkim: bool
    spf: bool

    @property
    def passes(self) -> bool:
        """DMARC's result: one of the two is enough."""
        return self.dkim or self.spf


def alignment(record: Record, policy: Policy) -> Alignment:
    """What DMARC finds for a record under the policy that its report names."""
    author = record.header_from or policy.domain
    return Alignment(
        dkim_aligned(record.dkim_results, author, policy),
        spf_aligned(record.spf_results, author, record.envelope_from, policy),
    )


def dkim_aligned(results: Iterable[DkimResult], author: str, policy: Policy) -> bool:
    """True where a signature passed whose domain belongs to the author's."""
    strict = policy.adkim == "s"
    return any(
        found.result == "pass" and is_aligned(found.domain, author, policy, strict=strict)
        for found in results
    )


def spf_aligned(results: Iterable[SpfResult], author: str, sender: str, policy: Policy) -> bool:
    """True where SPF passed for a domain of the author's; HELO counts for the null sender only."""
    strict = policy.aspf == "s"
    return any(
        found.result == "pass"
        and not (found.scope == "helo" and sender)
        and is_aligned(found.domain or sender, author, policy, strict=strict)
        for found in results
    )


def is_aligned(domain: str, author: str, policy: Policy, *, strict: bool) -> bool:
    """True where an authenticated domain speaks for the author's domain, strictly or relaxed."""
    if not domain or not author:
        return False
    if strict or domain == author:
        return domain == author
    if policy.discovery_method == "treewalk" and policy.domain:
        return is_below(domain, policy.domain) and is_below(author, policy.domain)
    return organisational_domain(domain) == organisational_domain(author)


def is_below(name: str, domain: str) -> bool:
    """True for the domain itself and everything under it."""
    return name == domain or name.endswith(f".{domain}")


@lru_cache(maxsize=16_384)
def organisational_domain(name: str) -> str:
    """The domain that was registered, by the public suffix list; a public suffix stands for itself."""
    return _suffixes().privatesuffix(name) or name


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
