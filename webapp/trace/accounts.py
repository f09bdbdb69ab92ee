"""Who sent a mail and whose addresses got it, as mailboxes are counted. Pure.

An account is the authenticated login, else the envelope sender where its domain is ours. Letter case and
`+tag` do not matter, and an alias domain stands for its target. Whether an address is a mailbox, an alias or
neither is asked when figures are shown, so that a mailbox made or deleted later has its history.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from webapp.parse.address import a_label, bare_address, untagged
from webapp.parse.words import Outcome
from webapp.trace.story import Recipient
from webapp.trace.verdict import Surroundings

WORST_FIRST = (
    Outcome.BOUNCED,
    Outcome.EXPIRED,
    Outcome.REJECTED,
    Outcome.DEFERRED,
    Outcome.DISCARDED,
    Outcome.DELIVERED,
)


def counted_address(address: str | None, surroundings: Surroundings) -> str:
    """The address under which mail is counted; '' for the null sender and for none."""
    local, at, domain = untagged(address or "").rpartition("@")
    if not at:
        return domain
    name = a_label(domain)
    return local + at + surroundings.alias_domains.get(name, name)


def is_local(address: str, surroundings: Surroundings) -> bool:
    """True for an address (as counted) in a domain whose mail is delivered here."""
    _, at, domain = address.rpartition("@")
    return at != "" and domain in surroundings.local_domains


def account(user: str | None, sender: str | None, surroundings: Surroundings) -> str | None:
    """The account that a mail is counted for as sent; None where a stranger sent it."""
    if user:
        return counted_address(user, surroundings) or None
    address = counted_address(sender, surroundings)
    return address if is_local(address, surroundings) else None


def received_by(people: Iterable[Recipient], surroundings: Surroundings) -> list[str]:
    """The local addresses that got the mail, each once, sorted: of mailboxes, and of aliases it came
    through."""
    told = set()
    for person in people:
        if person.status == Outcome.DELIVERED:
            told.add(counted_address(person.recipient, surroundings))
            if person.orig_to:
                told.add(counted_address(person.orig_to, surroundings))
    return sorted([address for address in told if is_local(address, surroundings)])


def domains(sent_by: str | None, envelope: Iterable[str], surroundings: Surroundings) -> list[str]:
    """Our domains that the mail concerns, sorted: the account's and those of the envelope recipients."""
    told = {sent_by.rpartition("@")[2]} if sent_by and is_local(sent_by, surroundings) else set()
    for name in envelope:
        address = counted_address(name, surroundings)
        if is_local(address, surroundings):
            told.add(address.rpartition("@")[2])
    return sorted(told)


def outcome_counts(people: Sequence[Recipient], whole: Outcome | None) -> tuple[list[Outcome], list[int]]:
    """The different outcomes, sorted, and how many envelope recipients have each.

    An alias is one recipient whatever its targets, and counts by the worst of their outcomes. A mail that was
    refused or discarded before its recipients were logged (`whole` is its final status) had one at least.
    """
    if not people:
        return ([whole], [1]) if whole in (Outcome.REJECTED, Outcome.DISCARDED) else ([], [])
    if len(people) == 1:
        return [people[0].status], [1]
    worst: dict[str, Outcome] = {}
    for person in people:
        name = bare_address(person.envelope)
        worst[name] = min(worst.get(name, person.status), person.status, key=WORST_FIRST.index)
    counted = Counter(worst.values())
    words = sorted({person.status for person in people})
    return words, [counted[word] for word in words]
