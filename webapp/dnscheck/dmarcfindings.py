"""What there is to say of a DMARC record: one rule, one finding."""

from collections.abc import Callable, Iterator

from webapp.dnscheck.dmarcrecord import KNOWN, REMOVED, STRENGTH, VERSION, DmarcRecord, Policy
from webapp.dnscheck.dmarcwalk import Discovery
from webapp.dnscheck.findings import Finding, Level, Publication, Severity
from webapp.dnscheck.taglist import shortened

LONGEST = 4_096  # characters of a record that is offered to be published


def _finding(
    severity: Severity, level: Level, code: str, why: str, publish: Publication | None = None
) -> Finding:
    if publish is not None and len(publish.value) > LONGEST:
        publish = None
    return Finding(severity=severity, level=level, code=f"dmarc-{code}", why=why, publish=publish)


def publication(name: str, record: DmarcRecord | None = None, **changes: str) -> Publication:
    """The record with other values for these tags ('' takes a tag out), or a first one to begin with."""
    tags = record.tags if record else {"p": "none", "rua": f"mailto:postmaster@{name}"}
    kept = {"v": VERSION, "p": "none"} | {tag: value for tag, value in tags.items() if tag in KNOWN} | changes
    text = "; ".join(f"{tag}={value}" for tag, value in kept.items() if value)
    return Publication(name=f"_dmarc.{name}", type="TXT", value=text)


def missing(domain: str) -> Finding:
    """No record at the domain nor above it."""
    why = (
        "Without DMARC anybody can send as this domain; begin with p=none and reports, then go on to reject."
    )
    return _finding(Severity.ERROR, Level.SHOULD, "missing", why, publication(domain))


def several(count: int) -> Finding:
    """More than one record at one name (RFC 9989 4.10)."""
    why = f"Receivers discard all {count} records, as only one is allowed (RFC 9989 4.10)."
    return _finding(Severity.ERROR, Level.MUST, "several", why)


def of_discovery(found: Discovery) -> Iterator[Finding]:
    """Where the record came from, if not from the domain itself."""
    if found.found_at == found.domain or found.record is None:
        return
    why = f"The policy is inherited from {found.found_at}, found by the {found.found_by}."
    yield _finding(Severity.INFORMATION, Level.MAY, "inherited", why)
    if found.older != found.found_at:
        why = f"Receivers that follow RFC 7489 find {_older(found)}: give the domain a record of its own."
        yield _finding(
            Severity.RECOMMENDATION,
            Level.MAY,
            "older-receivers",
            why,
            publication(found.domain, found.record),
        )


def _older(found: Discovery) -> str:
    return f"that of {found.older}" if found.older else "no policy"


def of_record(record: DmarcRecord, at: str, policy: Policy) -> Iterator[Finding]:
    """What the record itself gives cause to say; `policy` holds for the domain, `at` is where it stands."""
    yield from _of_policy(record, at, policy)
    for rule in _RULES:
        yield from rule(record, at)


def _of_policy(record: DmarcRecord, at: str, policy: Policy) -> Iterator[Finding]:
    if record.void:
        why = f"The value of {record.invalid[0]}= is not allowed, so no DMARC is applied (RFC 9989 4.10.1)."
        fix = publication(at, record, **{record.invalid[0]: "none"})
        yield _finding(Severity.ERROR, Level.MUST, "invalid-policy", why, fix)
    elif record.undone:
        why = f"The value of {record.invalid[0]}= is not allowed, so receivers act as if p=none stood there."
        fix = publication(at, record, **{record.invalid[0]: "quarantine"})
        yield _finding(Severity.WARNING, Level.MUST, "invalid-policy", why, fix)
    elif "p" not in record.tags:
        why = "Without p= the policy is none, and older receivers ignore the record."
        yield _finding(Severity.WARNING, Level.SHOULD, "no-p", why, publication(at, record, p="none"))
    elif policy is Policy.NONE:
        why = "The policy none only asks for reports: forged mail is delivered."
        yield _finding(Severity.WARNING, Level.SHOULD, "none", why, publication(at, record, p="quarantine"))
    elif policy is Policy.QUARANTINE:
        why = "Forged mail still reaches the junk folder: consider upgrading to reject."
        yield _finding(Severity.WARNING, Level.MAY, "quarantine", why, publication(at, record, p="reject"))


def _subdomains(record: DmarcRecord, at: str) -> Iterator[Finding]:
    asked = record.policy()
    for tag, whom in (("sp", "subdomains"), ("np", "subdomains that do not exist")):
        own = record.request(tag)
        if own is not None and not record.undone and STRENGTH.index(own) < STRENGTH.index(asked):
            why = f"{tag}={own} is weaker than p={asked}: {whom} can be forged more easily than the domain."
            fix = publication(at, record, **{tag: str(asked)})
            yield _finding(Severity.WARNING, Level.SHOULD, f"{tag}-weaker", why, fix)


def _test_mode(record: DmarcRecord, at: str) -> Iterator[Finding]:
    if record.tags.get("t", "n").lower() == "y":
        why = "t=y asks receivers not to apply the policy yet."
        yield _finding(Severity.WARNING, Level.MAY, "testing", why, publication(at, record, t=""))


def _removed(record: DmarcRecord, at: str) -> Iterator[Finding]:
    share = record.tags.get("pct")
    if share is not None and share != "100":
        why = f"pct={shortened(share, 10)}: older receivers apply the policy to a part only."
        yield _finding(Severity.WARNING, Level.SHOULD, "pct", why, publication(at, record, pct=""))
    gone = [f"{tag}=" for tag in REMOVED if tag in record.tags and not (tag == "pct" and share != "100")]
    if gone:
        why = f"RFC 9989 took out {', '.join(gone)}: newer receivers ignore it."
        yield _finding(
            Severity.INFORMATION, Level.MAY, "removed-tag", why, publication(at, record, pct="", rf="", ri="")
        )


def _reports(record: DmarcRecord, at: str) -> Iterator[Finding]:
    fix = publication(at, record, rua=f"mailto:postmaster@{at}")
    if not record.rua:
        why = "Without rua= nobody tells you who sends as this domain."
        yield _finding(Severity.RECOMMENDATION, Level.SHOULD, "no-rua", why, fix)
    elif not record.reported:
        why = "rua= holds no address that reports could be sent to; it must begin with mailto:"
        yield _finding(Severity.WARNING, Level.MUST, "rua-unusable", why, fix)
    unusable = [address.uri for address in record.rua if not address.host]
    if unusable and record.reported:
        why = f"Reports cannot be sent to {shortened(unusable[0])}"
        yield _finding(Severity.RECOMMENDATION, Level.SHOULD, "rua-unusable", why)
    if any(address.limited for address in (*record.rua, *record.ruf)):
        why = "A size limit after ! is obsolete: newer receivers ignore it (RFC 9989 4.6)."
        yield _finding(Severity.INFORMATION, Level.MAY, "size-limit", why)


def _suffix_flag(record: DmarcRecord, at: str) -> Iterator[Finding]:
    if record.tags.get("psd", "u").lower() == "y":
        why = "psd=y says that this is a public suffix such as co.uk, so subdomains are no longer yours."
        yield _finding(Severity.WARNING, Level.MUST, "psd", why, publication(at, record, psd=""))


def _syntax(record: DmarcRecord, at: str) -> Iterator[Finding]:
    if record.listed.repeated:
        why = f"{record.listed.repeated[0]}= stands there twice; receivers may ignore the whole record."
        yield _finding(Severity.WARNING, Level.MUST, "repeated-tag", why, publication(at, record))
    defaulted = [name for name in record.invalid if name not in ("p", "sp", "np")]
    if defaulted:
        why = f"The value of {defaulted[0]}= is not allowed, so its default counts (RFC 9989 4.7)."
        fix = publication(at, record, **{defaulted[0]: ""})
        yield _finding(Severity.RECOMMENDATION, Level.MUST, "invalid-value", why, fix)
    if record.listed.broken:
        why = f"Receivers ignore what is no tag=value: {shortened(record.listed.broken[0], 40)}"
        yield _finding(Severity.RECOMMENDATION, Level.MUST, "broken-tag", why, publication(at, record))


def _odd_tags(record: DmarcRecord, at: str) -> Iterator[Finding]:
    unknown = [f"{name}=" for name in record.tags if name not in KNOWN]
    if unknown:
        why = f"Receivers ignore the unknown tag {shortened(', '.join(unknown), 60)}"
        yield _finding(Severity.INFORMATION, Level.MAY, "unknown-tag", why, publication(at, record))
    if "p" in record.tags and list(record.tags)[1] != "p":
        why = "Older receivers expect p= right after the version."
        yield _finding(Severity.INFORMATION, Level.MAY, "order", why, publication(at, record))
    if "fo" in record.tags and "ruf" not in record.tags:
        why = "fo= has no effect without ruf=."
        yield _finding(Severity.INFORMATION, Level.MAY, "fo-alone", why)


_RULES: tuple[Callable[[DmarcRecord, str], Iterator[Finding]], ...] = (
    _subdomains,
    _test_mode,
    _removed,
    _reports,
    _suffix_flag,
    _syntax,
    _odd_tags,
)


def unauthorised(at: str, host: str) -> Finding:
    """A destination in another organization that did not agree to take reports (RFC 9990 4)."""
    why = f"{host} did not agree to take reports of {at}, so they are not sent there (RFC 9990 4)."
    name = f"{at}._report._dmarc.{host}"
    consent = Publication(name=name, type="TXT", value=f"v={VERSION}")
    return _finding(Severity.WARNING, Level.MUST, "rua-unauthorised", why, consent)
