"""mailcow's bans, read into entries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from webapp.mailcow.values import moment
from webapp.parse.bounds import cut
from webapp.parse.netfilter import host, with_networks


class BanState(StrEnum):
    """How a ban stands."""

    BANNED = "banned"
    ENDING = "about to be unbanned"
    PERMANENT = "banned for good"


@dataclass(frozen=True)
class Ban:
    """One ban; `network` is mailcow's name of it, `name` the address of a single host or the network."""

    network: str
    name: str
    until: datetime | None
    state: BanState

    @property
    def ids(self) -> tuple[str, ...]:
        """The network, which mailcow knows it by."""
        return (self.network,)

    @property
    def text(self) -> str:
        """All that a search looks into."""
        return self.network.lower()

    @property
    def label(self) -> str:
        """What people know it by, where that is more than mailcow's name."""
        return "" if self.name == self.network else self.name

    @property
    def to(self) -> str:
        """A ban is for no mailbox."""
        return ""

    @property
    def is_host(self) -> bool:
        """True for a single address."""
        return "/" not in self.name


def read(rows: Iterable[Mapping[str, Any]]) -> list[Ban]:
    """The bans of the list's rows; a name that is no network is none."""
    return [
        Ban(cut(str(row["network"])), name, moment(row.get("until")), _state(row))
        for row in rows
        if (name := host(str(row.get("network"))))
    ]


def _state(row: Mapping[str, Any]) -> BanState:
    if row.get("permanent"):
        return BanState.PERMANENT
    return BanState.ENDING if row.get("queued") else BanState.BANNED


def by_id(rows: Iterable[Mapping[str, Any]]) -> dict[str, Ban]:
    """The bans by mailcow's name of them; one that lasts for good goes before one for a time."""
    found: dict[str, Ban] = {}
    for ban in read(rows):
        if ban.network not in found or ban.state is BanState.PERMANENT:
            found[ban.network] = ban
    return found


def ban_of(bans: Iterable[Ban], address: str) -> Ban | None:
    """The ban of an address, or of a network that holds it; the narrowest one."""
    named = {ban.name: ban for ban in bans}
    return next((named[name] for name in _narrowest(address) if name in named), None)


def _narrowest(address: str) -> list[str]:
    single, *networks = with_networks(address)
    return [single, *reversed(networks)]
