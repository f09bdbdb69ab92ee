"""Jumps of the server's clock, as its own log shows them. Pure.

A log is written in the order in which things happen: a row that is much older than the one before it was
written after the clock had been set back. Where it goes on from before an earlier step forward, the clock had
been set forward there, else that step was a silence. A row that is ahead of our own clock was written by a
clock that had been set forward; a step up to the present cannot be told from a silence.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import sub
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
    """The jumps that the rows of one look show, at most 20, among them those forward that they undo; `now` is
    our own clock."""
    passed = reading.passed if reading.aligned else []
    times = [*passed, *(row.time for row in good_records(reading.rows))]
    return list(dict.fromkeys(_jumps(times, len(passed), now)))[:MOST_JUMPS]


def _jumps(times: Sequence[int], known: int, now: float) -> Iterator[Jump]:
    """Those that the rows after the first `known` show."""
    if max(map(abs, map(sub, times[1:], times)), default=0) <= NOTICED:
        return
    forward: list[Jump] = []
    for number, (before, after) in enumerate(pairwise(times), 1):
        if abs(after - before) <= NOTICED and not (forward and forward[-1].after - after > NOTICED):
            continue
        step, undone = Jump(before, after), []
        while forward and forward[-1].after - step.after > NOTICED:
            undone.append(forward.pop())
        if number >= known:
            yield from (jump for jump in reversed(undone) if _goes_on(jump, step.after))
            if step.before - step.after > NOTICED or _is_ahead(step, now):
                yield step
        if step.after - step.before > NOTICED:
            forward.append(step)


def _goes_on(jump: Jump, time: int) -> bool:
    """True where this time, after the clock was set back, is nearer to that before the jump."""
    return time - jump.before < jump.after - time


def _is_ahead(step: Jump, now: float) -> bool:
    return step.after > now + AHEAD and step.after - step.before > NOTICED
