"""Finding in a list without row ids the place where reading stopped. Pure.

A row's key is (Unix second, digest). Lists are newest first, as mailcow gives them; byte-identical rows are
legal, so a sequence of rows is looked for, never a single one.
"""

from collections.abc import Sequence
from typing import NamedTuple

Key = tuple[int, int]
TAIL_ROWS = 50  # rows a cursor keeps at the least
TAIL_LIMIT = 2000  # and at the most, where one second holds very many
OLDER_ROWS = (
    3  # rows of an earlier second that a cursor holds, so that a run of equal rows is counted exactly
)
TRUSTED_ROWS = 10  # rows that must match after the list has gone back in time


class Cursor(NamedTuple):
    """Where reading of a list stopped: its newest rows, newest first; the latest Unix second stored; the one,
    by our clock, at which its head was reached last; how many rows it held if it may have been full."""

    tail: Sequence[Key] = ()
    newest: int | None = None
    looked_at: int | None = None
    doubt: int | None = None


def cursor_tail(keys: Sequence[Key]) -> list[Key]:
    """The newest rows to remember, from `keys` newest first."""
    size = min(TAIL_ROWS, len(keys))
    newest = keys[0][0] if keys else 0
    while size < min(len(keys), TAIL_LIMIT) and sum(key[0] != newest for key in keys[:size]) < OLDER_ROWS:
        size += 1
    return list(keys[:size])


def find_run(keys: Sequence[Key], run: Sequence[Key]) -> int | None:
    """The first index at which `run` stands whole in `keys`."""
    if not run:
        return None
    keys, run = list(keys), list(run)
    index = -1
    while True:
        try:
            index = keys.index(run[0], index + 1)
        except ValueError:
            return None
        if keys[index : index + len(run)] == run:
            return index


def new_rows(keys: Sequence[Key], tail: Sequence[Key], exhausted: bool) -> int | None:
    """How many rows at the head of `keys` are newer than the cursor; None where the cursor is not in sight.

    What rows are decides, never their times: the server's clock can jump. Only where the list was read to its
    end (`exhausted`) may a part of the tail do: a list restored after a crash lacks the newest rows that were
    already read, and a ring may end inside the tail. Before that, a part could be rows that look alike.
    """
    index = find_run(keys, tail)
    if index is not None or not exhausted:
        return index
    for length in range(len(tail) - 1, TRUSTED_ROWS - 1, -1):
        if length <= len(keys) and list(keys[-length:]) == list(tail[:length]):
            return len(keys) - length
        if (index := find_run(keys, tail[-length:])) is not None:
            return index
    return None


def continuation(read: Sequence[Key], page: Sequence[Key], overlap: int) -> int | None:
    """The index in `page` of the first row older than all of `read`; None where the two do not touch.

    Rows that arrived between the two requests push the page towards newer rows, so the overlap may be longer.
    """
    anchor = read[-min(overlap, len(read)) :]
    start = 0
    while (index := find_run(page[start:], anchor)) is not None:
        end = start + index + len(anchor)
        shared = min(end, len(read))
        if list(page[end - shared : end]) == list(read[-shared:]):
            return end
        start += index + 1
    return None
