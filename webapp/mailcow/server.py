"""mailcow's last word on itself: its containers, storage and version, and how much it holds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from webapp.mailcow import snapshots
from webapp.mailcow.live import BANS
from webapp.mailcow.snapshots import Snapshot

CONTAINERS, STORAGE, VERSION, DOMAINS, MAILBOXES, ALIASES = (  # names of the snapshots
    "containers",
    "storage",
    "version",
    "domains",
    "mailboxes",
    "aliases",
)
APP_RELEASES, MAILCOW_RELEASES = "app-releases", "mailcow-releases"  # the same, of what GitHub told


@dataclass(frozen=True)
class Container:
    """One service; `started_at` in ISO 8601, None for one that never ran."""

    name: str
    image: str | None
    state: str
    started_at: str | None


@dataclass(frozen=True)
class Storage:
    """The mail volume, in df's words."""

    disk: str
    used: str
    total: str
    used_percent: str


@dataclass(frozen=True)
class Version:
    """The running version, as mailcow writes it."""

    version: str


@dataclass(frozen=True)
class Count:
    """How many there are, and how many of them are switched on."""

    total: int
    active: int


@dataclass(frozen=True)
class Bans:
    """How many addresses netfilter has banned for now, and for good."""

    active: int
    permanent: int


@dataclass(frozen=True)
class ServerState:
    """Every part with its own age; the fields are called as the snapshots."""

    containers: Snapshot[dict[str, Container]]
    storage: Snapshot[Storage]
    version: Snapshot[Version]
    domains: Snapshot[Count]
    mailboxes: Snapshot[Count]
    aliases: Snapshot[Count]
    bans: Snapshot[Bans]

    @property
    def counted(self) -> dict[str, Snapshot[Count]]:
        """What mailcow holds, by the name of its snapshot."""
        return {DOMAINS: self.domains, MAILBOXES: self.mailboxes, ALIASES: self.aliases}


@cache
def _reader() -> TypeAdapter[ServerState]:
    return TypeAdapter(ServerState)


def server_state(session: Session) -> ServerState:
    """All parts, in one statement."""
    found = snapshots.load(session, CONTAINERS, STORAGE, VERSION, DOMAINS, MAILBOXES, ALIASES, BANS.name)
    listed = found.pop(BANS.name)
    parts = {**found, "bans": replace(listed, data=_counted(listed.data))}
    return _reader().validate_python({name: vars(part) for name, part in parts.items()})


def _counted(rows: Sequence[dict[str, Any]] | None) -> Bans | None:
    if rows is None:
        return None
    permanent = sum(bool(row["permanent"]) for row in rows)
    return Bans(len(rows) - permanent, permanent)
