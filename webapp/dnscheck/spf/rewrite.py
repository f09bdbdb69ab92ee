"""SPF records to publish instead: built from what is there, changed as little as possible. Pure."""

import ipaddress
from collections.abc import Iterable, Sequence

from webapp.dnscheck.findings import Publication
from webapp.dnscheck.sources import Source
from webapp.dnscheck.spf.macro import Malformed
from webapp.dnscheck.spf.record import VERSION, parse

LONGEST = 2000  # characters of a record that is proposed; longer ones are for the administrator's own hand


def published(domain: str, terms: Iterable[str]) -> Publication | None:
    """These terms as a record of the domain, None where they do not make a valid one of sensible length."""
    text = " ".join([VERSION, *terms])
    try:
        parse(text)
    except Malformed:
        return None
    return Publication(name=domain, type="TXT", value=text) if len(text) <= LONGEST else None


def proposal(domain: str, sources: Sequence[Source]) -> Publication | None:
    """A first record: the mail exchangers, and every address of ours that the MX may not lead to."""
    return published(domain, ["mx", *_networks(source.address for source in sources if source.own), "-all"])


def with_addresses(domain: str, text: str, addresses: Iterable[str]) -> Publication | None:
    """The record with these addresses before what ends it."""
    terms = text.split()[1:]
    place = next((place for place, term in enumerate(terms) if _ends(term)), len(terms))
    return published(domain, dict.fromkeys([*terms[:place], *_networks(addresses), *terms[place:]]))


def with_all(domain: str, text: str, final: str) -> Publication | None:
    """The record with `final` (`-all`) as its only `all`."""
    return published(domain, [*(term for term in text.split()[1:] if not _is_all(term)), final])


def up_to_all(domain: str, text: str) -> Publication | None:
    """The record without what stands behind `all`; modifiers other than redirect stay."""
    terms = text.split()[1:]
    place = next((place for place, term in enumerate(terms) if _is_all(term)), len(terms))
    behind = [term for term in terms[place + 1 :] if term.lower().startswith("exp=")]
    return published(domain, [*terms[: place + 1], *behind])


def without(domain: str, text: str, unwanted: Iterable[str]) -> Publication | None:
    """The record without these terms."""
    dropped = {term.lower() for term in unwanted}
    return published(domain, [term for term in text.split()[1:] if term.lower() not in dropped])


def merged(domain: str, texts: Sequence[str]) -> Publication | None:
    """One record with the terms of all of them; of several `all` the strictest stays."""
    terms = [term for text in texts for term in text.split()[1:]]
    finals = [term for term in terms if _is_all(term)]
    final = next((mark for mark in ("-all", "~all", "?all") if mark in finals), "-all")
    return published(domain, [*dict.fromkeys(term for term in terms if not _is_all(term)), final])


def repaired(domain: str, text: str, sources: Sequence[Source]) -> Publication | None:
    """The record with a first word that receivers recognise, its valid terms, and our own addresses."""
    rest = text[text.lower().find(VERSION) + len(VERSION) :].lstrip(" ;:,\t")
    valid = [term for term in rest.split() if published(domain, [term])]
    own = [source.address for source in sources if source.own]
    return with_addresses(domain, " ".join([VERSION, *valid]), own)


def _networks(addresses: Iterable[str]) -> list[str]:
    ordered = sorted(
        {ipaddress.ip_address(address) for address in addresses}, key=lambda one: (one.version, one)
    )
    return [f"ip{address.version}:{address}" for address in ordered]


def _is_all(term: str) -> bool:
    return term.lower().lstrip("+-?~") == "all"


def _ends(term: str) -> bool:
    return _is_all(term) or term.lower().startswith(("redirect=", "exp="))
