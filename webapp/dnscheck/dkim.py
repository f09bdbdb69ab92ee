"""DKIM: the key that DNS has, held against the one that mailcow signs with, by meaning and not by text."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from webapp.dnscheck import dkimfindings as remarks
from webapp.dnscheck.dkimkey import DkimKey, is_key_record, mended, parse_key
from webapp.dnscheck.findings import Finding, Grade, Publication, Severity, Status, status_of
from webapp.dnscheck.resolver import Answer, Lookup
from webapp.dnscheck.taglist import stored

NOBODYS_SELECTOR = "no-such-selector-7f3a9c"  # what answers for it is a wildcard
NO_KEY = "mailcow has no DKIM key for this domain, so its mail is not signed"


@dataclass(frozen=True, kw_only=True)
class ExpectedKey:
    """What mailcow says should stand in DNS (`get/dkim/{domain}`: dkim_selector, dkim_txt)."""

    selector: str
    record: str


@dataclass(frozen=True, kw_only=True)
class DkimGrade(Grade):
    """The documented DKIM answer; `match` is by meaning: key, key type and hash."""

    selector: str | None = None
    dkim_domain: str | None = None
    expected_record: str | None = None
    actual_record: str | None = None
    match: bool = False
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Place:
    """Where the key belongs, and what mailcow says of it."""

    domain: str
    expected: ExpectedKey

    @property
    def name(self) -> str:
        return f"{self.expected.selector}._domainkey.{self.domain}"

    @property
    def wanted(self) -> Publication:
        return Publication(name=self.name, type="TXT", value=self.expected.record)


async def grade_dkim(domain: str, expected: ExpectedKey | None, resolver: Lookup) -> DkimGrade:
    """Asks for the key and grades it; `expected` is None where mailcow has no key for the domain."""
    if expected is None:
        return DkimGrade(status=Status.ERROR, message=NO_KEY, findings=(remarks.NO_KEY_IN_MAILCOW,))
    place = _Place(domain, expected)
    found = await resolver.lookup(place.name, "TXT")
    if not found.known:
        return _unknown(place, found)
    if any(_same(parse_key(expected.record), parse_key(text)) for text in found.texts):
        return judge_dkim(domain, expected, found.texts)
    if not found.texts:
        return judge_dkim(domain, expected, ())
    stray = await resolver.lookup(f"{NOBODYS_SELECTOR}._domainkey.{domain}", "TXT")
    return judge_dkim(domain, expected, found.texts, wildcard=stray.texts)


def judge_dkim(
    domain: str, expected: ExpectedKey, texts: Sequence[str], wildcard: Sequence[str] = ()
) -> DkimGrade:
    """The grade of the texts found at the selector; `wildcard` are those that every selector gets."""
    place, wanted = _Place(domain, expected), parse_key(expected.record)
    own = [text for text in texts if text not in wildcard and is_key_record(text)]
    candidates = sorted(own, key=lambda text: not _same(wanted, parse_key(text)))
    if not candidates:
        return _missing(place, texts, wildcard)
    found = parse_key(candidates[0])
    match = _same(wanted, found)
    told = remarks.of_key(found, believed=match)
    if match:
        told += remarks.of_difference(wanted, found, place.wanted)
    elif found.key:
        told.append(remarks.mismatch(wanted, found, place.wanted))
    told += [remarks.several(len(candidates), place.name)] if len(candidates) > 1 else []
    return _graded(place, candidates[0], match, told, found)


def _graded(place: _Place, text: str, match: bool, told: list[remarks.Remark], found: DkimKey) -> DkimGrade:
    mend = replace(place.wanted, value=mended(parse_key(place.expected.record)))
    findings = tuple(remarks.with_publication(remark.finding, mend) for remark in told)
    return DkimGrade(
        status=status_of(findings),
        message=_headline(told),
        record=stored(text),
        warnings=tuple(remark.warning for remark in told if remark.warning),
        info=tuple(remark.info for remark in told if remark.info),
        findings=findings,
        selector=place.expected.selector,
        dkim_domain=place.name,
        expected_record=place.expected.record,
        actual_record=stored(text),
        match=match,
        parameters={name: stored(value) for name, value in found.parameters.items()},
    )


def _headline(told: list[remarks.Remark]) -> str:
    """The gravest remark's own sentence, else the documented one for warnings or for none."""
    errors = [
        remark.headline for remark in told if remark.finding.severity is Severity.ERROR and remark.headline
    ]
    if errors:
        return errors[0]
    warned = any(remark.finding.severity in (Severity.ERROR, Severity.WARNING) for remark in told)
    return "DKIM configured but has warnings" if warned else "DKIM configured correctly"


def _same(wanted: DkimKey, found: DkimKey) -> bool:
    """Key, key type and hash decide: a hash list without the one that signers use is another key record."""
    hashes = not found.hashes or "sha256" in found.hashes or set(found.hashes) == set(wanted.hashes)
    return found.key is not None and (wanted.key, wanted.key_type) == (found.key, found.key_type) and hashes


def _missing(place: _Place, texts: Sequence[str], wildcard: Sequence[str]) -> DkimGrade:
    finding = remarks.missing(place.wanted, texts, by_wildcard=any(text in wildcard for text in texts))
    return _bare(place, Status.ERROR, f"DKIM record not found at {place.name}", finding)


def _unknown(place: _Place, found: Answer) -> DkimGrade:
    message = f"DKIM could not be checked: {found.outcome} for {place.name}"
    return _bare(place, Status.UNKNOWN, message)


def _bare(place: _Place, status: Status, message: str, *findings: Finding) -> DkimGrade:
    return DkimGrade(
        status=status,
        message=message,
        warnings=tuple(finding.why for finding in findings),
        findings=findings,
        selector=place.expected.selector,
        dkim_domain=place.name,
        expected_record=place.expected.record,
    )
