"""Delivery lines: fields by name, whatever stands between them, and what their status means."""

# ruff: noqa: E501 - log lines are kept whole
import pytest

from webapp.parse.postfix import outcome, parse_line

DELIVERIES = [
    (
        "postfix/lmtp",
        "AD6E41CD: to=<x@my.example>, relay=dovecot[fd4d::1]:24, delay=0.66, delays=0.6/0.01/0.02/0.02, dsn=2.0.0, status=sent "
        "(250 2.0.0 <x@my.example> session Saved)",
        (
            "x@my.example",
            None,
            "dovecot[fd4d::1]:24",
            0.66,
            "2.0.0",
            "delivered",
            "250 2.0.0 <x@my.example> session Saved",
        ),
    ),
    (
        "postfix/lmtp",
        "AD6E41CD: to=<a@x.example>, relay=sub1.example[private/dovecot-lmtp], delay=0.15, delays=0/0/0/0, dsn=2.0.0, "
        "status=sent (ok)",
        ("a@x.example", None, "sub1.example[private/dovecot-lmtp]", 0.15, "2.0.0", "delivered", "ok"),
    ),
    (
        "postfix/lmtp",
        "5509A83270: to=<u@l.example>, relay=dovecot[172.22.1.5]:24, delay=35619, delays=35612/4.1/1/2, dsn=4.2.0, "
        "status=deferred (host dovecot[172.22.1.5] said: 451 4.2.0 no (in reply to end of DATA command))",
        (
            "u@l.example",
            None,
            "dovecot[172.22.1.5]:24",
            35619.0,
            "4.2.0",
            "deferred",
            "host dovecot[172.22.1.5] said: 451 4.2.0 no (in reply to end of DATA command)",
        ),
    ),
    (
        "postfix/smtp",
        "0D9633D: to=<jos@x.example>, orig_to=<best@x.example>, relay=mail1[10.74.103.11]:25, delay=11, delays=5.4/0.06/5.1/0.03, "
        "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as F12DF84004)",
        (
            "jos@x.example",
            "best@x.example",
            "mail1[10.74.103.11]:25",
            11.0,
            "2.0.0",
            "delivered",
            "250 2.0.0 Ok: queued as F12DF84004",
        ),
    ),
    (
        "postfix/smtp",
        "155EB8334C: to=<u@l.example>, relay=none, delay=35678, delays=35675/0.03/3/0, dsn=4.4.1, status=deferred "
        "(connect to dovecot[fd4d::f6]:24: Permission denied)",
        (
            "u@l.example",
            None,
            "none",
            35678.0,
            "4.4.1",
            "deferred",
            "connect to dovecot[fd4d::f6]:24: Permission denied",
        ),
    ),
    (
        "postfix/smtp",
        "4E74613FE76: to=<r@g.example>, relay=g[2607:f8b0::1b]:25, delay=1, delays=0/0/0/1, dsn=5.7.1, status=bounced "
        "(host g said: 550-5.7.1 cut (in reply to e",
        (
            "r@g.example",
            None,
            "g[2607:f8b0::1b]:25",
            1.0,
            "5.7.1",
            "bounced",
            "host g said: 550-5.7.1 cut (in reply to e",
        ),
    ),
    (
        "enforced-tls-smtp/smtp",
        "BA0CB881A81: to=<w@x.example>, relay=mx[194.116.186.73]:25, conn_use=2, delay=0.28, delays=0.19/0.02/0.07/0, "
        "tls=may:none, dsn=5.7.5, status=bounced (Cannot start TLS: handshake failure)",
        (
            "w@x.example",
            None,
            "mx[194.116.186.73]:25",
            0.28,
            "5.7.5",
            "bounced",
            "Cannot start TLS: handshake failure",
        ),
    ),
    (
        "postfix/local",
        "E2B5A4816B: to=<null@localhost>, orig_to=<noreply@x.example>, relay=local, delay=0.01, delays=0.01/0/0/0, dsn=2.0.0, "
        "status=sent (delivered to file: /dev/null)",
        (
            "null@localhost",
            "noreply@x.example",
            "local",
            0.01,
            "2.0.0",
            "discarded",
            "delivered to file: /dev/null",
        ),
    ),
    (
        "postfix/local",
        "E2B5A4816B: to=<spam@localhost>, orig_to=<learn@x.example>, relay=local, delay=0.01, delays=0.01/0/0/0, dsn=2.0.0, "
        "status=sent (delivered to command: /usr/local/bin/rspamd-pipe-spam)",
        (
            "spam@localhost",
            "learn@x.example",
            "local",
            0.01,
            "2.0.0",
            "discarded",
            "delivered to command: /usr/local/bin/rspamd-pipe-spam",
        ),
    ),
    (
        "postfix/discard",
        "E2B5A4816B: to=<a@x.example>, relay=none, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (x.example)",
        ("a@x.example", None, "none", 0.0, "2.0.0", "discarded", "x.example"),
    ),
    (
        "postfix/error",
        "2DC5552A34: to=<u@y.example>, relay=none, delay=63495, delays=63350/144/0/0, dsn=4.4.2, status=deferred (delivery "
        "temporarily suspended: lost connection with mx)",
        (
            "u@y.example",
            None,
            "none",
            63495.0,
            "4.4.2",
            "deferred",
            "delivery temporarily suspended: lost connection with mx",
        ),
    ),
    (
        "postfix/smtp",
        "2DC5552A34: to=<u@y.example>, relay=mx[1.2.3.4]:25, delay=0.3, delays=0/0/0/0, dsn=2.1.5, status=deliverable (250 ok)",
        ("u@y.example", None, "mx[1.2.3.4]:25", 0.3, "2.1.5", None, "250 ok"),
    ),
]


@pytest.mark.parametrize(
    ("program", "message", "expected"), DELIVERIES, ids=[message[:40] for _, message, _ in DELIVERIES]
)
def test_a_delivery_tells_who_where_and_how(program, message, expected):
    line = parse_line(program, message)
    assert line.kind == "delivery"
    assert (
        line.recipient,
        line.orig_to,
        line.relay,
        line.delay,
        line.dsn,
        outcome(line),
        line.reply,
    ) == expected


@pytest.mark.parametrize(
    "message",
    [
        "ED59C3D: host mail2.example[1.74.253.23] said: 450 4.7.1 <u@x.example>: Greylisted for 5 minutes (in reply to RCPT TO command)",
        "7DCA065C0A75: host mx01.example[194.25.134.72] refused to talk to me: 554 IP=* - A problem occurred.",
        "B99FE3D: lost connection with mx3.example[65.55.37.72] while receiving the initial server greeting",
    ],
)
def test_a_try_at_one_server_is_no_outcome(message):
    line = parse_line("postfix/smtp", message)
    assert (line.kind, line.status) == ("other", None)
    assert line.queue_id is not None


@pytest.mark.parametrize(
    "message",
    [
        "4104E3D: to=<a@x>, relay=none, delay=1.2.3, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)",
        "4104E3D: to=<a@x>, relay=none, delay=., delays=0/0/0/0, dsn=2.0.0, status=sent (ok)",
        "4104E3D: from=<a@x>, size=" + "9" * 5000 + ", nrcpt=1 (queue active)",
    ],
)
def test_numbers_that_are_none_tell_nothing(message):
    line = parse_line("postfix/smtp", message)
    assert (line.kind, line.queue_id) == ("other", "4104E3D")
