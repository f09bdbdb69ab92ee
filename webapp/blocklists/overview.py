"""The addresses that send for us with what every list says of them, worst first. Queries only read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.dnscheck.blocklist.listed import FRESH
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.verdict import ANSWERED, Blocklist, State, Weight
from webapp.tables.blocklists import BlocklistAddress, BlocklistChange, BlocklistEntry
from webapp.tables.db import now

MOST_CHANGES = 20  # shown
_WEIGHTS = tuple(Weight)
_BY_ZONE: Mapping[str, Blocklist] = {one.zone: one for one in LISTS}


class HostStatus(StrEnum):
    """How an address stands; a list that is mere information never makes it listed."""

    LISTED = "listed"
    CLEAN = "clean"
    ERROR = "error"  # no list gave an answer
    UNKNOWN = "unknown"  # not looked up yet


@dataclass(frozen=True)
class Standing:
    """One address on one list: the list's facts, and what it said last."""

    blocklist: Blocklist
    row: BlocklistEntry

    @property
    def state(self) -> State:
        """What the last look gave, and what was known before where it gave no answer."""
        last = State(self.row.state)
        return State(self.row.known) if last not in ANSWERED and self.row.known else last

    @property
    def unanswered(self) -> str:
        """Why the last look gave no answer, '' where it did."""
        return self.row.why if State(self.row.state) not in ANSWERED else ""

    @property
    def is_listed(self) -> bool:
        """True on a list that matters."""
        return self.state is State.LISTED and self.blocklist.weight is not Weight.INFORMATION

    @property
    def rank(self) -> tuple[int, int, str]:
        """Sorts the gravest to the front: listed by weight, then what was not checked."""
        order = {State.LISTED: 0, State.CLEAN: 2}
        return (
            order.get(self.state, 1),
            _WEIGHTS.index(self.blocklist.weight),
            self.blocklist.name,
        )


@dataclass(frozen=True)
class Host:
    """One address with all its lists, the gravest first."""

    row: BlocklistAddress
    standings: tuple[Standing, ...]

    @property
    def address(self) -> str:
        """The address."""
        return self.row.address

    @property
    def checked_at(self) -> datetime:
        """When it was looked up last."""
        return self.row.checked_at

    @property
    def status(self) -> HostStatus:
        """How it stands."""
        if any(one.is_listed for one in self.standings):
            return HostStatus.LISTED
        answered = any(one.state in ANSWERED for one in self.standings)
        return HostStatus.CLEAN if answered else HostStatus.ERROR

    def those(self, *states: State) -> list[Standing]:
        """The lists on which its state is one of these."""
        return [one for one in self.standings if one.state in states]

    @property
    def listed(self) -> list[Standing]:
        """The lists that it is on, mere information among them."""
        return self.those(State.LISTED)

    @property
    def unchecked(self) -> list[Standing]:
        """The lists that never gave an answer."""
        return [one for one in self.standings if one.state not in ANSWERED]

    @property
    def clean(self) -> list[Standing]:
        """The lists that do not have it."""
        return self.those(State.CLEAN)


@dataclass(frozen=True)
class Overview:
    """Everything that the page shows."""

    hosts: tuple[Host, ...]
    changes: tuple[BlocklistChange, ...]

    @property
    def checked_at(self) -> datetime | None:
        """When the last look was."""
        return max((host.checked_at for host in self.hosts), default=None)

    @property
    def is_fresh(self) -> bool:
        """True where that was within a day."""
        return self.checked_at is not None and now() - self.checked_at <= FRESH

    @property
    def status(self) -> HostStatus:
        """How all addresses stand together."""
        found = [host.status for host in self.hosts]
        order = (HostStatus.LISTED, HostStatus.ERROR, HostStatus.CLEAN)
        return next((status for status in order if status in found), HostStatus.UNKNOWN)

    @property
    def listed_count(self) -> int:
        """On how many lists that matter addresses are, each address counted."""
        return sum(one.is_listed for host in self.hosts for one in host.standings)

    @property
    def refused(self) -> list[str]:
        """The names of the lists that refused to answer this resolver."""
        standings = [one for host in self.hosts for one in host.standings]
        return sorted({one.blocklist.name for one in standings if one.row.state == State.REFUSED})


def overview(session: Session) -> Overview:
    """All addresses, the worst first, and the last changes."""
    entries: dict[str, list[Standing]] = {}
    for row in session.scalars(select(BlocklistEntry)):
        if row.zone in _BY_ZONE:
            entries.setdefault(row.address, []).append(Standing(_BY_ZONE[row.zone], row))
    hosts = [_host(row, entries.get(row.address, [])) for row in session.scalars(select(BlocklistAddress))]
    newest = select(BlocklistChange).order_by(BlocklistChange.at.desc(), BlocklistChange.id.desc())
    changes = session.scalars(newest.limit(MOST_CHANGES)).all()
    return Overview(tuple(sorted(hosts, key=_rank)), tuple(changes))


def _host(row: BlocklistAddress, standings: Sequence[Standing]) -> Host:
    return Host(row, tuple(sorted(standings, key=lambda one: one.rank)))


def _rank(host: Host) -> tuple[int, str]:
    return -sum(one.is_listed for one in host.standings), host.address


def find_host(found: Overview, address: str) -> Host | None:
    """The host of that address, None where it is not looked up."""
    return next((host for host in found.hosts if host.address == address), None)


def list_name(zone: str) -> str:
    """The name of the list of that zone; the zone itself for one that is asked no more."""
    return _BY_ZONE[zone].name if zone in _BY_ZONE else zone
