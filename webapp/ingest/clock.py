"""Jumps of the server's clock, as its own log shows them. Pure.

A log is written in the order in which things happen: a row that is much older than the one before it was
written after the clock had been set back. One that is ahead of our own clock was written by a clock that had
been set forward; a forward step up to the present cannot be told from a silence.
"""

from typing import Any, NamedTuple

from webapp.ingest.read import Reading
from webapp.ingest.rows import good_records

NOTICED = 30  # seconds by which rows of several programs are never out of order
AHEAD = 60  # seconds by which the clocks of two servers may differ
MOST_JUMPS = 20  # of one look


class Jump(NamedTuple):
    """The Unix seconds that two rows show of which the second was written next."""

    before: int
    after: int


def jumps(reading: Reading[Any], now: float) -> list[Jump]:
    """The jumps between the rows of one look, oldest first, at most 20; `now` is our own clock."""
    found: list[Jump] = []
    before = reading.follows if reading.aligned else None
    for row in good_records(reading.rows):
        after = row.time
        if before is not None and _is_jump(before, after, now):
            found.append(Jump(before, after))
        before = after
    return found[:MOST_JUMPS]


def _is_jump(before: int, after: int, now: float) -> bool:
    return before - after > NOTICED or (after > now + AHEAD and after - before > NOTICED)
