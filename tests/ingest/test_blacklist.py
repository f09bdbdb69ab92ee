"""Nothing of a mail from or to a blacklisted address is stored, whatever line names it first and wherever a
poll cuts the mail."""

import itertools

import pytest

from tests.samples import recorded
from webapp.ingest.blacklist import matcher
from webapp.mailcow.client import MailcowError

NOW = int(recorded.rows("postfix")[-1]["time"])
SECRET = "secret@list.example"
TABLES = ("postfix_logs", "messages", "deliveries", "rspamd_logs", "dovecot_logs")


def line(second, program, message):
    return {
        "time": str(NOW + second),
        "program": f"postfix/{program}",
        "priority": "info",
        "message": message,
    }


def mail(queue_id, sender, target, alias, message_id):
    """A whole mail, oldest line first."""
    to = f"to=<{target}>, " + (f"orig_to=<{alias}>, " if alias else "")
    return [
        line(0, "smtpd", f"{queue_id}: client=mx.example[192.0.2.1]"),
        line(0, "cleanup", f"{queue_id}: message-id=<{message_id}>"),
        line(1, "qmgr", f"{queue_id}: from=<{sender}>, size=700, nrcpt=1 (queue active)"),
        line(
            2,
            "lmtp",
            f"{queue_id}: {to}relay=dovecot[172.22.1.250]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, "
            f"status=sent (250 Saved)",
        ),
        line(2, "qmgr", f"{queue_id}: removed"),
    ]


def scan(sender, recipient, message_id):
    return {
        "unix_time": NOW,
        "action": "no action",
        "symbols": {},
        "message-id": message_id,
        "sender_smtp": sender,
        "rcpt_smtp": [recipient],
        "ip": "192.0.2.1",
        "score": 1,
        "subject": "for nobody else",
    }


def saved(row):
    """Dovecot's line of the same mail; it names the mailbox and the Message-ID, never the sender."""
    told = f"sieve: msgid=<{row['message-id']}>: stored mail into mailbox 'INBOX'"
    text = f"lmtp(b@y.example)<71><AbCdEfGh{NOW}>: {told}"
    return {"time": str(NOW + 2), "program": "dovecot", "priority": "info", "message": text}


NAMED = {  # who is blacklisted -> (lines, Rspamd's row)
    "the sender": (mail("AAAAAA1", SECRET, "b@y.example", None, "1@x"), scan(SECRET, "b@y.example", "1@x")),
    "the recipient": (
        mail("AAAAAA2", "a@x.example", SECRET, None, "2@x"),
        scan("a@x.example", SECRET, "2@x"),
    ),
    "an alias": (
        mail("AAAAAA3", "a@x.example", "b@y.example", SECRET, "3@x"),
        scan("a@x.example", SECRET, "3@x"),
    ),
    "the target of an alias, which Rspamd does not know": (
        mail("AAAAAA4", "a@x.example", SECRET.upper(), "team@y.example", "4@x"),
        scan("a@x.example", "team@y.example", "4@x"),
    ),
    "only Rspamd's row": (
        mail("AAAAAA5", "a@x.example", "b@y.example", "c@y.example", "5@x"),
        scan("a@x.example", SECRET, "5@x"),
    ),
}
POSTFIX_NAMES_IT = [who for who in NAMED if who != "only Rspamd's row"]
OTHER = mail("BBBBBB1", "a@x.example", "b@y.example", None, "9@x")


@pytest.fixture
def blacklisting(make_viewer):
    return make_viewer(blacklist_emails=SECRET)


def stored(viewer):
    return {table: viewer.count(table) for table in TABLES}


NOTHING = dict.fromkeys(TABLES, 0)


@pytest.mark.parametrize("who", POSTFIX_NAMES_IT)
@pytest.mark.parametrize("cut", [0, 1, 3, 5])
def test_nothing_is_stored_wherever_a_poll_cuts_the_mail(blacklisting, replay, who, cut):
    lines, row = NAMED[who]
    replay.lists["postfix"] = lines[:cut]
    replay.lists["rspamd-history"] = [row] if cut else []
    replay.lists["dovecot"] = [saved(row)] if cut > 2 else []
    blacklisting.fetch()
    replay.lists["postfix"], replay.lists["dovecot"] = lines, [saved(row)]
    replay.lists["rspamd-history"] = [row]
    blacklisting.fetch()
    assert stored(blacklisting) == NOTHING


@pytest.mark.parametrize("who", POSTFIX_NAMES_IT)
def test_nothing_is_stored_where_rspamds_row_comes_first_or_last(blacklisting, replay, who):
    lines, row = NAMED[who]
    replay.lists["rspamd-history"] = [row]
    replay.fault, replay.broken_route = "500", "postfix"
    with pytest.raises(MailcowError):
        blacklisting.fetch()
    replay.fault = "ok"
    replay.lists["postfix"] = lines
    blacklisting.fetch()
    assert stored(blacklisting) == NOTHING


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_nothing_is_stored_in_any_order_within_a_second(blacklisting, replay, order):
    lines, row = NAMED["the target of an alias, which Rspamd does not know"]
    same_second = [{**lines[n], "time": str(NOW)} for n in (1, 3, 4)]
    replay.lists["postfix"] = [lines[0], *(same_second[n] for n in order)]
    replay.lists["rspamd-history"] = [row]
    blacklisting.fetch()
    assert stored(blacklisting) == NOTHING


def test_other_mail_is_stored_whole(blacklisting, replay):
    lines, row = NAMED["the sender"]
    replay.lists["postfix"] = [line for pair in zip(OTHER, lines, strict=True) for line in pair]
    replay.lists["rspamd-history"] = [scan("a@x.example", "b@y.example", "9@x"), row]
    mine = scan("a@x.example", "b@y.example", "9@x")
    replay.lists["dovecot"] = [saved(row), saved(mine)]
    blacklisting.fetch()
    assert stored(blacklisting) == dict.fromkeys(TABLES, 1) | {"postfix_logs": 5}


def test_a_refused_attempt_of_a_blacklisted_sender_is_not_stored(blacklisting, replay):
    replay.lists["postfix"] = [
        line(
            0,
            "smtpd",
            f"NOQUEUE: reject: RCPT from x[1.2.3.4]: 550 5.1.1 no; from=<{SECRET}> to=<b@y.example> "
            "proto=ESMTP helo=<x>",
        )
    ]
    blacklisting.fetch()
    assert stored(blacklisting) == NOTHING


def test_a_short_queue_id_that_is_used_again_by_other_mail_is_not_asked_for_here(blacklisting, replay):
    """The id stays suppressed until it is forgotten with the retention: too much is hidden then, never too
    little."""
    lines, _ = NAMED["the sender"]
    replay.lists["postfix"] = lines
    blacklisting.fetch()
    replay.lists["postfix"] += [line(60, "qmgr", "AAAAAA1: removed")]
    blacklisting.fetch()
    assert blacklisting.count("suppressed_queue_ids") == 1
    assert stored(blacklisting) == NOTHING


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from=<secret@list.example>,", True),
        ("FROM=<Secret@List.Example>", True),
        ("secret@list.example", True),
        ("to=<secret@list.example.org>", False),
        ("to=<top.secret@list.example>", False),
        ("to=<secret@list.example-two.org>", False),
        ("to=<secret@listexample>", False),
        ("see secret@list.example.", True),
        ("", False),
    ],
)
def test_an_address_is_found_whole_and_in_any_case(text, found):
    assert bool(matcher([SECRET]).search(text)) is found


def test_no_addresses_hide_nothing():
    assert matcher([]) is None
