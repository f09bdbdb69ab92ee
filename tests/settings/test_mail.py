"""Tests of outgoing mail and of the mailbox: documented lines, bounded, without secrets."""

import asyncio
import re

import pytest

from tests.mailservers.smtp import MailServer
from webapp.demo.imap import Folder, ImapServer
from webapp.settings import mailtest
from webapp.settings.mailtest import Subject

SECRET = "S3CRET-PASS"
MAIL = {"smtp_from": "noreply@example.com", "admin_email": "admin@example.com"}


def mailbox(server, **fields):
    return {
        "dmarc_imap_host": "127.0.0.1",
        "dmarc_imap_port": server.port,
        "dmarc_imap_use_ssl": False,
        "dmarc_imap_user": server.user,
        "dmarc_imap_password": server.password,
        **fields,
    }


@pytest.fixture
def imap():
    with ImapServer(password=SECRET, folders={"INBOX": Folder(), "Reports": Folder()}) as server:
        server.folders["INBOX"].add(b"Subject: a\r\n\r\n")
        yield server


def test_the_smtp_test_sends_a_mail_and_tells_each_step(make_app):
    with MailServer() as server:
        client = make_app(**MAIL, **server.at, smtp_relay_mode=True, smtp_enabled=True).test_client()
        answer = client.post("/api/settings/test/smtp")
    assert answer.json == {
        "success": True,
        "logs": [
            "Starting SMTP connection test...",
            "Host: localhost",
            f"Port: {server.port}",
            "Use TLS: false",
            "Connecting to SMTP server...",
            "Connected",
            "Relay mode: no login",
            "Sending test email...",
            "Test email sent successfully",
            "Connection closed",
            "✓ SMTP test completed successfully",
        ],
    }
    [message] = server.inbox.messages
    assert (message["To"], message["From"]) == ("admin@example.com", "noreply@example.com")


def test_the_imap_test_looks_and_changes_nothing(make_app, imap):
    client = make_app(**mailbox(imap), dmarc_imap_enabled=True).test_client()
    answer = client.post("/api/settings/test/imap").json
    assert answer["success"] is True
    assert answer["logs"][:7] == [
        "Starting IMAP connection test...",
        "Host: 127.0.0.1",
        f"Port: {imap.port}",
        "Use SSL: false",
        "User: dmarc@example.com",
        "Folder: INBOX",
        "Connecting to IMAP server...",
    ]
    assert answer["logs"][-10:] == [
        "Listing mailboxes...",
        "Found 2 mailboxes:",
        ' - "INBOX"',
        ' - "Reports"',
        "Selecting folder: INBOX",
        "Folder selected: 1 messages",
        "Searching for emails...",
        "Found 1 emails in folder",
        "Connection closed",
        "✓ IMAP test completed successfully",
    ]
    assert "EXAMINE" in imap.commands
    assert {"SELECT", "UID STORE", "UID FETCH"}.isdisjoint(imap.commands)
    assert SECRET not in str(answer)


@pytest.mark.parametrize(
    ("fields", "last"),
    [
        ({"dmarc_imap_password": "wrong-one"}, "✗ IMAP error: [AUTHENTICATIONFAILED] Authentication failed."),
        ({"dmarc_imap_folder": "Gone"}, "✗ IMAP error: [NONEXISTENT] Mailbox doesn't exist: Gone"),
        ({"dmarc_imap_port": 1}, "✗ IMAP error: [Errno 111] Connection refused"),
        ({"dmarc_imap_host": ""}, "✗ IMAP error: DMARC_IMAP_HOST is not set"),
        ({"dmarc_imap_use_ssl": True}, "✗ IMAP error: [SSL: WRONG_VERSION_NUMBER]"),
    ],
)
def test_a_failing_imap_test_says_why(make_app, imap, fields, last):
    answer = make_app(**mailbox(imap, **fields)).test_client().post("/api/settings/test/imap")
    assert (answer.status_code, answer.json["success"]) == (200, False)
    assert answer.json["logs"][-1].startswith(last)
    assert SECRET not in answer.text
    assert "wrong-one" not in answer.text


def test_without_settings_the_tests_name_what_is_missing(client):
    assert client.post("/api/settings/test/smtp").json == {
        "success": False,
        "logs": ["Starting SMTP connection test...", "✗ SMTP_HOST is not set"],
    }
    told = client.post("/api/settings/test/imap").json["logs"]
    assert told == ["Starting IMAP connection test...", "✗ IMAP error: DMARC_IMAP_HOST is not set"]


def test_a_server_that_holds_still_ends_the_test_in_time(make_settings, app, imap):
    async def never(command, words):
        if command == "LOGIN":
            await asyncio.Event().wait()

    imap.hook = never
    with app.app_context():
        told = list(mailtest.lines(Subject.IMAP, make_settings(**mailbox(imap)), seconds=0.4))
    assert told[-1] == "✗ IMAP error: The IMAP server took longer than 0.4 seconds"


def test_one_test_at_a_time(make_settings, app, imap):
    config = make_settings(**mailbox(imap))
    with app.app_context():
        first = mailtest.lines(Subject.IMAP, config)
        next(first)
        with pytest.raises(mailtest.TestRuns):
            mailtest.lines(Subject.IMAP, config)
        list(first)
        assert mailtest.is_good(list(mailtest.lines(Subject.IMAP, config)))


def test_the_page_is_sent_line_by_line(make_app, imap):
    client = make_app(**mailbox(imap)).test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/settings").text)
    answer = client.post("/settings/test/imap", data={"csrf_token": token[1]}, buffered=False)
    pieces = [piece.decode() for piece in answer.iter_encoded()]
    whole = "".join(pieces)
    assert answer.status_code == 200
    assert whole.index("Starting IMAP") < whole.index("✓ IMAP test completed successfully")
    begun = next(number for number, piece in enumerate(pieces) if "Starting IMAP" in piece)
    ended = next(number for number, piece in enumerate(pieces) if "✓ IMAP" in piece)
    assert ended - begun > 10
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert client.get("/settings/test/imap").location.endswith("/settings#test-imap")


def test_the_settings_page_offers_both_tests(make_app, imap):
    page = make_app(**mailbox(imap), **MAIL, smtp_host="mail.example.com").test_client().get("/settings").text
    assert 'action="/settings/test/smtp"' in page
    assert "Send a test mail to admin@example.com" in page
    assert "dmarc@example.com at 127.0.0.1, folder INBOX" in page
    assert SECRET not in page


def test_the_configuration_is_told_as_the_original_does_without_secrets(make_app, imap):
    client = make_app(
        **mailbox(imap), **MAIL, smtp_host="mail.example.com", smtp_password=SECRET
    ).test_client()
    told = client.get("/api/settings/info")
    assert told.json["smtp_configuration"] == {
        "enabled": False,
        "configured": True,
        "host": "mail.example.com",
        "port": 587,
        "user": None,
        "from_address": "noreply@example.com",
        "use_tls": False,
        "admin_email": "admin@example.com",
    }
    assert told.json["dmarc_configuration"]["imap_host"] == "127.0.0.1"
    assert SECRET not in told.text
