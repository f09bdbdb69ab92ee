"""Dovecot's log: its rows may come before or after Postfix's, twice, or not at all."""

import random

import pytest

from tests.samples import recorded
from webapp.ingest import offered

MINUTE = 60


@pytest.fixture
def app_context(viewer):
    with viewer.app.app_context():
        yield


def start():
    return recorded.NEWEST_AT - 10 * MINUTE


def row(second, message):
    return {"time": str(second), "program": "dovecot", "priority": "info", "message": message}


def sign_in(second, user="anna@a.example", ip="192.0.2.1"):
    return row(
        second, f"imap-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip=::1, mpid={second}, TLS"
    )


def mail(second, reply, user="anna@nordlicht-kontor.example"):
    """Lines of one mail to this user, which ends with Dovecot's reply."""
    lines = [
        ("postfix/smtpd", "4104E3DAB: client=x.example[203.0.113.9]"),
        ("postfix/cleanup", "4104E3DAB: message-id=<m@b.example>"),
        ("postfix/qmgr", "4104E3DAB: from=<s@b.example>, size=9, nrcpt=1 (queue active)"),
        (
            "postfix/lmtp",
            f"4104E3DAB: to=<{user}>, relay=dovecot[172.22.1.250]:24, delay=1, delays=0/0/0/1, {reply}",
        ),
        ("postfix/qmgr", "4104E3DAB: removed"),
    ]
    return [
        {"time": str(second), "program": program, "priority": "info", "message": line}
        for program, line in lines
    ]


SAVED = "dsn=2.0.0, status=sent (250 2.0.0 <anna@nordlicht-kontor.example> S3ss10n Saved)"
STORED = "lmtp(anna@nordlicht-kontor.example)<1><S3ss10n>: sieve: msgid=<m@b.example>: "


def told(viewer):
    (found,) = viewer.ask("SELECT folder, filter FROM deliveries")
    (message,) = viewer.ask("SELECT final_status FROM messages")
    return found["folder"], found["filter"], message["final_status"]


@pytest.mark.parametrize("first", ["postfix", "dovecot", "both"])
def test_the_folder_is_told_whichever_log_comes_first(viewer, replay, first):
    rows = {
        "postfix": mail(start(), SAVED),
        "dovecot": [row(start(), STORED + "fileinto action: stored mail into mailbox 'Junk'")],
    }
    for name in rows if first == "both" else (first,):
        replay.lists[name] = rows[name]
    viewer.fetch()
    replay.lists |= rows
    viewer.fetch()
    assert told(viewer) == ("Junk", "fileinto", "spam")
    assert viewer.told()


@pytest.mark.parametrize(
    "reply",
    [
        "dsn=2.0.0, status=sent (250 2.0.0 <anna@nordlicht-kon",
        "dsn=4.2.2, status=deferred (host dovecot[172.22.1.250] said: 452 4.2.2 full)",
    ],
)
@pytest.mark.parametrize("late", [False, True])
def test_where_the_reply_names_no_session_message_id_mailbox_and_time_tell(viewer, replay, reply, late):
    replay.lists["postfix"] = mail(start(), reply)
    told_by = row(start() - 1, STORED + "failed to store into mailbox 'INBOX': Quota exceeded")
    strangers = [
        row(start() - 90, STORED.replace("S3ss10n", "before") + "stored mail into mailbox 'INBOX'"),
        row(start(), STORED.replace("anna", "eike").replace("S3", "S4") + "stored mail into mailbox 'INBOX'"),
    ]
    if late:
        viewer.fetch()
    replay.lists["dovecot"] = [strangers[0], told_by, strangers[1]]
    viewer.fetch()
    assert told(viewer)[:2] == (None, "failed INBOX: Quota exceeded")


def test_any_cut_of_both_logs_tells_the_same(make_viewer, replay, recorded_viewer):
    viewer, chance = make_viewer(fetch_count_postfix=1000), random.Random(3)
    lists = recorded.lists()
    shown = dict.fromkeys(lists, 0)
    while any(shown[name] < len(rows) for name, rows in lists.items()):
        for name in chance.sample(sorted(lists), 2):
            shown[name] = min(len(lists[name]), shown[name] + chance.randint(0, 1 + len(lists[name]) // 3))
        replay.lists |= {name: rows[: shown[name]] for name, rows in lists.items()}
        viewer.fetch()
    viewer.settle()
    without = ("correlation", "content_digest")
    assert viewer.table("deliveries") == recorded_viewer.table("deliveries")
    assert viewer.table("messages", *without) == recorded_viewer.table("messages", *without)


def test_sign_ins_are_counted_by_hour_address_and_protocol_once(viewer, replay):
    hour = start() - start() % 3600
    rows = [sign_in(hour + second) for second in (-9, 1, 1, 7)] + [sign_in(hour + 8, ip="192.0.2.2")]
    replay.lists["dovecot"] = rows[:3]
    viewer.fetch()
    replay.lists["dovecot"] = rows
    viewer.fetch()
    counted = viewer.ask("SELECT ip, n, last_at - hour AS after FROM sign_ins ORDER BY hour, ip")
    assert [(each["ip"], each["n"]) for each in counted] == [
        ("192.0.2.1", 1),
        ("192.0.2.1", 3),
        ("192.0.2.2", 1),
    ]
    assert counted[1]["after"].total_seconds() == 7
    before = viewer.table("sign_ins")
    viewer.do("DELETE FROM log_cursors")
    viewer.fetch()
    assert viewer.table("sign_ins") == before
    assert viewer.count("dovecot_logs") == 0


def test_a_mailcow_without_the_log_is_read_as_before_and_asked_seldom(viewer, replay, app_context):
    del replay.lists["dovecot"]
    replay.lists["postfix"] = mail(start(), SAVED)
    for _ in range(2):
        assert viewer.fetch().failures == []
    assert told(viewer) == (None, None, "delivered")
    assert sum("dovecot" in route for route in replay.requests) == 1
    assert "404" in offered.refused("dovecot").reason


@pytest.mark.parametrize("fault", ["500", "html", "empty"])
def test_an_error_of_that_log_alone_is_no_failure(viewer, replay, app_context, fault):
    replay.fault, replay.broken_route = fault, "dovecot"
    replay.lists["postfix"] = mail(start(), SAVED)
    assert viewer.fetch().failures == []
    assert offered.refused("dovecot") is not None
    replay.fault = "ok"
    replay.lists["dovecot"] = [row(start(), STORED + "stored mail into mailbox 'INBOX'")]
    offered.cache.forget("offered:dovecot")
    viewer.fetch()
    assert told(viewer) == ("INBOX", None, "delivered")
    assert offered.refused("dovecot") is None


def test_the_log_can_be_switched_off(make_viewer, replay):
    replay.lists = recorded.lists()
    viewer = make_viewer(dovecot_logs=False)
    viewer.fetch()
    assert not any("dovecot" in route for route in replay.requests)
    assert viewer.count("dovecot_logs") == 0


def test_lines_that_tell_nothing_make_no_gap(make_viewer, replay):
    viewer = make_viewer(fetch_count_dovecot=50)
    noise = [row(start() + number, f"lmtp({number}): Connect from 172.22.1.250") for number in range(300)]
    kept = row(start(), STORED + "stored mail into mailbox 'INBOX'")
    replay.lists["dovecot"] = [kept, *noise[:200]]
    viewer.fetch()
    replay.lists["dovecot"] = [kept, *noise[:100]]
    viewer.fetch()
    assert viewer.count("log_gaps") == 0
    replay.lists["dovecot"] = [
        row(start() + 400, STORED.replace("S3", "S5") + "stored mail into mailbox 'A'")
    ]
    viewer.fetch()
    assert viewer.count("log_gaps") == 1
