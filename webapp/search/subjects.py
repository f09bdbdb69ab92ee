"""What the terms of a search are: client addresses, mail addresses, domains, other words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from webapp.lists.typed import Term
from webapp.parse.address import a_label, full_address

MOST = 3  # of each kind that are looked up


@dataclass(frozen=True)
class Subjects:
    """Up to three of each kind, in the order typed. `words` are what the live lists are searched for,
    `senders` the addresses and domains that mail may be from."""

    ips: tuple[str, ...]
    addresses: tuple[str, ...]
    domains: tuple[str, ...]
    words: tuple[str, ...]
    senders: tuple[str, ...] = ()


def subjects_of(terms: Sequence[Term]) -> Subjects:
    """What is known by name among the terms; what is excluded is not asked for."""
    wanted = [term for term in terms if not term.excluded]
    ips = [ip for term in wanted if term.field in ("", "ip") and (ip := _ip(term.text))]
    addresses = [
        found.lower()
        for term in wanted
        if term.field in ("", "from", "to") and (found := full_address(term.text))
    ]
    domains = [address.rpartition("@")[2] for address in addresses]
    domains += [a_label(term.text.removeprefix("@")) for term in wanted if _is_domain(term)]
    words = [term.text for term in wanted if term.field in ("", "from", "to", "subject", "domain", "ip")]
    senders = [name for term in wanted if term.field in ("", "from") and (name := _name(term))]
    kinds = (ips, addresses, domains, words, senders)
    return Subjects(*(tuple(dict.fromkeys(kind))[:MOST] for kind in kinds))


def _name(term: Term) -> str | None:
    """The address, or @ and the domain."""
    if address := full_address(term.text):
        return address
    return "@" + a_label(term.text.removeprefix("@")) if _is_domain(term) else None


def _ip(text: str) -> str | None:
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        return None


def _is_domain(term: Term) -> bool:
    text = term.text.removeprefix("@")
    return term.field == "domain" or (
        term.field in ("", "from", "to")
        and "." in text
        and "@" not in text
        and not _ip(text)
        and " " not in text
    )
