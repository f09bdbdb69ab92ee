"""A database from before the mailboxes gets its messages' accounts and the counts of their days."""

import os
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.trace.daycounts import miscounted_days
from webapp.config import ROOT

DOMAINS = (
    "INSERT INTO mailcow_domains (name, kind, active, seen_at) VALUES "
    "('ours.example', 'domain', true, now()), ('away.example', 'relay', true, now())"
)
MESSAGE = text(
    "INSERT INTO messages (id, first_seen, last_seen, correlation_key, content_digest, kind, mid_keys, "
    "sender, recipients, recipient_count, username, direction, final_status, outcomes, is_spam, correlation, "
    "recipient_keys, recipient_text, search_text) VALUES (:id, :at, :at, '', 0, 'queue', '{}', :sender, "
    ":recipients, 1, :username, :direction, :status, :outcomes, false, 'complete', '{}', '', '')"
)
DELIVERY = text(
    "INSERT INTO deliveries (message_id, message_time, position, recipient, orig_to, status, attempts, time) "
    "VALUES (:id, :at, :position, :recipient, :orig_to, :status, 1, :at)"
)
AT = "2026-01-08T23:59:59Z"
MESSAGES = [
    # sender, login, direction, final status, [(recipient, alias, outcome)]
    ("Anna@ours.example", "anna@ours.example", "outbound", "mixed",
     [("a@x.example", None, "delivered"), ("b@x.example", None, "bounced")]),
    ("s@x.example", None, "inbound", "delivered",
     [("anna@ours.example", "info@ours.example", "delivered"), ("ben+x@ours.example", None, "delivered")]),
    ("ben@ours.example", None, "internal", "mixed",
     [("anna@ours.example", "all@ours.example", "delivered"),
      ("c@ours.example", "all@ours.example", "bounced")]),
    ("ben@ours.example", "ben@ours.example", None, "rejected", []),
    ("s@x.example", None, "inbound", "rejected", [("nobody@away.example", None, "rejected")]),
]  # fmt: skip


def upgrade(url: str, revision: str) -> None:
    """Migrate the database up to a revision."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", revision]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, capture_output=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def upgraded(empty_database_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A connection to a database that held these messages before."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    upgrade(empty_database_url, "0006")
    engine = create_engine(empty_database_url, connect_args={"options": "-c timezone=UTC"})
    with engine.begin() as connection:
        connection.execute(text(DOMAINS))
        for number, (sender, username, direction, status, people) in enumerate(MESSAGES):
            told = {"id": number, "at": AT, "sender": sender, "username": username, "direction": direction}
            names = [orig_to or recipient for recipient, orig_to, _ in people]
            outcomes = sorted({outcome for _, _, outcome in people})
            connection.execute(MESSAGE, {**told, "recipients": names, "status": status, "outcomes": outcomes})
            for position, (recipient, orig_to, outcome) in enumerate(people):
                place = {"id": number, "at": AT, "position": position}
                connection.execute(
                    DELIVERY, {**place, "recipient": recipient, "orig_to": orig_to, "status": outcome}
                )
    upgrade(empty_database_url, "head")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_messages_get_their_accounts_and_their_days_are_counted(upgraded: Any) -> None:
    rows = upgraded.execute(text("SELECT * FROM messages ORDER BY id")).all()
    assert [row.account for row in rows] == [
        "anna@ours.example",
        None,
        "ben@ours.example",
        "ben@ours.example",
        None,
    ]
    assert [row.outcome_counts for row in rows] == [[1, 1], [2], [1, 0], [1], [1]]
    assert rows[1].received_by == ["anna@ours.example", "ben@ours.example", "info@ours.example"]
    assert rows[2].received_by == ["all@ours.example", "anna@ours.example"]
    assert [row.domains for row in rows] == [["ours.example"]] * 4 + [[]]
    assert miscounted_days(upgraded) == {}
    assert upgraded.scalar(text("SELECT count(*) FROM address_days")) == 4
