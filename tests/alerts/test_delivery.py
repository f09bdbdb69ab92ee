"""What is put into the outbox is told once on every channel that takes it, whatever is down meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import jobs.run
from jobs.tasks import deliver_notices
from tests.alerts.conftest import ADMIN, MAIL, Desk, notice
from tests.dnscheck.certs import authority, certificate
from tests.mailservers.smtp import MailServer, server_tls
from webapp.alerts.claims import TAKEN_OUT
from webapp.alerts.delivery import deliver, wait_after
from webapp.alerts.notice import Severity
from webapp.alerts.outbox import Letter, put_letter
from webapp.tables.db import db

NOBODY_LISTENS = {"smtp_port": 1}


def subjects(server: MailServer) -> list[str]:
    return [message["Subject"] for message in server.inbox.messages]


def test_a_notice_is_mailed_once(desk: Desk, post: MailServer) -> None:
    desk.put(notice())
    assert desk.run().sent == 1
    assert desk.run().sent == 0
    assert subjects(post) == ["Mailcow Logs Viewer: Title of queue:1"]
    (row,) = desk.deliveries()
    assert (row["channel"], row["attempts"], row["last_error"]) == ("mail", 1, None)
    assert row["sent_at"] is not None


def test_a_server_that_was_down_for_a_while_gets_every_notice_once(desk: Desk, post: MailServer) -> None:
    desk.put(notice())
    for attempt in range(1, 4):
        assert (desk.run(**NOBODY_LISTENS).failed, desk.run().sent) == (1, 0)
        (row,) = desk.deliveries()
        assert (row["attempts"], row["sent_at"]) == (attempt, None)
        assert row["last_error"].startswith("Connection failed")
        assert row["next_try"] - row["tried_at"] == wait_after(attempt)
        desk.wait()
    assert (desk.run().sent, desk.run().sent) == (1, 0)
    assert subjects(post) == ["Mailcow Logs Viewer: Title of queue:1"]


def test_the_wait_grows_to_an_hour_and_no_further() -> None:
    waits = [wait_after(attempts) for attempts in (1, 2, 3, 6, 7, 1000)]
    assert waits == [timedelta(minutes=n) for n in (1, 2, 4, 32, 60, 60)]


def test_two_workers_at_once_send_one_mail(desk: Desk, post: MailServer, monkeypatch: Any) -> None:
    """The second worker runs while the server takes the first one's mail."""
    desk.put(notice())
    take, others = post.inbox.handle_message, []

    def take_meanwhile(message: Any) -> None:
        others.append(desk.run().sent)
        take(message)

    monkeypatch.setattr(post.inbox, "handle_message", take_meanwhile)
    assert desk.run().sent == 1
    assert others == [0]
    assert len(post.inbox.messages) == 1


def test_a_crash_between_sending_and_commit_sends_the_same_mail_again(desk: Desk, post: MailServer) -> None:
    """The one case in which a notice is sent twice; both mails have the same Message-ID."""
    desk.put(notice())
    with desk.app.app_context():
        for done in deliver(db.session(), desk.settings):
            if done.sent:
                break
            db.session.commit()
        db.session.rollback()
    assert desk.run().sent == 1
    first, second = (message["Message-ID"] for message in post.inbox.messages)
    assert first == second


def test_what_was_put_and_not_committed_is_not_told(desk: Desk, post: MailServer) -> None:
    with desk.app.app_context():
        put_letter(db.session.connection(), notice(), Letter("x", "x"))
        db.session.rollback()
    assert desk.run().routed == 0
    assert post.inbox.messages == []


def test_many_that_are_due_become_one_mail_the_gravest_first(desk: Desk, post: MailServer) -> None:
    many = [notice(f"k:{n}", severity=Severity.INFO) for n in range(20)]
    desk.put(*many, notice("k:worst", severity=Severity.CRITICAL))
    assert desk.run().sent == 1
    assert subjects(post) == ["Mailcow Logs Viewer: 21 notices, Title of k:worst"]
    text = post.inbox.messages[0].get_payload(0).get_payload(decode=True).decode()
    assert text.startswith("Critical: Title of k:worst\r\n")
    assert all(f"Title of k:{n}\r\n" in text for n in range(20))
    assert all(row["sent_at"] for row in desk.deliveries())


def test_very_many_become_several_mails_and_each_is_told(desk: Desk, post: MailServer) -> None:
    desk.put(*(notice(f"k:{n}") for n in range(70)))
    assert desk.run().sent == 3
    texts = [mail.get_payload(0).get_payload(decode=True).decode() for mail in post.inbox.messages]
    assert sorted(text.count("Title of") for text in texts) == [10, 30, 30]


def test_few_are_told_one_by_one(desk: Desk, post: MailServer) -> None:
    desk.put(notice("a"), notice("b"), notice("c"))
    assert desk.run().sent == 3
    assert len(post.inbox.messages) == 3


def test_one_that_is_refused_does_not_hold_up_the_others(
    desk: Desk, post: MailServer, monkeypatch: Any
) -> None:
    """A spam filter on the way may not like what a notice tells of."""
    desk.put(*(notice(f"k:{n}") for n in range(4)), notice("k:spam", title="Buy cheap pills"))

    async def judge(server: Any, session: Any, envelope: Any) -> str:
        if b"cheap pills" in envelope.content:
            return "554 5.7.1 Spam message rejected"
        post.inbox.messages.append(envelope)
        return "250 OK"

    monkeypatch.setattr(post.inbox, "handle_DATA", judge)
    assert desk.run().failed == 1
    desk.wait()
    for _ in range(3):
        desk.run()
    sent = {row["notice_key"]: bool(row["sent_at"]) for row in desk.deliveries()}
    assert sent == {"k:0": True, "k:1": True, "k:2": True, "k:3": True, "k:spam": False}


def test_a_kind_goes_only_where_it_is_wished(desk: Desk, post: MailServer) -> None:
    desk.put(notice("a", "disk"), notice("b", "dns"))
    assert desk.run(alert_mail_kinds=("disk",)).sent == 1
    assert subjects(post) == ["Mailcow Logs Viewer: Title of a"]
    assert [row["notice_key"] for row in desk.deliveries()] == ["a"]
    assert desk.run().sent == 0


def test_without_any_channel_a_notice_is_kept_and_told_to_nobody(
    make_desk: Callable[..., Desk], post: MailServer
) -> None:
    desk = make_desk()
    desk.put(notice())
    assert desk.run().routed == 1
    assert desk.deliveries() == []
    assert desk.run(**MAIL, **post.at).sent == 0


def test_a_channel_that_is_taken_out_closes_what_waits_for_it_with_a_word(
    desk: Desk, post: MailServer
) -> None:
    desk.put(notice())
    desk.run(**NOBODY_LISTENS)
    assert desk.run(smtp_enabled=False).closed == 1
    (row,) = desk.deliveries()
    assert (row["last_error"], row["closed_at"] is not None) == (TAKEN_OUT, True)
    desk.wait()
    assert desk.run().sent == 0
    assert post.inbox.messages == []


def test_who_of_several_administrators_did_not_get_it_is_told(desk: Desk, post: MailServer) -> None:
    post.inbox.refused = {"gone@example.com": "550 5.1.1 No such user"}
    desk.put(notice())
    assert desk.run(admin_email=f"gone@example.com, {ADMIN}").sent == 1
    (row,) = desk.deliveries()
    assert row["last_error"].startswith("Refused for gone@example.com")


def test_a_notice_that_brings_its_own_mail_is_sent_by_itself(desk: Desk, post: MailServer) -> None:
    desk.put(*(notice(f"k:{n}") for n in range(4)))
    with desk.app.app_context():
        put_letter(db.session.connection(), notice("summary"), Letter("The week", "<p>The week</p>"))
        db.session.commit()
    assert desk.run().sent == 2
    own = [each for each in post.inbox.messages if each["Subject"].endswith("Title of summary")]
    assert own[0].get_payload(1).get_payload(decode=True).decode().strip() == "<p>The week</p>"


@pytest.mark.parametrize("chosen", [{"smtp_use_tls": True}, {"smtp_use_ssl": True}])
def test_notices_go_over_tls_and_wait_while_the_certificate_is_bad(
    make_desk: Callable[..., Desk], tmp_path: Any, monkeypatch: Any, chosen: dict[str, bool]
) -> None:
    with MailServer(server_tls(tmp_path, certificate("localhost")), None, "smtp_use_ssl" in chosen) as server:
        desk = make_desk(**MAIL, **server.at, **chosen)
        desk.put(notice())
        assert desk.run().failed == 1
        assert desk.deliveries()[0]["last_error"].startswith("The certificate cannot be verified")
        (tmp_path / "authority.pem").write_bytes(authority().pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        desk.wait()
        assert desk.run().sent == 1
        assert len(server.inbox.messages) == 1


def test_old_notices_are_forgotten_and_those_that_still_wait_are_not(desk: Desk) -> None:
    desk.put(notice("told"), notice("waits"))
    desk.run(**NOBODY_LISTENS)
    desk.do("UPDATE notices SET made_at = now() - interval '91 days'")
    desk.do("UPDATE notice_deliveries SET sent_at = now() WHERE notice_key = 'told'")
    assert desk.run(**NOBODY_LISTENS).forgotten == 1
    assert [row["notice_key"] for row in desk.deliveries()] == ["waits"]


def test_the_job_tells_what_it_did(desk: Desk, post: MailServer, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs.run, "application", lambda: desk.app)
    desk.put(notice())
    assert deliver_notices() == "success"
    assert len(post.inbox.messages) == 1
