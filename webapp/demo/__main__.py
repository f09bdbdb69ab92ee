"""`python -m webapp.demo`: run a simulated mailcow until interrupted."""

import argparse
import contextlib
import signal
import threading

from . import cast, zones
from .bulk import RowState
from .mailbox import Mailbox
from .nameserver import NameServer
from .server import serve
from .state import State


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m webapp.demo", description="A simulated mailcow on 127.0.0.1."
    )
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--key", default="demo-key", help="the read-only API key")
    parser.add_argument("--key-rw", default="", help="the API key that may also write")
    parser.add_argument(
        "--dns-port", type=int, default=0, help="where its name server listens; 0: a free port"
    )
    parser.add_argument("--imap-port", type=int, default=0, help="where its mailbox of reports is read")
    parser.add_argument("--imap-password", default="demo", help="the password of that mailbox")
    parser.add_argument("--rate", type=float, default=20, help="mails a minute")
    parser.add_argument("--history", type=float, default=24, help="hours of traffic before the start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ring", type=int, default=10_000, help="rows that each log list keeps")
    parser.add_argument("--long-queue-ids", action="store_true")
    parser.add_argument(
        "--bulk", type=int, default=0, metavar="LINES", help="prepared Postfix rows, let in by /_demo/advance"
    )
    parser.add_argument("--bulk-days", type=float, default=1, help="how many days the prepared rows cover")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    common = {"seed": given.seed, "ring": given.ring}
    state: State
    if given.bulk:
        state = RowState(given.bulk, given.bulk_days, **common)
    else:
        state = State(rate=given.rate, history=given.history, long_ids=given.long_queue_ids, **common)
    server = serve(given.port, given.key, given.key_rw, state)
    names = NameServer(zones.zone(), signed=frozenset({cast.BOOKS}), port=given.dns_port)
    mailbox = Mailbox(given.imap_port, given.imap_password)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with names, mailbox, contextlib.suppress(KeyboardInterrupt):
        print(f"simulated mailcow on {server.url}, its name server on {names.address}", flush=True)
        stopped.wait()
    server.close()


if __name__ == "__main__":
    main()
