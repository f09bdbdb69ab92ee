"""The log rows of the benchmark: one endless-looking stream, whose first part is stored and whose rest is
fetched.

`python -m benchmarks.feed LINES START END MORE`: a simulated mailcow that goes on where a database of LINES
ends.
"""

import argparse
import json
import signal
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Any

from webapp.demo.bulk import RowState, bulk_rows
from webapp.demo.server import serve

KEY = "benchmark-key"
RING = 10_000  # Postfix rows that mailcow keeps
KEPT = 1_000  # stored rows of each list that mailcow still has
SEED = 1
Last = deque[dict[str, Any]]
Rows = Iterator[tuple[str, dict[str, Any]]]


def stored_rows(lines: int, days: float, end: float) -> Rows:
    """(list name, row) of what the prepared database holds, oldest first."""
    return bulk_rows(lines, days, end, SEED)


def following_rows(lines: int, start: float, end: float, more: int) -> tuple[dict[str, Last], Rows]:
    """The last stored rows of each list, and what comes after them in the same stream with `more` Postfix
    rows."""
    reach = (end - start) * (lines + more) / lines
    rows = bulk_rows(lines + more, reach / 86400, start + reach, SEED)
    last: dict[str, Last] = defaultdict(lambda: deque(maxlen=KEPT))
    left = lines
    while left:
        name, row = next(rows)
        last[name].append(row)
        left -= name == "postfix"
    return last, rows


class FollowingState(RowState):
    """Lists with the last stored rows, into which the following ones are let."""

    def __init__(self, lines: int, start: float, end: float, more: int) -> None:
        super().__init__(0, ring=RING)
        self.left = more
        last, self.rows = following_rows(lines, start, end, more)
        for name, rows in last.items():
            self.lists[name].extendleft(json.dumps(row, ensure_ascii=False) for row in rows)


def main() -> None:
    """Serve until ended; prints the address."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.feed")
    parser.add_argument("lines", type=int)
    parser.add_argument("start", type=float)
    parser.add_argument("end", type=float)
    parser.add_argument("more", type=int)
    given = parser.parse_args()
    server = serve(0, KEY, state=FollowingState(given.lines, given.start, given.end, given.more))
    print(server.url, flush=True)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
    server.close()


if __name__ == "__main__":
    main()
