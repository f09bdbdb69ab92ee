"""What a message's page says of what is not known, and of what may still come."""

import pytest

from webapp.tables.db import now

QUEUE_ID = "4bXyZ01234zQvF6"
SECOND = int(now().timestamp()) - 30


def line(after, program, text):
    message = f"{QUEUE_ID}: {text}"
    return {
        "time": str(SECOND + after),
        "program": f"postfix/{program}",
        "priority": "info",
        "message": message,
    }


BEGINNING = [
    line(0, "smtpd", "client=mx.example[192.0.2.1]"),
    line(0, "cleanup", "message-id=<1@x.example>"),
]
REST = [
    line(1, "qmgr", "from=<a@x.example>, size=700, nrcpt=1 (queue active)"),
    line(
        2,
        "lmtp",
        "to=<b@y.example>, relay=dovecot[172.22.1.250]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, "
        "status=sent (250 Saved)",
    ),
    line(2, "qmgr", "removed"),
]


@pytest.fixture
def page(viewer, replay):
    def show(lines):
        replay.lists["postfix"] = lines
        viewer.fetch()
        client = viewer.app.test_client()
        key = client.get("/api/messages").get_json()["data"][0]["correlation_key"]
        return " ".join(client.get(f"/messages/{key}").text.split())

    return show


def test_what_lies_before_the_log_is_not_known(page):
    shown = page(REST)
    assert shown.count("not known: its first lines are older than the log") == 2
    assert "this server itself" not in shown
    assert ">nobody<" not in shown
    assert "at least 1 attempt" in shown
    assert "<dt>First seen</dt>" in shown


def test_a_mail_whose_beginning_is_known_says_who_sent_it(page):
    shown = page(BEGINNING + REST)
    assert "older than the log" not in shown
    assert "192.0.2.1" in shown
    assert ">nobody<" in shown
    assert "at least" not in shown


def test_a_final_outcome_says_what_may_still_come(page):
    assert "The outcome is final; the verdict of Rspamd may still come." in page(BEGINNING + REST)


def test_a_mail_without_an_outcome_is_still_on_its_way(page):
    shown = page(BEGINNING + REST[:1])
    assert "Still on its way; this page follows it." in shown
    assert "1 recipient that no line names: in progress." in shown
