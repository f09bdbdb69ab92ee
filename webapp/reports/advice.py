"""What to do about a domain, in plain sentences with their numbers: which source to fix and how, which policy
is proved.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from webapp.reports.records import Policy
from webapp.reports.senders import Kind
from webapp.reports.sources import AUTHORISED, Classed, SourceClass, SourceFacts

PROOF_DAYS = 28
PROOF_MESSAGES = 100
PROOF_REPORTERS = 2
STEPS = ("none", "quarantine", "reject")


class Topic(StrEnum):
    """What a piece of advice is about."""

    NO_MAIL = "no mail"
    FIX = "fix"
    FORWARDER = "forwarder"
    UNKNOWN = "unknown"
    READY = "ready"
    UNPROVED = "unproved"
    DONE = "done"


@dataclass(frozen=True)
class Advice:
    """One sentence for the administrator; `source` is the address that it is about, or ''."""

    topic: Topic
    text: str
    source: str = ""


@dataclass(frozen=True)
class SourceSeen:
    """A source with its class, and the last day on which some of its mail failed."""

    facts: SourceFacts
    classed: Classed
    last_failed: date | None = None
    selectors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A domain over a period, as its reports show it. `days` counts days with reports, `newest` is the last
    of them.
    """

    domain: str
    policy: Policy
    days: int
    reporters: int
    sources: tuple[SourceSeen, ...]
    newest: date | None = None

    @property
    def messages(self) -> int:
        """Messages of all sources."""
        return sum(seen.facts.messages for seen in self.sources)


def advise(picture: Picture) -> list[Advice]:
    """What to do, the most pressing first."""
    if not picture.messages:
        return [Advice(Topic.NO_MAIL, f"No report tells of any mail of {picture.domain} in this time.")]
    found = [*_fixes(picture), *_passed_on(picture), *_unknown(picture)]
    return [*found, _policy_step(picture)]


def effective_policy(policy: Policy) -> str:
    """What the policy asks for: in test mode (`t=y`, RFC 9989) one step less than it says."""
    step = STEPS.index(policy.p) if policy.p in STEPS else 0
    return STEPS[max(step - 1, 0)] if policy.testing in ("y", "yes") else STEPS[step]


def _fixes(picture: Picture) -> list[Advice]:
    wanted = [seen for seen in picture.sources if seen.classed.kind in AUTHORISED and seen.facts.failed]
    wanted.sort(key=lambda seen: -seen.facts.failed)
    return [Advice(Topic.FIX, _fix(seen, picture), seen.facts.address) for seen in wanted]


def _fix(seen: SourceSeen, picture: Picture) -> str:
    facts, domain = seen.facts, picture.domain
    who = f"{facts.service.name} ({facts.address})" if facts.service else facts.address
    if facts.is_ours:
        who = f"Our own server {facts.address}"
    failed = f"{facts.failed:,} of {facts.messages:,} messages from {who} failed DMARC"
    if _is_fixed(seen, picture):
        return f"{failed}, none since {seen.last_failed}: not proved yet, newer reports will show it."
    return f"{failed}: {_how(seen, domain)}."


def _how(seen: SourceSeen, domain: str) -> str:
    """SPF or DKIM, whichever is missing; DKIM first for a service, because it also survives forwarding."""
    facts, service = seen.facts, seen.facts.service
    if facts.is_ours:
        if not facts.dkim_aligned:
            return f"let it sign the mail of {domain} with DKIM, or name its address in the SPF record"
        named = f" (selector {seen.selectors[0]})" if seen.selectors else ""
        return f"some of its mail is not signed by {domain}{named}; look which program sends past the signing"
    if service is not None and service.kind in (Kind.SENDER, Kind.MAILBOX):
        spf = (
            f", or add include:{service.include} to SPF and use a return path under {domain}"
            if service.include
            else ""
        )
        return f"turn on DKIM for {domain} at {service.name} and publish the selector it gives{spf}"
    return (
        f"let it sign with a DKIM selector of {domain}, or use a return path under {domain} that SPF allows"
    )


def _passed_on(picture: Picture) -> list[Advice]:
    """Forwarders in one sentence; their addresses never belong into SPF."""
    seen = [item for item in picture.sources if item.classed.kind is SourceClass.FORWARDER]
    failed = sum(item.facts.failed for item in seen)
    if not failed:
        return []
    text = (
        f"{failed:,} messages that {_count(len(seen), 'forwarder')} passed on failed DMARC. "
        "That is how forwarding works: sign everything with DKIM; their addresses do not belong into SPF."
    )
    return [Advice(Topic.FORWARDER, text)]


def _unknown(picture: Picture) -> list[Advice]:
    kinds = (SourceClass.UNKNOWN, SourceClass.UNAUTHORISED)
    seen = [item for item in picture.sources if item.classed.kind in kinds and item.facts.failed]
    if not seen:
        return []
    failed = sum(item.facts.failed for item in seen)
    what = {
        "none": "Nothing stops them while the policy is none.",
        "quarantine": "The policy asks to put them into the junk folder.",
        "reject": "The policy asks to refuse them.",
    }[effective_policy(picture.policy)]
    who = _count(len(seen), "unknown source")
    text = f"{failed:,} messages from {who} used {picture.domain} and failed DMARC. {what}"
    return [Advice(Topic.UNKNOWN, text)]


def _policy_step(picture: Picture) -> Advice:
    """The next step of the policy, if it is proved; else what the proof still lacks."""
    policy = picture.policy
    now = effective_policy(policy)
    testing = policy.testing in ("y", "yes")
    if now == "reject" and (policy.pct is None or policy.pct == 100):
        return Advice(Topic.DONE, "The policy is reject for all mail: there is nothing left to tighten.")
    lacks = _lacks(picture)
    wanted = f"p={policy.p} without t=y" if testing else f"p={STEPS[min(STEPS.index(now) + 1, 2)]}"
    if policy.pct is not None and policy.pct < 100 and now != "none":
        wanted = f"pct=100 (now {policy.pct})"
    if lacks:
        return Advice(
            Topic.UNPROVED, f"Not proved yet that {wanted} harms no wanted mail: {'; '.join(lacks)}."
        )
    text = (
        f"Ready for {wanted}: in {picture.days} days with reports, all "
        f"{_wanted_messages(picture):,} messages of authorised sources passed, "
        f"as {picture.reporters} reporters saw them."
    )
    return Advice(Topic.READY, text)


def _lacks(picture: Picture) -> list[str]:
    lacks = []
    if picture.days < PROOF_DAYS:
        lacks.append(f"reports of {picture.days} of {PROOF_DAYS} days")
    if _wanted_messages(picture) < PROOF_MESSAGES:
        lacks.append(f"{_wanted_messages(picture):,} of {PROOF_MESSAGES} messages from authorised sources")
    if picture.reporters < PROOF_REPORTERS:
        lacks.append(f"{picture.reporters} of {PROOF_REPORTERS} reporters")
    failing = [seen for seen in picture.sources if seen.classed.kind in AUTHORISED and seen.facts.failed]
    if failing:
        lacks.append(f"{_count(len(failing), 'authorised source')} did not pass with all mail")
    return lacks


def _is_fixed(seen: SourceSeen, picture: Picture) -> bool:
    return (
        seen.last_failed is not None
        and picture.newest is not None
        and (picture.newest - seen.last_failed).days > 1
    )


def _wanted_messages(picture: Picture) -> int:
    return sum(seen.facts.messages for seen in picture.sources if seen.classed.kind in AUTHORISED)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
