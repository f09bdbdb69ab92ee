"""What a sending address is to a domain: ours, an authorised sender, one to be fixed, a forwarder, or
unknown. Pure.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from webapp.reports.senders import Kind, Service

FORWARDING_REASONS = ("trusted_forwarder", "mailing_list", "forwarded")
MAIN_SHARE = 0.5  # of a source's messages that must speak for a class


class SourceClass(StrEnum):
    """The classes; a page names them by these words."""

    OURS = "ours"
    AUTHORISED = "authorised sender"
    FIXABLE = "can be fixed"
    FORWARDER = "forwarder"
    UNKNOWN = "unknown or threat"
    LEGITIMATE = "legitimate"  # set by the operator
    UNAUTHORISED = "unauthorised"  # set by the operator
    STALE = "stale"  # set by the operator: no longer in use


OPERATORS = (SourceClass.LEGITIMATE, SourceClass.FORWARDER, SourceClass.UNAUTHORISED, SourceClass.STALE)
AUTHORISED = (SourceClass.OURS, SourceClass.AUTHORISED, SourceClass.FIXABLE, SourceClass.LEGITIMATE)


@dataclass(frozen=True)
class SourceFacts:
    """What is known of one source of one domain in a period; messages by what was found of them.

    `reasons` counts messages by the reporters' override reason, `arc_passed` those under local_policy with
    arc=pass.
    """

    address: str
    messages: int
    passed: int  # DMARC, by alignment worked out anew
    spf_aligned: int
    dkim_aligned: int
    arc_passed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    is_ours: bool = False
    in_spf: bool = False
    host: str = ""
    service: Service | None = None
    set_by_operator: SourceClass | None = None

    @property
    def failed(self) -> int:
        """Messages that DMARC did not pass."""
        return self.messages - self.passed

    def mostly(self, messages: int) -> bool:
        """True where at least half of the source's messages are meant."""
        return self.messages > 0 and messages >= self.messages * MAIN_SHARE


@dataclass(frozen=True)
class Classed:
    """A source's class and why it has it."""

    kind: SourceClass
    why: str


def classify(source: SourceFacts) -> Classed:
    """The class of a source; what the operator set goes before everything that was found."""
    if source.set_by_operator is not None:
        return Classed(source.set_by_operator, "set by hand")
    if source.is_ours:
        if source.messages and not source.mostly(source.passed):
            return Classed(SourceClass.FIXABLE, "one of our own addresses, but its mail is not aligned")
        return Classed(SourceClass.OURS, "one of our own addresses")
    return _authorised(source) or _forwarder(source) or _rest(source)


def _authorised(source: SourceFacts) -> Classed | None:
    service = source.service
    if source.in_spf or source.mostly(source.spf_aligned):
        if source.mostly(source.passed) or not source.messages:
            return Classed(SourceClass.AUTHORISED, "the domain's SPF record names it")
        return Classed(SourceClass.FIXABLE, "the domain's SPF record names it, but its mail is not aligned")
    if service is not None and service.kind is Kind.SENDER and source.mostly(source.dkim_aligned):
        return Classed(SourceClass.AUTHORISED, f"{service.name} signs for the domain")
    return None


def _forwarder(source: SourceFacts) -> Classed | None:
    if source.mostly(source.arc_passed):
        return Classed(SourceClass.FORWARDER, "the receivers trusted its ARC seal (local_policy, arc=pass)")
    told = {reason: source.reasons.get(reason, 0) for reason in FORWARDING_REASONS}
    if source.mostly(sum(told.values())):
        reason = max(told, key=lambda name: told[name])
        return Classed(SourceClass.FORWARDER, f"the receivers say so ({reason})")
    if source.mostly(source.dkim_aligned - min(source.dkim_aligned, source.spf_aligned)):
        return Classed(
            SourceClass.FORWARDER, "our DKIM signature came through unbroken, from an address outside SPF"
        )
    if source.service is not None and source.service.kind in (Kind.FORWARDER, Kind.LIST):
        return Classed(SourceClass.FORWARDER, f"{source.service.name} passes on mail of others")
    return None


def _rest(source: SourceFacts) -> Classed:
    if source.service is not None:
        return Classed(SourceClass.FIXABLE, f"{source.service.name} sends with our domain, but not aligned")
    return Classed(SourceClass.UNKNOWN, "neither SPF nor DKIM speaks for it, and nobody knows it")
