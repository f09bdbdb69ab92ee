"""BIMI: the logo that some receivers show beside mail of a domain whose DMARC is enforced."""

from collections.abc import Iterator, Sequence

from webapp.dnscheck.findings import Finding, Grade, Level
from webapp.dnscheck.resolver import Lookup
from webapp.dnscheck.taglist import parse_tags, shortened
from webapp.dnscheck.wording import Voice, summed, untold

VERSION = "v=BIMI1"
_BIMI = Voice("bimi")


async def grade_bimi(domain: str, resolver: Lookup) -> Grade:
    """The record at `default._bimi.DOMAIN`; nothing is fetched."""
    answer = await resolver.lookup(f"default._bimi.{domain}", "TXT")
    return judge_bimi(answer.texts) if answer.known else untold("BIMI", answer)


def judge_bimi(texts: Sequence[str]) -> Grade:
    """The grade of the texts found there."""
    records = [text for text in texts if text.partition(";")[0].rstrip(" \t") == VERSION]
    return summed(_of_records(records, texts), _headline(records), "; ".join(records) or None)


def _headline(records: Sequence[str]) -> str:
    if not records:
        return "No logo is published (BIMI)"
    return (
        "A logo is published"
        if parse_tags(records[0]).tags.get("l")
        else "The domain declines to show a logo"
    )


def _of_records(records: Sequence[str], texts: Sequence[str]) -> Iterator[Finding]:
    if not records:
        if texts:
            why = f"The record does not begin with {VERSION} and so counts as none: {shortened(texts[0], 40)}"
            yield _BIMI.warning(Level.MUST, "not-a-record", why)
        else:
            yield _BIMI.note("missing", "No logo is published; it needs an enforced DMARC policy first.")
        return
    if len(records) > 1:
        yield _BIMI.warning(Level.MUST, "several", f"{len(records)} records stand there, so none counts.")
        return
    tags = parse_tags(records[0]).tags
    logo, evidence = tags.get("l"), tags.get("a", "")
    if logo is None:
        yield _BIMI.warning(
            Level.MUST, "no-logo", "l= is missing: it must name the logo, or be empty to decline."
        )
    elif logo and not _is_https(logo, ".svg", ".svgz"):
        yield _BIMI.warning(Level.MUST, "logo", "l= must be an https: address of an SVG file.")
    if evidence and not _is_https(evidence, ".pem"):
        yield _BIMI.warning(Level.MUST, "evidence", "a= must be an https: address of a PEM file.")
    elif logo and not evidence:
        yield _BIMI.note("no-evidence", "Without a mark certificate (a=) the large providers show no logo.")


def _is_https(uri: str, *endings: str) -> bool:
    return uri.lower().startswith("https://") and uri.lower().partition("?")[0].endswith(endings)
