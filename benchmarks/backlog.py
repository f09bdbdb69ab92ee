"""`python -m benchmarks.backlog LINES`: a simulated mailcow with so many Postfix lines in its lists.

It prints its address, and serves until it is ended.
"""

import signal
import sys
import threading

from benchmarks.feed import KEY, SEED
from webapp.demo.bulk import RowState
from webapp.demo.server import serve

DAYS = 2.0


def main() -> None:
    """Make the rows, serve them."""
    lines = int(sys.argv[1])
    state = RowState(lines, DAYS, SEED, ring=lines)
    state.let_in(lines)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    server = serve(0, KEY, state=state)
    print(server.url, flush=True)
    ended.wait()
    server.close()


if __name__ == "__main__":
    main()
