"""What a stranger chose is kept and shown up to a bound, however long he made it."""

import pytest

from tests.ingest.test_bad_rows import line, scan
from webapp.parse.bounds import LONGEST_FIELD, LONGEST_LINE, LONGEST_REPLY

LONG = "x" * 100_000
MARKS = "e" + "\N{COMBINING ACUTE ACCENT}" * 300
LARGEST_PAGE = 300_000  # bytes


@pytest.fixture
def long_mail(viewer, replay):
    name = {"message-id": f"{LONG}@x", "sender_smtp": f"{LONG}@x.example", "user": LONG}
    replay.lists["rspamd-history"] = [
        scan(subject=LONG, rcpt_smtp=[f"{n}{LONG[:1000]}@x" for n in range(500)], rcpt_mime=[LONG], **name),
        scan(subject=MARKS, symbols={LONG: {"score": 1e300, "options": [LONG] * 50}}),
    ]
    replay.lists["postfix"] = [
        line(f"0F5383D: message-id=<{LONG}@x>"),
        line(f"0F5383D: from=<{LONG[:3000]}@x>, size=1, nrcpt=1 (queue active)"),
        line(
            f"0F5383D: to=<a@x>, relay=none, delay=1, delays=0/0/0/0, dsn=4.0.0, status=deferred ({LONG})",
            program="postfix/smtp",
        ),
        line(f"NOQUEUE: reject: RCPT from a.example[192.0.2.1]: 550 5.1.1 {LONG}", program="postfix/smtpd"),
    ]
    replay.lists["netfilter"] = [{"time": int(line("")["time"]), "priority": "crit", "message": LONG}]
    viewer.fetch()
    return viewer


def longest(viewer, table, column):
    return viewer.ask(f"SELECT max(length({column}::text)) AS n FROM {table}")[0]["n"]


def test_no_text_is_stored_beyond_its_bound(long_mail):
    assert longest(long_mail, "postfix_logs", "message") == LONGEST_LINE
    assert longest(long_mail, "netfilter_logs", "message") == LONGEST_LINE
    for column in ("sender", "recipient"):
        assert longest(long_mail, "postfix_logs", column) <= LONGEST_FIELD
    for column in ("subject", "sender", "message_id", "username"):
        assert longest(long_mail, "rspamd_logs", column) == LONGEST_FIELD
        if column != "username":
            assert longest(long_mail, "messages", column) <= LONGEST_FIELD
    assert longest(long_mail, "rspamd_logs", "raw") < 10 * LONGEST_LINE * 10
    assert 0 < longest(long_mail, "deliveries", "response") <= LONGEST_REPLY


def test_no_page_grows_with_what_was_sent(long_mail):
    client = long_mail.app.test_client()
    keys = [message["correlation_key"] for message in client.get("/api/messages").get_json()["data"]]
    assert keys
    pages = ["/messages", "/logs/postfix", "/logs/rspamd", "/security", "/dashboard"]
    for path in pages + [f"/messages/{key}" for key in keys]:
        answer = client.get(path)
        assert answer.status_code == 200
        assert len(answer.data) < LARGEST_PAGE, path


def test_marks_that_pile_up_and_numbers_without_measure_are_cut_on_pages(long_mail):
    page = long_mail.app.test_client().get("/logs/rspamd").text
    assert "\N{COMBINING ACUTE ACCENT}" * 4 in page
    assert "\N{COMBINING ACUTE ACCENT}" * 5 not in page
    assert "0" * 20 not in page
