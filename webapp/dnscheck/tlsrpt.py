"""TLS-RPT (RFC 8460): whether other servers are told where to report TLS that failed."""

from collections.abc import Iterator, Sequence

from webapp.dnscheck.findings import Finding, Grade, Level, Publication
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.taglist import parse_tags, shortened
from webapp.dnscheck.wording import Voice, summed, untold

VERSION = "v=TLSRPTv1"
_RPT = Voice("tlsrpt")


async def grade_tlsrpt(domain: str, resolver: Lookup) -> Grade:
    """The record at `_smtp._tls.DOMAIN`."""
    answer = await resolver.lookup(f"_smtp._tls.{domain}", "TXT")
    return judge_tlsrpt(domain, answer.texts) if answer.known else untold("TLS-RPT", answer)


def judge_tlsrpt(domain: str, texts: Sequence[str]) -> Grade:
    """The grade of the texts found there; only those that begin with the version count (RFC 8460 3)."""
    records = [text for text in texts if text.partition(";")[0].rstrip(" \t") == VERSION]
    return summed(
        _of_records(domain, records, texts),
        "Reports of failed TLS have an address",
        "; ".join(records) or None,
    )


def _of_records(domain: str, records: Sequence[str], texts: Sequence[str]) -> Iterator[Finding]:
    fix = Publication(
        name=f"_smtp._tls.{domain}", type="TXT", value=f"{VERSION}; rua=mailto:postmaster@{domain}"
    )
    if not records and texts:
        why = f"The record does not begin with {VERSION}; and so counts as none: {shortened(texts[0], 40)}"
        yield _RPT.warning(Level.MUST, "not-a-record", why, fix)
    elif not records:
        why = "Without TLS-RPT nobody tells you that mail to you could not be encrypted."
        yield _RPT.advice(Level.MAY, "missing", why, fix)
    elif len(records) > 1:
        why = f"{len(records)} records stand there, so senders ignore all (RFC 8460 3)."
        yield _RPT.warning(Level.MUST, "several", why)
    elif not any(_usable(uri) for uri in _uris(records[0])):
        why = "rua= holds no mailto: or https: address, so no reports are sent."
        yield _RPT.warning(Level.MUST, "rua", why, fix)
    elif not all(_usable(uri) for uri in _uris(records[0])):
        yield _RPT.advice(Level.MUST, "rua", "rua= holds an address that is neither mailto: nor https:")


def _uris(record: str) -> list[str]:
    pieces = parse_tags(record).tags.get("rua", "").split(",")
    return [piece.strip() for piece in pieces if piece.strip()]


def _usable(uri: str) -> bool:
    scheme, _, rest = uri.partition(":")
    if scheme.lower() == "mailto":
        local, _, host = rest.rpartition("@")
        return bool(local) and "." in host
    return scheme.lower() == "https" and rest.startswith("//") and len(rest) > 2
