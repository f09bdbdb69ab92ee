"""What could be better in an SPF record that works. Pure; never changes the documented status."""

from collections.abc import Iterator

from webapp.dnscheck.findings import Finding, Level, Publication, Severity
from webapp.dnscheck.spf import rewrite
from webapp.dnscheck.spf.record import Record, Result
from webapp.dnscheck.spf.session import MAX_LOOKUPS
from webapp.dnscheck.spf.tree import effective

NEAR = MAX_LOOKUPS - 1  # look-ups from which one more provider breaks the record
LONG = 450  # bytes after which an answer may not fit into one datagram (RFC 7208 section 3.4)
WIDE = {4: 8, 6: 16}  # prefix lengths below which a network is no longer anybody's own


def findings(domain: str, record: Record, count: int) -> tuple[Finding, ...]:
    """Recommendations and remarks on the record's own terms."""
    return (*_terms(domain, record), *_size(record, count), *_ends(domain, record))


def _terms(domain: str, record: Record) -> Iterator[Finding]:
    pointers = [mechanism.text for mechanism in record.mechanisms if mechanism.name == "ptr"]
    if pointers:
        why = "ptr is slow and unreliable, and RFC 7208 says not to publish it."
        yield _finding(
            Severity.RECOMMENDATION,
            Level.SHOULD,
            "spf-ptr",
            why,
            rewrite.without(domain, record.text, pointers),
        )
    for mechanism in record.mechanisms:
        network = mechanism.network
        if (
            network is not None
            and network.prefixlen < WIDE[network.version]
            and mechanism.result is Result.PASS
        ):
            why = f"{mechanism.text} lets {network.num_addresses:,} addresses send: no operator has as many."
            yield _finding(Severity.WARNING, Level.SHOULD, "spf-wide", why)


def _size(record: Record, count: int) -> Iterator[Finding]:
    if NEAR <= count <= MAX_LOOKUPS:
        why = f"The record needs {count} of {MAX_LOOKUPS} DNS look-ups: one more at a provider may break it."
        yield _finding(Severity.RECOMMENDATION, Level.SHOULD, "spf-lookups-near", why)
    if len(record.text) > LONG:
        why = f"The record is {len(record.text)} bytes long; over {LONG} its answer may not fit a datagram."
        yield _finding(Severity.RECOMMENDATION, Level.SHOULD, "spf-long", why)
    for name in record.unknown:
        yield _finding(Severity.INFORMATION, Level.MAY, "spf-modifier", f"Receivers ignore {name[:60]}=.")


def _ends(domain: str, record: Record) -> Iterator[Finding]:
    behind = record.mechanisms[len(effective(record)) :]
    ignored = [mechanism.text for mechanism in behind]
    if record.all is not None and record.redirect is not None:
        ignored.append(f"redirect={record.redirect}")
    if ignored:
        why = f"Nobody reads what stands behind all: {' '.join(ignored)[:200]}."
        yield _finding(
            Severity.WARNING, Level.SHOULD, "spf-behind-all", why, rewrite.up_to_all(domain, record.text)
        )


def _finding(
    severity: Severity, level: Level, code: str, why: str, publish: Publication | None = None
) -> Finding:
    return Finding(severity=severity, level=level, code=code, why=why, publish=publish)
