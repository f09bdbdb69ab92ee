"""What changed on blocklists since the last look. Pure; what could not be checked changes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.verdict import ANSWERED, State, Weight

Key = tuple[str, str]  # address, zone


@dataclass(frozen=True, kw_only=True)
class Change:
    """An address that got on a list, or left it."""

    address: str
    zone: str
    name: str
    listed: bool
    weight: Weight
    why: str


def key_of(found: Listing) -> Key:
    """What one listing is known by."""
    return found.address, found.blocklist.zone


def changes(before: Mapping[Key, State], now: Iterable[Listing]) -> list[Change]:
    """The changes against the last known states; the first answer for an address on a list is none."""
    told = []
    for found in now:
        old, new = before.get(key_of(found)), found.verdict.state
        if old in ANSWERED and new in ANSWERED and old is not new:
            told.append(_change(found))
    return told


def known_states(before: Mapping[Key, State], now: Iterable[Listing]) -> dict[Key, State]:
    """What is known after this look: an answer, else what was known before."""
    answered = {key_of(found): found.verdict.state for found in now if found.verdict.state in ANSWERED}
    return {**before, **answered}


def _change(found: Listing) -> Change:
    return Change(
        address=found.address,
        zone=found.blocklist.zone,
        name=found.blocklist.name,
        listed=found.verdict.state is State.LISTED,
        weight=found.blocklist.weight,
        why=found.verdict.why,
    )
