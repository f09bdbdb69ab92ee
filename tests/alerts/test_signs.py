"""Signs are kept from their beginning to their end."""

import pytest

from webapp.alerts import signs
from webapp.tables.db import db

FULL = "b.jansen@nordlicht-kontor.example"


@pytest.fixture
def watch(viewer):
    def run(**limits):
        with viewer.app.app_context():
            figures = signs.watch(db.session.connection(), viewer.settings.model_copy(update=limits))
            db.session.commit()
        return figures

    return run


def told(viewer, kind):
    with viewer.app.app_context():
        return [sign for sign in signs.current(db.session()) if sign.kind == kind]


def test_a_full_mailbox_is_told_until_it_is_no_longer_full(viewer, watch):
    viewer.read_mailboxes()
    viewer.do("UPDATE mailboxes SET quota_used = quota * 0.95 WHERE username = :name", name=FULL)
    watch()
    (first,) = [sign for sign in told(viewer, "quota") if sign.username == FULL]
    assert first.sentence == "95 % of its quota is used"
    watch()
    (again,) = [sign for sign in told(viewer, "quota") if sign.username == FULL]
    assert again.since == first.since
    viewer.do("UPDATE mailboxes SET quota_used = 0 WHERE username = :name", name=FULL)
    assert watch()["ended"] >= 1
    assert [sign for sign in told(viewer, "quota") if sign.username == FULL] == []
    with viewer.app.app_context():
        (over,) = [one for one in signs.of_mailbox(db.session(), FULL) if one.kind == "quota"]
    assert over.ended_at > over.since


def test_mailboxes_that_nobody_signed_into_are_told(viewer, watch):
    viewer.read_mailboxes()
    watch()
    never = {
        row["username"]
        for row in viewer.ask(
            "SELECT username FROM mailboxes WHERE active AND last_imap_login IS NULL "
            "AND last_pop3_login IS NULL AND last_smtp_login IS NULL"
        )
    }
    assert {sign.username for sign in told(viewer, "unused")} == never
    assert 0 < len(never) < 23


def test_a_burst_is_found_in_the_messages(viewer, watch):
    viewer.fetch()
    viewer.do("UPDATE messages SET first_seen = first_seen")
    busiest = viewer.ask(
        "SELECT account, count(*) AS n FROM messages WHERE account IS NOT NULL AND direction <> 'inbound' "
        "AND first_seen > now() - interval '15 minutes' GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    )
    least = busiest[0]["n"] if busiest else 1
    watch(sign_burst_mails=least)
    assert {sign.username for sign in told(viewer, "burst")} >= {row["account"] for row in busiest}
    watch(sign_burst_mails=least + 1)
    assert told(viewer, "burst") == []
