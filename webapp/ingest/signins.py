"""Sign-ins of mailboxes, counted by hour, address and protocol: programs sign in hundreds of times a minute.

The times of the first and the last one tell what is counted already where a list is read anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, text

from webapp.tables.columns import as_array
from webapp.tables.db import stamp

HOUR = 3600  # seconds
COUNTED = text(
    "SELECT username, extract(epoch FROM hour)::bigint AS hour, ip, protocol, "
    "extract(epoch FROM first_at)::bigint AS first_at, extract(epoch FROM last_at)::bigint AS last_at "
    "FROM sign_ins "
    "WHERE hour = ANY(CAST(:hours AS timestamptz[])) AND username = ANY(CAST(:usernames AS text[]))"
)
ADD = text(
    "INSERT INTO sign_ins AS kept (username, hour, ip, protocol, n, first_at, last_at) "
    "SELECT * FROM unnest(CAST(:usernames AS text[]), CAST(:hours AS timestamptz[]), CAST(:ips AS text[]), "
    "CAST(:protocols AS text[]), CAST(:counts AS bigint[]), CAST(:firsts AS timestamptz[]), "
    "CAST(:lasts AS timestamptz[])) ON CONFLICT (username, hour, ip, protocol) DO UPDATE SET "
    "n = kept.n + excluded.n, first_at = least(kept.first_at, excluded.first_at), "
    "last_at = greatest(kept.last_at, excluded.last_at)"
)
Cell = tuple[str, int, str, str]  # the key of a count, as the table has it: user, hour, address, protocol


class SignedIn(NamedTuple):
    """A sign-in; `time` in Unix seconds."""

    username: str
    time: int
    ip: str
    protocol: str

    @property
    def cell(self) -> Cell:
        """Where it is counted."""
        return self.username, self.time - self.time % HOUR, self.ip, self.protocol


@dataclass(slots=True)
class Sum:
    """How many, and the Unix seconds of the first and the last."""

    n: int
    first: int
    last: int


def count(connection: Connection, seen: Sequence[SignedIn]) -> None:
    """Count sign-ins that were not counted before."""
    sums: dict[Cell, Sum] = {}
    for each in seen:
        cell, time = each.cell, each.time
        found = sums.get(cell)
        if found is None:
            sums[cell] = Sum(1, time, time)
            continue
        found.n += 1
        if time < found.first:
            found.first = time
        elif time > found.last:
            found.last = time
    if sums:
        connection.execute(ADD, _arrays(sums))


def _arrays(sums: dict[Cell, Sum]) -> dict[str, str | None]:
    ordered = sorted(sums)
    columns: dict[str, list[str] | list[int]] = {
        "usernames": [user for user, *_ in ordered],
        "hours": [stamp(hour) for _, hour, *_ in ordered],
        "ips": [ip for _, _, ip, _ in ordered],
        "protocols": [protocol for *_, protocol in ordered],
        "counts": [sums[cell].n for cell in ordered],
        "firsts": [stamp(sums[cell].first) for cell in ordered],
        "lasts": [stamp(sums[cell].last) for cell in ordered],
    }
    return {name: as_array(values) for name, values in columns.items()}


def are_counted(connection: Connection, seen: Sequence[SignedIn]) -> list[bool]:
    """Of each whether it is counted already: those between the first and the last one counted in its place
    are, for a list is taken in from one end to the other."""
    if not seen:
        return []
    asked = {
        "hours": as_array(map(stamp, sorted({each.cell[1] for each in seen}))),
        "usernames": as_array(sorted({each.username for each in seen})),
    }
    counted = {tuple(row[:4]): (row.first_at, row.last_at) for row in connection.execute(COUNTED, asked)}
    spans = [counted.get(each.cell, (0, -1)) for each in seen]
    return [first <= each.time <= last for each, (first, last) in zip(seen, spans, strict=True)]
