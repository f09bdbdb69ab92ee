"""Reports fetched from a mailbox: each once, the rest untouched, whatever the server does."""

import asyncio
from contextlib import suppress

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from tests.dnscheck.loopback import Loopback
from tests.reports.imapbox import BROKEN, ORDINARY, PAGE, fields, report, rows, stored, sync
from webapp.demo.imap import Folder, ImapServer
from webapp.reports.imap import connection, mailbox, refusals
from webapp.reports.imap import sync as work
from webapp.tables.db import db

SYNC = "SELECT * FROM imap_syncs ORDER BY id DESC LIMIT 1"
END_CONNECTIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
FAILURES = "SELECT uid, state, attempts, reason, subject, validity FROM imap_failures ORDER BY uid"


@pytest.fixture
def server():
    with ImapServer() as made:
        yield made


@pytest.fixture
def inbox(server):
    return server.folders["INBOX"]


@pytest.fixture(autouse=True)
def _in_the_application(app, monkeypatch):
    monkeypatch.setattr(work, "PAUSE", 0.0)
    with app.app_context():
        yield


def test_reports_are_stored_and_other_mail_stays_as_it_is(make_settings, server, inbox):
    for content in (report(1), ORDINARY, PAGE, report(2)):
        inbox.add(content)
    sync(make_settings(**fields(server)))
    assert stored() == ["r-1", "r-2"]
    assert [mail.flags for mail in inbox.mails] == [set()] * 4
    [found] = rows(SYNC)
    assert (found["status"], found["sync_type"], found["seen"], found["total"]) == ("success", "auto", 4, 4)
    assert (found["emails_found"], found["emails_processed"], found["reports_created"]) == (2, 2, 2)
    assert found["completed_at"] >= found["started_at"]
    assert {"UID STORE", "SELECT", "EXPUNGE"}.isdisjoint(server.commands)
    assert rows(FAILURES) == []


def test_mails_that_were_read_already_are_imported_and_no_mail_is_looked_at_twice(
    make_settings, server, inbox
):
    settings = make_settings(**fields(server))
    inbox.add(report(1), "\\Seen")
    sync(settings)
    inbox.add(report(2), "\\Seen")
    inbox.add(report(1))
    sync(settings)
    assert stored() == ["r-1", "r-2"]
    assert [row["seen"] for row in rows("SELECT seen FROM imap_syncs ORDER BY id")] == [1, 2]
    assert rows(SYNC)[0]["reports_duplicate"] == 1
    server.commands.clear()
    sync(settings)
    assert "UID FETCH" not in server.commands


def test_after_other_uids_nothing_is_stored_twice(make_settings, server, inbox):
    settings = make_settings(**fields(server))
    for number in range(5):
        inbox.add(report(number))
    inbox.add(BROKEN)
    for _ in range(3):
        sync(settings)
    kept = rows(FAILURES)
    assert [(row["state"], row["attempts"]) for row in kept] == [("kept", 3)]
    del inbox.mails[0]
    inbox.renumber(77)
    sync(settings)
    assert len(stored()) == 5
    assert rows(SYNC)[0]["reports_duplicate"] == 4
    assert [(row["validity"], row["uid"], row["state"]) for row in rows(FAILURES)] == [(77, 5, "kept")]


def test_a_failing_mail_is_tried_thrice_and_stops_no_other(make_settings, server, inbox):
    settings = make_settings(**fields(server))
    inbox.add(BROKEN)
    inbox.add(report(1))
    states = []
    for _ in range(4):
        sync(settings)
        states += [(row["attempts"], row["state"]) for row in rows(FAILURES)]
    assert states == [(1, "retrying"), (2, "retrying"), (3, "kept"), (3, "kept")]
    assert stored() == ["r-1"]
    listed = rows("SELECT status, reports_failed, error_message, failed_emails FROM imap_syncs ORDER BY id")
    assert [row["reports_failed"] for row in listed] == [1, 1, 1, 0]
    assert (listed[0]["status"], listed[0]["error_message"]) == ("success", "1 emails failed to process")
    [mail] = listed[0]["failed_emails"]
    assert (mail["email_id"], mail["subject"][:14]) == ("1", "Report Domain:")
    assert mail["error"] == rows(FAILURES)[0]["reason"]
    assert listed[3]["failed_emails"] is None


@pytest.mark.parametrize(
    "capabilities", [("IMAP4rev1", "MOVE", "UIDPLUS"), ("IMAP4rev1", "UIDPLUS"), ("IMAP4rev1",)]
)
def test_processed_mails_are_moved_and_no_other(make_settings, server, inbox, capabilities):
    server.capabilities = capabilities
    for content in (report(1), ORDINARY, BROKEN, report(2)):
        inbox.add(content)
    sync(make_settings(**fields(server, dmarc_imap_processed_folder="Reports/Done")))
    assert [mail.uid for mail in inbox.mails] == [2, 3]
    assert [mail.content for mail in server.folders["Reports/Done"].mails] == [report(1), report(2)]
    assert rows("SELECT * FROM imap_due") == []


def test_mails_that_others_deleted_are_not_expunged_with_ours(make_settings, server, inbox):
    server.capabilities = ("IMAP4rev1",)
    inbox.add(ORDINARY, "\\Deleted")
    inbox.add(report(1))
    sync(make_settings(**fields(server, dmarc_imap_delete_after=True)))
    assert [(mail.uid, mail.flags) for mail in inbox.mails] == [(1, {"\\Deleted"}), (2, {"\\Deleted"})]
    server.capabilities = ("IMAP4rev1", "UIDPLUS")
    inbox.add(report(2))
    sync(make_settings(**fields(server, dmarc_imap_delete_after=True)))
    assert [mail.uid for mail in inbox.mails] == [1, 2]


@pytest.mark.parametrize(("chosen", "flags"), [({"dmarc_imap_mark_seen": True}, {"\\Seen"}), ({}, set())])
def test_processed_mails_are_marked_only_where_that_is_set(make_settings, server, inbox, chosen, flags):
    inbox.add(ORDINARY)
    inbox.add(report(1))
    sync(make_settings(**fields(server, **chosen)))
    assert [mail.flags for mail in inbox.mails] == [set(), flags]


def test_the_prefix_and_the_separator_are_the_servers(make_settings, server, inbox):
    server.prefix, server.separator = "INBOX.", "."
    server.folders["INBOX.Dmarc.In"] = Folder()
    server.folders["INBOX.Dmarc.In"].add(report(1))
    moved = fields(server, dmarc_imap_folder="Dmarc/In", dmarc_imap_processed_folder="Dmarc/Done")
    sync(make_settings(**moved))
    assert len(server.folders["INBOX.Dmarc.Done"].mails) == 1
    assert stored() == ["r-1"]


def test_with_the_database_away_nothing_is_moved(make_settings, server, inbox, clean_database):
    inbox.add(report(1))
    settings = make_settings(**fields(server, dmarc_imap_delete_after=True))
    steps = work.run(db.session(), settings)
    for _ in steps:
        if db.session.execute(db.text("SELECT 1 FROM dmarc_reports")).first():
            break
        db.session.commit()
    with psycopg.connect(clean_database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute(END_CONNECTIONS)
    with pytest.raises(DBAPIError):
        db.session.commit()
    steps.close()
    db.session.rollback()
    assert len(inbox.mails) == 1
    assert stored() == []
    assert {"UID MOVE", "UID STORE", "UID COPY"}.isdisjoint(server.commands)
    sync(settings)
    assert (stored(), inbox.mails) == (["r-1"], [])


def test_what_was_to_be_moved_when_the_worker_was_killed_is_moved_later(make_settings, server, inbox):
    for number in range(3):
        inbox.add(report(number))
    settings = make_settings(**fields(server, dmarc_imap_delete_after=True))
    steps = work.run(db.session(), settings)
    for _ in range(3):
        next(steps)
        db.session().commit()
    steps.close()  # after the commit, before the mails are touched
    assert len(stored()) == 3
    assert len(inbox.mails) == 3
    sync(settings)
    assert inbox.mails == []
    syncs = rows("SELECT status, reports_created FROM imap_syncs")
    assert syncs == [{"status": "success", "reports_created": 3}]  # the same sync went on


def test_ten_cuts_change_nothing(make_settings, server, inbox):
    for number in range(30):
        inbox.add(report(number) if number % 3 else ORDINARY)
    fetches = 0

    async def cut(command, words):
        nonlocal fetches
        if command == "UID FETCH":
            fetches += 1
            if fetches % 5 == 0 and fetches <= 50:
                raise ConnectionResetError

    server.hook = cut
    sync(make_settings(**fields(server, dmarc_imap_batch_size=4)))
    assert len(stored()) == 20
    [found] = rows(SYNC)
    assert (found["seen"], found["reports_created"], found["reports_duplicate"]) == (30, 20, 0)
    assert server.commands.count("LOGIN") == 11
    assert rows(FAILURES) == []


def test_a_mail_that_breaks_every_connection_is_set_aside(make_settings, server, inbox):
    for number in range(3):
        inbox.add(report(number))

    async def cut(command, words):
        if command == "UID FETCH" and words[0] == "2" and "BODY" in words[1]:
            raise ConnectionResetError

    server.hook = cut
    sync(make_settings(**fields(server)))
    assert stored() == ["r-0", "r-2"]
    assert [(row["uid"], row["state"], row["reason"]) for row in rows(FAILURES)] == [(2, "kept", work.BROKE)]


def test_a_server_that_holds_still_at_a_mail_is_left(make_settings, server, inbox, monkeypatch):
    for number in range(3):
        inbox.add(report(number))
    patient = mailbox.STEP

    async def hold(command, words):
        """Only the command that is held has little time, so that a busy machine changes nothing."""
        if command == "UID FETCH" and words[0] == "2" and "BODY" in words[1]:
            monkeypatch.setattr(mailbox, "STEP", patient)
            await asyncio.Event().wait()
        if command == "UID FETCH" and (words[0] == "2" or (words[0] == "1" and "BODY" in words[1])):
            monkeypatch.setattr(mailbox, "STEP", 0.2)

    server.hook = hold
    sync(make_settings(**fields(server)))
    assert stored() == ["r-0", "r-2"]
    assert [(row["uid"], row["reason"]) for row in rows(FAILURES)] == [(2, work.BROKE)]


def test_a_mail_that_stops_the_program_is_set_aside(make_settings, server, inbox, monkeypatch):
    for number in range(3):
        inbox.add(report(number))
    settings = make_settings(**fields(server))

    def judge(session, mail, limits, *, failures):
        if mail.uid == 2 and not mail.reason:
            raise MemoryError
        return real(session, mail, limits, failures=failures)

    real = work.judge
    monkeypatch.setattr(work, "judge", judge)
    for _ in range(5):
        with suppress(MemoryError):
            sync(settings)
        db.session().rollback()
    assert stored() == ["r-0", "r-2"]
    assert [(row["uid"], row["reason"]) for row in rows(FAILURES)] == [(2, work.STOPPED)]
    assert [row["status"] for row in rows("SELECT status FROM imap_syncs")] == ["success"]


def test_servers_without_sizes_and_with_literals_of_50_mb_are_survived(make_settings, server, inbox):
    server.tells_size = server.cuts = False
    inbox.add(report(1))
    inbox.add(b"Subject: film\r\n\r\n" + b"x" * 50_000_000)
    inbox.add(b"Subject: Report\r\n\r\nH4sI" + b"x" * 15_000_000)
    inbox.add(report(2))
    sync(make_settings(**fields(server)))
    assert stored() == ["r-1", "r-2"]
    assert [(row["uid"], row["subject"], row["reason"]) for row in rows(FAILURES)] == [
        (3, "Report", "The file is larger than 10 MB (DMARC_MAX_UPLOAD_MB)")
    ]


def test_a_large_mail_is_not_fetched_where_its_size_is_told(make_settings, server, inbox):
    inbox.add(b"Subject: film\r\n\r\n" + b"x" * 12_000_000)
    sync(make_settings(**fields(server)))
    assert rows(FAILURES) == []
    assert rows(SYNC)[0]["seen"] == 1


def test_a_long_sync_goes_on_in_another_run(make_settings, server, inbox, monkeypatch):
    for number in range(5):
        inbox.add(report(number))
    settings = make_settings(**fields(server, dmarc_imap_batch_size=2))
    monkeypatch.setattr(work, "BUDGET", -1.0)
    runs = [sync(settings) for _ in range(4)]
    assert [progress.goes_on for progress in runs] == [True, True, True, False]
    assert len({progress.sync for progress in runs}) == 1
    assert rows("SELECT status, seen, reports_created, resumed FROM imap_syncs") == [
        {"status": "success", "seen": 5, "reports_created": 5, "resumed": 0}
    ]


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        ({"dmarc_imap_password": "no"}, refusals.ImapLoginRefused, "[AUTHENTICATIONFAILED] Authentication"),
        ({"dmarc_imap_folder": "Gone"}, refusals.ImapFolderMissing, "[NONEXISTENT] Mailbox doesn't exist"),
        ({"dmarc_imap_host": "no-such.invalid"}, refusals.ImapAway, "[Errno -"),
        ({"dmarc_imap_port": 1}, refusals.ImapAway, "[Errno 111] Connection refused"),
        ({"dmarc_imap_host": ""}, refusals.ImapNotConfigured, "DMARC_IMAP_HOST is not set"),
    ],
)
def test_what_keeps_the_mailbox_closed_is_told(make_settings, server, wrong, kind, words):
    with pytest.raises(kind):
        sync(make_settings(**fields(server, **wrong)))
    [found] = rows(SYNC)
    assert (found["status"], found["emails_found"], found["failed_emails"]) == ("error", 0, None)
    assert found["error_message"].startswith(words)
    assert found["completed_at"]


def test_a_server_that_refuses_to_move_is_told_and_tried_again(make_settings, server, inbox):
    inbox.add(report(1))
    server.prefix = "Mine/"
    settings = make_settings(**fields(server, dmarc_imap_processed_folder="Done"))

    async def no_create(command, words):
        if command == "CREATE":
            server.prefix = "Other/"

    server.hook = no_create
    sync(settings)
    [found] = rows(SYNC)
    assert (found["status"], found["reports_created"]) == ("error", 1)
    assert found["error_message"].startswith("Reports are stored, but their mails cannot be moved")
    server.hook, server.prefix = nothing, "Mine/"
    sync(settings)
    assert (rows(SYNC)[0]["status"], inbox.mails) == ("success", [])


async def nothing(command, words):
    await asyncio.sleep(0)


def test_a_server_that_never_comes_to_an_end_fills_no_memory(make_settings, monkeypatch):
    async def flood(reader, writer, server):
        await server.send(writer, b"* OK ready\r\n")
        await reader.readline()
        while True:
            await server.send(writer, b"* CAPABILITY IMAP4rev1\r\n" * 5000)

    monkeypatch.setattr(connection, "MOST_SAID", 1_000_000)
    with Loopback(flood) as server, pytest.raises(refusals.ImapAway, match="says more than"):
        sync(make_settings(**fields(ImapServer(port=server.port))))
