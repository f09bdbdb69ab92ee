"""Very many mails that share a Message-ID: each look costs the same, and tells what it told before."""

import time

import pytest

from tests.trace.importing import POSTFIX, RSPAMD, stored, take_in
from webapp.tables.db import db, utc
from webapp.tables.partitions import ensure_days
from webapp.trace import link, load

NOW = int(time.time()) - 3600
MAILS = 30


def lines(number):
    """One mail, with its own queue id and a Message-ID that all share; oldest first."""
    queue_id, second = f"ABCDE{number:04X}", NOW + 2 * number
    texts = (
        ("postfix/smtpd", "client=mx.one.example[203.0.113.9]"),
        ("postfix/cleanup", "message-id=<same@one.example>"),
        ("postfix/qmgr", f"from=<news+{number % 3}@one.example>, size=400, nrcpt=1 (queue active)"),
        (
            "postfix/lmtp",
            f"to=<b{number}@nordlicht-kontor.example>, relay=dovecot[172.22.1.250]:24, delay=0.6, "
            "delays=0.6/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
        ),
        ("postfix/qmgr", "removed"),
    )
    return [
        {"time": str(second), "program": program, "priority": "info", "message": f"{queue_id}: {text}"}
        for program, text in texts
    ]


def scan(number):
    return {
        "unix_time": NOW + 2 * number,
        "message-id": "same@one.example",
        "ip": "203.0.113.9",
        "sender_smtp": "news@one.example",
        "rcpt_smtp": [f"b{number}@nordlicht-kontor.example"],
        "action": "no action",
        "score": float(number),
        "subject": f"News {number}",
        "symbols": {},
    }


def imported(viewer):
    """What is stored after a poll of all lines for every three mails; scans come a poll later."""
    for first in range(0, MAILS, 3):
        batch = range(first, first + 3)
        take_in(viewer, [(POSTFIX, [line for number in batch for line in lines(number)])])
        take_in(viewer, [(RSPAMD, [scan(number) for number in batch])])
    found = stored()
    db.session.rollback()
    return found


@pytest.fixture
def viewer_in_context(viewer):
    with viewer.app.app_context():
        ensure_days(db.session.connection(), {utc(NOW).date(), utc(NOW + 2 * MAILS).date()})
        db.session.commit()
        yield viewer
        db.session.rollback()


def test_a_new_one_leaves_the_others_as_they_are_and_unread(viewer_in_context, monkeypatch):
    expected = imported(viewer_in_context)
    assert [row["subject"] for row in expected[0] if row["subject"] is None] == []
    read = []
    load_events = load.stored_events
    monkeypatch.setattr(link, "MANY", 5)

    def counting(connection, queue_ids, since):
        read.append(len(queue_ids))
        return load_events(connection, queue_ids, since)

    monkeypatch.setattr(load, "stored_events", counting)
    assert imported(viewer_in_context) == expected
    assert max(read) <= 8
