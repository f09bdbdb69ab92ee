"""A notice is kept with the transaction that found it, once."""

from typing import Any

from sqlalchemy import text

from webapp.alerts.notice import Notice, Severity
from webapp.alerts.outbox import Letter, put, put_letter

HOSTILE = 'from "<b>x</b>" \\ %s {0} \N{SNOWMAN}'


def notice(key: str = "queue:1", title: str = "The queue is long") -> Notice:
    return Notice(key, ("queue_length", "queue_age"), Severity.WARNING, title, (HOSTILE, "two"), "/queue")


def kept(session: Any) -> list[Any]:
    return list(session.execute(text("SELECT * FROM notices ORDER BY key")))


def test_a_notice_is_kept_as_it_is(db_session: Any) -> None:
    assert put(db_session.connection(), [notice()]) == 1
    (row,) = kept(db_session)
    assert (row.key, row.kinds, row.severity) == ("queue:1", ["queue_length", "queue_age"], "warning")
    assert (row.title, row.lines, row.link) == ("The queue is long", [HOSTILE, "two"], "/queue")
    assert (row.mail_html, row.routed_at) == (None, None)


def test_the_same_key_is_told_once_and_stays_as_it_was_told(db_session: Any) -> None:
    put(db_session.connection(), [notice()])
    assert put(db_session.connection(), [notice(title="other"), notice("queue:2")]) == 1
    assert [row.title for row in kept(db_session)] == ["The queue is long", "The queue is long"]


def test_what_is_rolled_back_is_not_told(db_session: Any) -> None:
    put(db_session.connection(), [notice()])
    db_session.rollback()
    assert kept(db_session) == []


def test_no_notice_is_no_statement(db_session: Any) -> None:
    assert put(db_session.connection(), []) == 0


def test_a_notice_may_bring_its_own_mail(db_session: Any) -> None:
    assert put_letter(db_session.connection(), notice(), Letter("text", "<p>html</p>"))
    assert not put_letter(db_session.connection(), notice(), Letter("again", ""))
    (row,) = kept(db_session)
    assert (row.mail_text, row.mail_html) == ("text", "<p>html</p>")
