"""Listings -> stored rows, and what changed: an answer replaces what was known, no answer never does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from webapp.dnscheck.blocklist.changes import Change, Key, changes, key_of
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.verdict import ANSWERED, State
from webapp.dnscheck.sources import Source
from webapp.tables.blocklists import BlocklistAddress, BlocklistChange, BlocklistEntry

MOST_CHANGES = 500  # that are kept


@dataclass(frozen=True, kw_only=True)
class Bounces:
    """How many recipients' mail came back naming a list, the last one at `last`."""

    count: int = 0
    last: datetime | None = None


NONE = Bounces()


def save(
    connection: Connection,
    sources: Sequence[Source],
    listings: Sequence[Listing],
    bounces: Mapping[str, Bounces],
    at: datetime,
) -> list[Change]:
    """Stores the look of `at` and forgets addresses and lists it left out; returns what changed.

    `bounces` are by the zone of the list.
    """
    known = _known(connection)
    told = changes({key: State(row["known"]) for key, row in known.items() if row["known"]}, listings)
    _forget_others(connection, sources, listings)
    _put_addresses(connection, sources, at)
    _put_entries(connection, [_row(found, known.get(key_of(found)), bounces, at) for found in listings])
    _put_changes(connection, told, at)
    return told


def _known(connection: Connection) -> dict[Key, Mapping[str, Any]]:
    entry = BlocklistEntry
    rows = connection.execute(select(entry.address, entry.zone, entry.known, entry.known_since))
    return {(row.address, row.zone): row._asdict() for row in rows}


def _row(
    found: Listing, before: Mapping[str, Any] | None, bounces: Mapping[str, Bounces], at: datetime
) -> dict[str, Any]:
    state, zone = found.verdict.state, found.blocklist.zone
    old = before or {"known": None, "known_since": None}
    answered = state in ANSWERED
    changed = answered and state != old["known"]
    counted = bounces.get(zone, NONE) if state is State.LISTED else NONE
    return {
        "address": found.address,
        "zone": zone,
        "state": str(state),
        "codes": list(found.verdict.codes),
        "why": found.verdict.why,
        "reason": found.reason,
        "checked_at": at,
        "known": str(state) if answered else old["known"],
        "known_since": at if changed else old["known_since"],
        "bounced": counted.count,
        "bounced_at": counted.last,
    }


def _forget_others(connection: Connection, sources: Sequence[Source], listings: Sequence[Listing]) -> None:
    entry, address = BlocklistEntry, BlocklistAddress
    kept = [key_of(found) for found in listings]
    connection.execute(delete(entry).where(tuple_(entry.address, entry.zone).not_in(kept)))
    connection.execute(delete(address).where(address.address.not_in([one.address for one in sources])))


def _put_addresses(connection: Connection, sources: Sequence[Source], at: datetime) -> None:
    rows = [
        {"address": one.address, "origin": str(one.origin), "name": one.name, "checked_at": at}
        for one in sources
    ]
    if rows:
        statement = upsert(BlocklistAddress)
        new = {name: statement.excluded[name] for name in ("origin", "name", "checked_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["address"], set_=new), rows)


def _put_entries(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        statement = upsert(BlocklistEntry)
        new = {name: statement.excluded[name] for name in rows[0] if name not in ("address", "zone")}
        connection.execute(
            statement.on_conflict_do_update(index_elements=["address", "zone"], set_=new), rows
        )


def _put_changes(connection: Connection, told: Sequence[Change], at: datetime) -> None:
    if not told:
        return
    rows = [
        {"at": at, "address": one.address, "zone": one.zone, "listed": one.listed, "why": one.why}
        for one in told
    ]
    connection.execute(insert(BlocklistChange), rows)
    newest = select(BlocklistChange.id).order_by(BlocklistChange.id.desc()).limit(MOST_CHANGES)
    connection.execute(delete(BlocklistChange).where(BlocklistChange.id.not_in(newest)))
