"""Every kind of Postfix line gives its fields; the lines are those of the mailcow and Postfix documentation and issues."""

# ruff: noqa: E501 - log lines are kept whole
import pytest

from webapp.parse.postfix import Line, is_long_id, outcome, parse_line

LINES = [
    # client
    (
        "postfix/smtpd",
        "4104E3D: client=host.isp.example[61.238.241.86]",
        {
            "kind": "client",
            "queue_id": "4104E3D",
            "client_name": "host.isp.example",
            "client_ip": "61.238.241.86",
            "sasl_username": None,
        },
    ),
    (
        "postfix/submission/smtpd",
        "B86DB5EF08: client=a.example[123.123.123.123], sasl_method=PLAIN, sasl_username=real@sender.example",
        {
            "kind": "client",
            "service": "submission",
            "daemon": "smtpd",
            "sasl_username": "real@sender.example",
        },
    ),
    (
        "postfix/smtps/smtpd",
        "B86DB5EF08: client=a.example[2001:DB8::7], sasl_method=LOGIN, sasl_username=a b@x.example, orig_queue_id=77",
        {"kind": "client", "service": "smtps", "client_ip": "2001:db8::7", "sasl_username": "a b@x.example"},
    ),
    (
        "postfix/smtpd",
        "4104E3D: client=unknown[unknown]",
        {"kind": "client", "client_name": "unknown", "client_ip": None},
    ),
    # Message-ID
    (
        "postfix/cleanup",
        "0F5383D: message-id=<544D2523.30609@rhsoft.example>",
        {"kind": "message_id", "message_id": "<544D2523.30609@rhsoft.example>"},
    ),
    ("postfix/cleanup", "4104E3D: message-id=<>", {"kind": "message_id", "message_id": "<>"}),
    (
        "postfix/cleanup",
        "ADD961003206D: message-id==?UTF-8?B?PDE5?= =?UTF-8?B?MTIy?=",
        {
            "kind": "message_id",
            "queue_id": "ADD961003206D",
            "message_id": "=?UTF-8?B?PDE5?= =?UTF-8?B?MTIy?=",
        },
    ),
    ("postfix/cleanup", "0F5383D: resent-message-id=<1@x>", {"kind": "other", "message_id": None}),
    # header checks look like an envelope, and are none
    (
        "postfix/cleanup",
        "D8B07E3DB6: warning: header Subject: hello from o16.example[167.89.17.173]; from=<b@x.example> to=<f@y.example> "
        "proto=ESMTP helo=<x>",
        {"kind": "other", "sender": None, "recipient": None},
    ),
    (
        "postfix/cleanup",
        "B86DB5EF08: replace: header Received: from [127.0.0.1] (a [1.2.3.4])??(using TLS from a[1.2.3.4]; "
        "from=<sp@s.example> to=<r@r.example> proto=ESMTP helo=<[127.0.0.1]>: Received: from [127.0.0.1]",
        {"kind": "other", "queue_id": "B86DB5EF08", "sender": None},
    ),
    # milter
    (
        "postfix/cleanup",
        "4104E3D: milter-reject: END-OF-MESSAGE from h.example[61.238.241.86]: 5.7.1 Blocked by us; from=<a@x.example> "
        "to=<b@y.example> proto=ESMTP helo=<h>",
        {
            "kind": "refused_all",
            "dsn": "5.7.1",
            "reply": "5.7.1 Blocked by us",
            "sender": "a@x.example",
            "recipient": "b@y.example",
            "helo": "h",
        },
    ),
    (
        "postfix/smtpd",
        "NOQUEUE: milter-reject: RCPT from r.example[8.8.8.8]: 451 4.7.1 Greylisting in action, please come back later; "
        "from=<s@x.example> to=<e@y.example> proto=ESMTP helo=<r.example>",
        {
            "kind": "refused",
            "queue_id": None,
            "dsn": "4.7.1",
            "stage": "RCPT",
            "sender": "s@x.example",
            "recipient": "e@y.example",
        },
    ),
    (
        "postfix/cleanup",
        "4104E3D: milter-discard: END-OF-MESSAGE from x[1.2.3.4]: milter triggers DISCARD action; from=<a@x> to=<b@y> "
        "proto=ESMTP helo=<x>",
        {"kind": "discarded_all", "sender": "a@x", "recipient": "b@y"},
    ),
    (
        "postfix/cleanup",
        "4104E3D: milter-hold: END-OF-MESSAGE from x[1.2.3.4]: milter triggers HOLD action; from=<a@x> to=<b@y> "
        "proto=ESMTP helo=<x>",
        {"kind": "held", "queue_id": "4104E3D", "sender": "a@x", "recipient": "b@y", "helo": "x"},
    ),
    # queue
    (
        "postfix/qmgr",
        "0F5383D: from=<owner@postfix.example>, size=5360, nrcpt=1 (queue active)",
        {"kind": "queued", "sender": "owner@postfix.example", "size": 5360},
    ),
    ("postfix/qmgr", "0F5383D: from=<>, size=3447, nrcpt=1 (queue active)", {"kind": "queued", "sender": ""}),
    (
        "postfix/qmgr",
        "585BC3F: from=<>, status=expired, returned to sender",
        {"kind": "expired", "sender": ""},
    ),
    (
        "postfix/qmgr",
        "66C15648577B: from=<a@x.example>, status=force-expired, returned to sender",
        {"kind": "expired", "sender": "a@x.example"},
    ),
    ("postfix/qmgr", "ED06590130AA1C9D6D: skipped, still being delivered", {"kind": "other"}),
    ("postfix/qmgr", "0F5383D: removed", {"kind": "removed"}),
    ("postfix/cleanup", "0F5383D: removed (canceled)", {"kind": "canceled"}),
    ("postfix/cleanup", "0F5383D: removed (discarded)", {"kind": "discarded"}),
    ("postfix/postsuper", "D4F2023DB: removed", {"kind": "deleted"}),
    ("postfix/postsuper", "D4F2023DB: placed on hold", {"kind": "held"}),
    ("postfix/postsuper", "D4F2023DB: requeued", {"kind": "requeued", "queue_id": "D4F2023DB"}),
    ("postfix/postsuper", "Deleted: 115 messages", {"kind": "other", "queue_id": None}),
    (
        "postfix/pickup",
        "D4F2023DB: uid=0 from=<root@mail.example>",
        {"kind": "pickup", "sender": "root@mail.example"},
    ),
    # bounce
    (
        "postfix/bounce",
        "17CCA8044: sender non-delivery notification: ADD2F8052",
        {"kind": "notice", "notice": "ADD2F8052"},
    ),
    (
        "postfix/bounce",
        "264FE1A18: sender delay notification: 0A87A1A08",
        {"kind": "notice", "notice": "0A87A1A08"},
    ),
    (
        "postfix/bounce",
        "65AFB8B5: sender delivery status notification: 1DF35917",
        {"kind": "notice", "notice": "1DF35917"},
    ),
    (
        "postfix/bounce",
        "482E4404AC8: postmaster non-delivery notification: 4jXdvX47WDzQvFk",
        {"kind": "notice", "notice": "4jXdvX47WDzQvFk"},
    ),
    # refusals without a queue id
    (
        "postfix/smtpd",
        "NOQUEUE: reject: RCPT from h.example[61.238.241.86]: 550 5.1.1 <toe@x.example>: Recipient address rejected: "
        "User unknown in virtual mailbox table; from=<w@c.example> to=<toe@x.example> proto=ESMTP helo=<e.example>",
        {
            "kind": "refused",
            "dsn": "5.1.1",
            "sender": "w@c.example",
            "recipient": "toe@x.example",
            "helo": "e.example",
            "status": "rejected",
        },
    ),
    (
        "postfix/smtpd",
        "NOQUEUE: reject: RCPT from unknown[11.22.33.44]: 450 4.7.1 Client host rejected: cannot find your reverse hostname, "
        "[11.22.33.44]; from=<s@m.example> to=<n@d.example> proto=ESMTP helo=<EXCH> sasl_method=PLAIN sasl_username=n@d.example",
        {
            "kind": "refused",
            "dsn": "4.7.1",
            "client_ip": "11.22.33.44",
            "sasl_username": "n@d.example",
            "helo": "EXCH",
        },
    ),
    (
        "postfix/postscreen",
        "NOQUEUE: reject: RCPT from [104.244.77.121]:52684: 550 5.7.1 Service unavailable; client [104.244.77.121] blocked "
        "using b.example; from=<root@x.example>, to=<x@o.example>, proto=ESMTP, helo=<x.example>",
        {
            "kind": "refused",
            "client_ip": "104.244.77.121",
            "client_name": "",
            "sender": "root@x.example",
            "recipient": "x@o.example",
            "helo": "x.example",
            "reply": "550 5.7.1 Service unavailable; client [104.244.77.121] blocked using b.example",
        },
    ),
    (
        "postfix/postscreen",
        "NOQUEUE: reject: CONNECT from [1.2.3.4]:1337: too many connections",
        {"kind": "refused", "stage": "CONNECT"},
    ),
    (
        "postfix/smtpd",
        "NOQUEUE: reject: MAIL from h.example[1.2.3.4]: 552 5.3.4 Message size exceeds fixed limit; proto=ESMTP helo=<h>",
        {"kind": "refused", "stage": "MAIL", "dsn": "5.3.4", "sender": None, "recipient": None},
    ),
    (
        "postfix/smtpd",
        "4104E3D: reject: RCPT from h.example[1.2.3.4]: 550 5.1.1 <x@y.example>: Recipient address rejected; from=<a@b.example> "
        "to=<x@y.example> proto=ESMTP helo=<h>",
        {"kind": "refused", "queue_id": "4104E3D", "recipient": "x@y.example"},
    ),
    (
        "postfix/cleanup",
        "4104E3D: reject: header Subject: bad from h.example[1.2.3.4]; from=<a@b> to=<c@d> proto=ESMTP helo=<h>: 5.7.1 no",
        {"kind": "refused_all", "stage": "CONTENT", "sender": "a@b", "recipient": "c@d"},
    ),
    (
        "postfix/cleanup",
        "warning: 4104E3D: queue file size limit exceeded",
        {"kind": "unwritten", "dsn": "5.3.4", "queue_id": "4104E3D"},
    ),
    # lost connections
    (
        "postfix/smtpd",
        "NOQUEUE: lost connection after RCPT from x[1.2.3.4]",
        {"kind": "lost", "queue_id": None},
    ),
    ("postfix/smtpd", "4104E3D: timeout after DATA from x[1.2.3.4]", {"kind": "lost", "queue_id": "4104E3D"}),
]
NOISE = [
    ("postfix/postscreen", "CONNECT from [86.47.96.237]:64952 to [172.22.1.4]:25"),
    ("postfix/postscreen", "PASS NEW [86.47.96.237]:64952"),
    ("postfix/postscreen", "DNSBL rank 13 for [114.32.135.70]:49639"),
    ("postfix/postscreen", "PREGREET 14 after 0.1 from [1.2.3.4]:5: EHLO ylmf-pc??"),
    ("postfix/dnsblog", "addr 86.47.96.237 listed by domain zen.example as 127.0.0.4"),
    ("whitelist_forwardinghosts", "Look up 86.47.96.237 on whitelist, result 200 DUNNO"),
    (
        "postfix/smtpd",
        "disconnect from x[1.2.3.4] ehlo=2 starttls=1 mail=1 rcpt=0/1 data=0/1 quit=1 commands=6/8",
    ),
    ("postfix/smtpd", "warning: unknown[46.148.40.146]: SASL LOGIN authentication failed: UGFzc3dvcmQ6"),
    (
        "postfix/smtpd",
        "warning: unknown[193.46.255.40]: SASL LOGIN authentication failed: (reason unavailable), sasl_username=ncc@co.example",
    ),
    ("postfix/anvil", "statistics: max connection rate 1/60s for (smtp:1.2.3.4) at Nov 22 10:00:00"),
    ("postfix/smtp", "connect to intern.example[194.109.6.98]:25: Connection timed out"),
    ("postfix/smtp", "Trusted TLS connection established to mx.example[1.2.3.4]:25: TLSv1.3"),
    ("", ""),
    ("postfix/smtpd", "\0"),
]


@pytest.mark.parametrize(
    ("program", "message", "expected"), LINES, ids=[message[:60] for _, message, _ in LINES]
)
def test_a_line_tells_its_fields(program, message, expected):
    line = parse_line(program, message)
    assert {name: getattr(line, name) for name in expected} == expected


@pytest.mark.parametrize(("program", "message"), NOISE)
def test_noise_belongs_to_no_mail(program, message):
    line = parse_line(program, message)
    assert (line.kind, line.queue_id, line.status) == ("other", None, None)


def test_a_queue_id_counts_only_at_the_start():
    line = parse_line(
        "postfix/smtp",
        "0D9633D: to=<a@b.example>, relay=mx[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, "
        "status=sent (250 2.0.0 Ok: queued as F12DF84004)",
    )
    assert line.queue_id == "0D9633D"
    assert parse_line("postfix/smtp", "something about F12DF84004: removed").queue_id is None


@pytest.mark.parametrize(
    "queue_id",
    ["4104E3D", "CCDD27FF20", "ADD961003206D", "4jXdvX47WDzQvFk", "4jXdyZ4f3lzQvFP", "3yQ0zZ1bcdz2Fk"],
)
def test_short_and_long_queue_ids_are_known(queue_id):
    assert parse_line("postfix/qmgr", f"{queue_id}: removed").queue_id == queue_id


@pytest.mark.parametrize(
    "word",
    ["fatal", "CONNECT", "statistics", "Deleted", "mailbox", "NOQUEUE", "warning", "configuration", "DEAD"],
)
def test_words_are_no_queue_ids(word):
    assert parse_line("postfix/x", f"{word}: removed").queue_id is None


def test_long_ids_are_told_from_short_ones():
    assert is_long_id("4jXdvX47WDzQvFk")
    assert not is_long_id("ADD961003206D")
    assert not is_long_id("4104E3D")


@pytest.mark.parametrize(
    "forged",
    [
        "message-id=<42bkv>, from=<evil@x>, size=1, nrcpt=1 (queue active)",
        "message-id=<x>, to=<victim@y>, relay=a, delay=1, dsn=2.0.0, status=sent (ok)",
        "message-id=<a> removed",
    ],
)
def test_a_forged_message_id_is_only_a_message_id(forged):
    line = parse_line("postfix/cleanup", f"4104E3D: {forged}")
    assert (line.kind, line.sender, line.recipient, line.status) == ("message_id", None, None, None)
    assert line.message_id == forged.removeprefix("message-id=")


def test_a_forged_helo_does_not_change_the_envelope():
    line = parse_line(
        "postfix/smtpd",
        "NOQUEUE: reject: RCPT from h[1.2.3.4]: 550 5.1.1 no; from=<a@x> to=<b@y> proto=ESMTP "
        "helo=<x> from=<evil@z> to=<other@z> proto=ESMTP helo=<y>",
    )
    assert (line.sender, line.recipient) == ("a@x", "b@y")


def test_a_reply_that_quotes_an_envelope_does_not_change_it():
    line = parse_line(
        "postfix/smtp",
        "4104E3D: to=<a@x>, relay=mx[1.2.3.4]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced "
        "(host mx said: 550 5.1.1 to=<evil@z>, relay=none, delay=0, dsn=2.0.0, status=sent (ha))",
    )
    assert (line.recipient, line.status, line.dsn) == ("a@x", "bounced", "5.1.1")


@pytest.mark.parametrize(
    "address",
    [
        '"a b"@x.example',
        '"a>b"@x.example',
        '"a\\"b"@x.example',
        "o'hara+tag@x.example",
        "ü@x.example",
        '""@x',
    ],
)
def test_quoted_addresses_are_read_whole(address):
    line = parse_line(
        "postfix/lmtp",
        f"4104E3D: to=<{address}>, orig_to=<{address}>, relay=dovecot[172.22.1.250]:24, delay=0.6, "
        "delays=0.6/0/0/0, dsn=2.0.0, status=sent (250 2.0.0 Saved)",
    )
    assert (line.recipient, line.orig_to, line.status) == (address, address, "sent")
    line = parse_line("postfix/qmgr", f"4104E3D: from=<{address}>, size=1, nrcpt=1 (queue active)")
    assert line.sender == address


def test_a_line_keeps_nothing_of_the_one_before():
    parse_line("postfix/qmgr", "0F5383D: from=<a@x>, size=5360, nrcpt=1 (queue active)")
    assert parse_line("postfix/qmgr", "nothing") == Line(daemon="qmgr")


def test_outcomes_are_none_for_probes():
    assert outcome(Line(status="undeliverable")) is None
    assert outcome(Line(status="deliverable")) is None
