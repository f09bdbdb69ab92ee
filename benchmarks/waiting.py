"""`python -m benchmarks.waiting COUNT`: keep a mail queue of COUNT messages, taken from a simulated mailcow
as the job takes it."""

import random
import sys
import time

from benchmarks.feed import KEY, SEED
from webapp.app import create_app
from webapp.config import load_settings
from webapp.demo.bulk import RowState
from webapp.demo.scene import Scene
from webapp.demo.server import serve
from webapp.demo.state import Held
from webapp.mailcow import live
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db

SPREAD = 3 * 86400  # seconds over which the messages came
REASONS = (
    "connect to {mx}[192.0.2.{n}]:25: Connection timed out",
    "connect to {mx}[192.0.2.{n}]:25: Connection refused",
    "host {mx}[192.0.2.{n}] said: 451 4.7.1 Greylisting in action, please come back later (in reply to RCPT "
    "TO command)",
    "Host or domain name not found. Name service error for name={mx} type=A: Host not found, try again",
)


def main() -> None:
    """Make the queue, take it once."""
    dice, state, began = random.Random(SEED), RowState(0), time.time() - SPREAD
    for n in range(int(sys.argv[1])):
        mail = Scene(dice, began + dice.random() * SPREAD, long_ids=True).inbound(
            sender=f"user{n % 700}@harbour-books.example"
        )
        to = f"person{n}@company{n % 400}.example"
        state.queue[mail.queue_id] = Held(
            mail, {to: REASONS[n % 4].format(mx=f"mx.company{n % 400}.example", n=n % 250)}, 0
        )
    server = serve(0, KEY, state=state)
    with create_app(load_settings(_env_file=None)).app_context():
        kept = live.take(live.QUEUE, db.session.connection(), Mailcow(server.url, KEY))
        db.session.commit()
    server.close()
    if kept != int(sys.argv[1]):
        raise SystemExit(f"{kept} messages were kept")


if __name__ == "__main__":
    main()
