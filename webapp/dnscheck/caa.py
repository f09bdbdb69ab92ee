"""CAA (RFC 8659): which authorities may issue certificates for the domain and the names below it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from webapp.dnscheck.dmarcwalk import walk_names
from webapp.dnscheck.findings import Finding, Grade, Level, Publication
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.taglist import shortened
from webapp.dnscheck.wording import Voice, summed, untold

MAILCOWS = "letsencrypt.org"  # where mailcow gets its certificates unless told otherwise
KNOWN = frozenset({"issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"})
CRITICAL = 128
_CAA = Voice("caa")


@dataclass(frozen=True)
class CaaRecord:
    """One record: flags, property, value."""

    flags: int
    tag: str
    value: str

    @property
    def issuer(self) -> str:
        """The authority of an `issue`, '' where it forbids all."""
        return self.value.partition(";")[0].strip().lower()

    def text(self) -> str:
        """As a zone has it."""
        return f'{self.flags} {self.tag} "{self.value}"'


async def grade_caa(domain: str, resolver: Lookup) -> Grade:
    """The records of the domain, or of the nearest name above it that has some (RFC 8659 3)."""
    for name in walk_names(domain)[:-1] or (domain,):
        answer = await resolver.lookup(name, "CAA")
        if not answer.known:
            return untold("CAA", answer)
        if answer.records:
            records = sorted((_read(record) for record in answer.records), key=CaaRecord.text)
            return judge_caa(domain, records)
    return judge_caa(domain, [])


def _read(record: object) -> CaaRecord:
    tag, value = getattr(record, "tag", b""), getattr(record, "value", b"")
    return CaaRecord(
        getattr(record, "flags", 0), tag.decode("latin-1").lower(), value.decode("utf-8", "replace")
    )


def judge_caa(domain: str, records: Sequence[CaaRecord]) -> Grade:
    """The grade of the records that hold for the domain."""
    issuers = [record.issuer for record in records if record.tag == "issue"]
    named = ", ".join(issuer or "nobody" for issuer in issuers)
    return summed(
        _of_records(domain, records, issuers),
        f"Certificates may come from {shortened(named)}",
        ", ".join(record.text() for record in records) or None,
    )


def _of_records(domain: str, records: Sequence[CaaRecord], issuers: Sequence[str]) -> Iterator[Finding]:
    fix = Publication(name=domain, type="CAA", value=f'0 issue "{MAILCOWS}"')
    if not issuers:
        yield _CAA.advice(
            Level.MAY, "missing", "Every authority may issue certificates for this domain.", fix
        )
    elif not any(issuers):
        why = "No authority may issue a certificate, so renewing the mail server's will fail."
        yield _CAA.warning(Level.MUST, "nobody", why, fix)
    elif MAILCOWS not in issuers:
        why = f"mailcow renews its certificate at {MAILCOWS} unless told otherwise, which is not among those."
        yield _CAA.note("not-mailcows", why, fix)
    strange = [record for record in records if record.tag not in KNOWN]
    if any(record.flags & CRITICAL for record in strange):
        why = f"The property {shortened(strange[0].tag, 30)} is unknown and critical: no authority may issue."
        yield _CAA.warning(Level.MUST, "critical", why)
    elif strange:
        yield _CAA.note("unknown", f"The property {shortened(strange[0].tag, 30)} is not known.")
