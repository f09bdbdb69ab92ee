"""`python -m benchmarks.alerts END`: what a look at all rules takes on DATABASE_URL, whose lines end at END.

Prints milliseconds of each look, as JSON: with nothing wrong, as 500 domains turn bad, with 500 events open.
"""

import json
import sys
import time
from datetime import datetime, timedelta

from sqlalchemy import text

from jobs.run import committed
from webapp.alerts.check import check
from webapp.app import create_app
from webapp.config import Settings, load_settings
from webapp.mailcow import snapshots
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.tables.db import db, utc

WAITING, KEPT, DOMAINS, LOOKS = 10_000, 300, 500, 30
MINUTE = timedelta(minutes=1)
TURNS = text(
    "INSERT INTO domain_dns_turns SELECT 'd' || n || '.example', 'spf', 'success', 'error', 'none', :now "
    "FROM generate_series(1, :domains) AS n"
)


def prepare(moment: datetime) -> None:
    """A long queue, a quarantine, and no trouble."""
    arrived = int((moment - 30 * MINUTE).timestamp())
    waiting = [
        {
            "queue_name": "deferred",
            "queue_id": f"{n:010X}",
            "arrival_time": arrived,
            "sender": f"box{n}@d1.example",
            "recipients": [f"someone{n}@elsewhere.example (connect to elsewhere.example: timed out)"],
        }
        for n in range(WAITING)
    ]
    kept = [{"id": n, "created": arrived} for n in range(KEPT)]
    for name, rows in ((QUEUE.name, waiting), (QUARANTINE.name, kept)):
        snapshots.keep(db.session.connection(), name, rows)
    db.session.commit()


def look(settings: Settings, moment: datetime) -> float:
    """Milliseconds of one look."""
    db.session.execute(text("UPDATE snapshots SET taken_at = :now"), {"now": moment})
    db.session.commit()
    began = time.perf_counter()
    committed(check(db.session(), settings, moment))
    return 1000 * (time.perf_counter() - began)


def measured(end: float) -> dict[str, list[float]]:
    """All looks, a minute apart, the first of them left out."""
    moment = utc(end)
    settings = load_settings(_env_file=None, alert_queue_mails=2 * WAITING, alert_no_mail_hours=48)
    prepare(moment)
    look(settings, moment)
    quiet = [look(settings, moment + n * MINUTE) for n in range(1, LOOKS)]
    db.session.execute(TURNS, {"now": moment, "domains": DOMAINS})
    db.session.commit()
    begin = [look(settings, moment + LOOKS * MINUTE)]
    still = [look(settings, moment + n * MINUTE) for n in range(LOOKS + 1, 2 * LOOKS)]
    return {"quiet": quiet, "begin": begin, "open": still}


if __name__ == "__main__":
    with create_app(load_settings(_env_file=None)).app_context():
        print(json.dumps(measured(float(sys.argv[1]))))
