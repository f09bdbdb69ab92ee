"""`python -m benchmarks.mailboxes fill|refresh`: many mailboxes in DATABASE_URL, and reading as many from a
mailcow.

`fill` makes 5,000 mailboxes, 10,000 aliases and what 2,000,000 deliveries of 30 days count for them: the rows
of their messages are made without an index in a table of their own, counted by the product's own statement,
and dropped again, for no page of mailboxes reads them. `refresh` prints what one run of the hourly job takes,
as JSON.
"""

import json
import resource
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
from sqlalchemy import text

from jobs.run import committed
from webapp.app import create_app
from webapp.config import load_settings
from webapp.mailcow import accounts, mailboxes
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db
from webapp.trace import days

MAILBOXES, ALIASES, DELIVERIES, DAYS, DOMAINS = 5_000, 10_000, 2_000_000, 30, 50

# Seven of ten messages come in, one in five of them through an alias; the rest is sent by a login, one in
# twenty bounces. Some mailboxes have far more mail than others: the square of a random number chooses.
MESSAGES = f"""
    CREATE UNLOGGED TABLE made AS
    WITH told AS (
        SELECT n, floor(random() ^ 2 * {MAILBOXES})::int AS box, floor(random() ^ 2 * {ALIASES})::int
            AS alias, random() AS kind, random() AS through, random() AS fate,
            date_trunc('day', now()) - random() * interval '{DAYS} days' + interval '1 day' AS first_seen
        FROM generate_series(1, {DELIVERIES}) AS n)
    SELECT n::bigint AS id, first_seen, sender AS account, ARRAY[]::text[] AS received_by,
        ARRAY[split_part(sender, '@', 2)] AS domains,
        ARRAY[CASE WHEN fate < 0.05 THEN 'bounced' ELSE 'delivered' END] AS outcomes,
        ARRAY[1] AS outcome_counts, 'outbound' AS direction, 'delivered' AS final_status, false AS is_spam
    FROM told, LATERAL (SELECT 'box' || box || '@d' || box % {DOMAINS} || '.example' AS sender) AS who
    WHERE kind >= 0.7
    UNION ALL
    SELECT n, first_seen, NULL, CASE WHEN through < 0.2 THEN ARRAY[alias_name, target] ELSE ARRAY[target] END,
        ARRAY[split_part(target, '@', 2)], ARRAY['delivered'], ARRAY[1], 'inbound', 'delivered', fate < 0.1
    FROM told, LATERAL (SELECT CASE WHEN through < 0.2 THEN alias % {MAILBOXES} ELSE box END AS got) AS g,
        LATERAL (SELECT 'box' || got || '@d' || got % {DOMAINS} || '.example' AS target,
            'alias' || alias || '@d' || got % {DOMAINS} || '.example' AS alias_name) AS names
    WHERE kind < 0.7"""


def box(number: int) -> dict[str, Any]:
    """One mailbox as mailcow lists it."""
    name, domain = f"box{number}", f"d{number % DOMAINS}.example"
    rights = dict.fromkeys(mailboxes.PERMISSIONS, "1")
    return {
        "username": f"{name}@{domain}",
        "domain": domain,
        "local_part": name,
        "name": f"Box {number}",
        "active": 1,
        "quota": 3 << 30,
        "quota_used": number << 19,
        "percent_in_use": "- ",
        "messages": str(number),
        "attributes": rights,
        "last_imap_login": 1_795_370_113,
        "last_smtp_login": 0,
        "last_pop3_login": 0,
        "created": "2024-03-05 09:14:12",
        "modified": None,
    }


def alias(number: int) -> dict[str, Any]:
    """One alias as mailcow lists it."""
    target = number % MAILBOXES
    domain = f"d{target % DOMAINS}.example"
    return {
        "address": f"alias{number}@{domain}",
        "domain": domain,
        "goto": f"box{target}@{domain}",
        "active": 1,
        "is_catch_all": 0,
        "created": "2024-03-05 09:14:12",
    }


def fill() -> None:
    """Store the lists and the counts."""
    connection = db.session.connection()
    accounts.save_mailboxes(
        connection, mailboxes.mailbox_records([box(n) for n in range(MAILBOXES)], {}, "UTC")
    )
    accounts.save_aliases(connection, mailboxes.alias_records([alias(n) for n in range(ALIASES)], "UTC"), {})
    connection.execute(text("SELECT setseed(0.5)"))
    connection.execute(text(MESSAGES))
    connection.execute(days.counting(f"SELECT {', '.join(days.COLUMNS)}, 1 AS sign FROM made"))
    connection.execute(text("DROP TABLE made"))
    db.session.commit()


def refresh() -> dict[str, Any]:
    """What one run of the job takes: seconds, processor seconds, and megabytes at the most."""
    answers = {
        "mailbox/reduced": orjson.dumps([box(n) for n in range(MAILBOXES)]),
        "alias/all": orjson.dumps([alias(n) for n in range(ALIASES)]),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    mailcow = Mailcow(f"http://127.0.0.1:{server.server_port}", "benchmark-key")
    began, worked = time.perf_counter(), time.process_time()
    read = committed(accounts.refresh(db.session(), mailcow, load_settings(_env_file=None)))
    figures = {
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - worked,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    server.shutdown()
    return {**read.as_dict(), **figures}


def _handler(answers: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answers.get(self.path.removeprefix("/api/v1/get/"), b"{}")
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


if __name__ == "__main__":
    with create_app(load_settings(_env_file=None)).app_context():
        if sys.argv[1] == "fill":
            fill()
        else:
            print(json.dumps(refresh()))
