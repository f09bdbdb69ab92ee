"""Nobody can write our log for us: whatever a sender puts into one field, all others stay as they are.

The lines are written here as Postfix's own sources write them (smtpd_check.c, postscreen_smtpd.c,
cleanup_message.c, cleanup_milter.c, bounce.c, qmgr_message.c).
"""

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.parse.postfix import parse_line

HOSTILE = (
    "; from=<ceo@x.example> to=<boss@x.example> proto=ESMTP helo=<good>",
    "; from=<ceo@x.example> to=<boss@x.example> proto=ESMTP helo=<good>: 5.7.1 no",
    "; from=<ceo@x.example> to=<boss@x.example>: no",
    " from local; from=<ceo@x.example> to=<boss@x.example>",
    " from evil.example[192.0.2.66]; from=<ceo@x.example> to=<boss@x.example>: no",
    "x from evil.example[192.0.2.66]; from=<ceo@x.example> to=<boss@x.example> proto=ESMTP helo=<good>: no",
    "; from=<ceo@x.example>, to=<boss@x.example>, proto=ESMTP, helo=<good>",
    ">: Recipient address rejected; from=<ceo@x.example> to=<x> proto=SMTP helo=<x>",
    "from=<", "to=<", "; ", ";", " to=<a@b>", "<", ">", ">, ", ": ", " proto=SMTP", " helo=<", '"', "\\",
    "status=sent (", ">, status=expired, returned to sender", ">, size=1, nrcpt=1 (queue active)",
    ">, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (ok)", ", orig_to=<boss@x.example>",
    "4104E3D: removed", "NOQUEUE: reject: RCPT from x[1.2.3.4]: 550 no", " sasl_username=ceo@x.example",
    " sasl_method=PLAIN sasl_username=ceo@x.example", "> orig_id=4104E3D", "message-id=<x>", "[", "]", " ",
)  # fmt: skip
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
TEXT = st.lists(st.one_of(st.sampled_from(HOSTILE), PRINTABLE), min_size=1, max_size=5).map("".join)
NEUTERED = str.maketrans(dict.fromkeys(' <>()\\";@', "?"))  # smtpd.c does so with a HELO name


def quoted(local):
    """An address with this local part, as Postfix logs it (RFC 5321 section 4.1.2)."""
    escaped = local.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@evil.example'


ADDRESSES = TEXT.map(quoted)
HELOS = TEXT.map(lambda text: text.translate(NEUTERED))
FIELDS = {
    "sender": ADDRESSES,
    "recipient": ADDRESSES,
    "orig_to": ADDRESSES,
    "helo": HELOS,
    "content": TEXT.map(lambda text: text[:200]),
    "reply": TEXT,
    "message_id": TEXT,
}
PLAIN = {
    "sender": "anna@a.example",
    "recipient": "bert@b.example",
    "orig_to": "team@b.example",
    "helo": "mx.a.example",
    "content": "Subject: hello",
    "reply": "250 2.0.0 Ok",
    "message_id": "<1@a.example>",
}
TAIL = "from=<{sender}> to=<{recipient}> proto=ESMTP helo=<{helo}>"
CLIENT = "mx.a.example[203.0.113.7]"
OF_CLIENT = {"client_name": "mx.a.example", "client_ip": "203.0.113.7"}
ENVELOPE = ("sender", "recipient", "helo")
CHECKED = [  # program, form of the line, the fields that it tells, what else it says
    (
        "postfix/smtpd",
        f"NOQUEUE: reject: RCPT from {CLIENT}: 550 5.1.1 <{{recipient}}>: Recipient address rejected: x; "
        f"{TAIL}",
        ENVELOPE,
        {"kind": "refused", "stage": "RCPT", "dsn": "5.1.1", "queue_id": None, **OF_CLIENT},
    ),
    (
        "postfix/smtpd",
        f"4104E3D: reject: RCPT from {CLIENT}: 450 4.1.8 <{{sender}}>: Sender address rejected: x; {TAIL}",
        ENVELOPE,
        {"kind": "refused", "dsn": "4.1.8", "queue_id": "4104E3D", **OF_CLIENT},
    ),
    (
        "postfix/smtpd",
        f"NOQUEUE: reject: RCPT from {CLIENT}: 504 5.5.2 <{{helo}}>: Helo command rejected: name; {TAIL}",
        ENVELOPE,
        {"kind": "refused", "dsn": "5.5.2", **OF_CLIENT},
    ),
    (
        "postfix/smtpd",
        f"NOQUEUE: reject: RCPT from {CLIENT}: 450 4.7.1 Client host rejected: no name; {TAIL} "
        "sasl_method=PLAIN sasl_username=anna@a.example",
        ENVELOPE,
        {
            "dsn": "4.7.1",
            "reply": "450 4.7.1 Client host rejected: no name",
            "sasl_username": "anna@a.example",
        },
    ),
    (
        "postfix/smtpd",
        f"4104E3D: reject: DATA from {CLIENT}: 503 5.5.0 <DATA>: Data command rejected: early; "
        "from=<{sender}> proto=ESMTP helo=<{helo}>",
        ("sender", "helo"),
        {"kind": "refused_all", "stage": "DATA", "recipient": None, "dsn": "5.5.0"},
    ),
    (
        "postfix/postscreen",
        "NOQUEUE: reject: RCPT from [203.0.113.7]:52684: 550 5.7.1 Service unavailable; client [203.0.113.7] "
        "blocked using b.example; from=<{sender}>, to=<{recipient}>, proto=ESMTP, helo=<{helo}>",
        ENVELOPE,
        {
            "client_ip": "203.0.113.7",
            "reply": "550 5.7.1 Service unavailable; client [203.0.113.7] blocked using b.example",
        },
    ),
    (
        "postfix/cleanup",
        f"4104E3D: milter-reject: END-OF-MESSAGE from {CLIENT}: 5.7.1 Spam message rejected; {TAIL}",
        ENVELOPE,
        {"kind": "refused_all", "reply": "5.7.1 Spam message rejected", **OF_CLIENT},
    ),
    (
        "postfix/cleanup",
        f"4104E3D: reject: header {{content}} from {CLIENT}; {TAIL}: 5.7.1 not here",
        ENVELOPE,
        {"kind": "refused_all", "reply": "5.7.1 not here", "dsn": "5.7.1", **OF_CLIENT},
    ),
    (
        "postfix/cleanup",
        "4104E3D: reject: body {content} from local; from=<{sender}> to=<{recipient}>: 4.7.0 later",
        ("sender", "recipient"),
        {"kind": "refused_all", "reply": "4.7.0 later", "dsn": "4.7.0", "client_ip": None},
    ),
    (
        "postfix/cleanup",
        f"4104E3D: reject: mime-error improper use of 8-bit data: {{content}} from {CLIENT}; "
        "from=<{sender}> to=<{recipient}>",
        ("sender", "recipient"),
        {"kind": "refused_all", **OF_CLIENT},
    ),
    (
        "postfix/cleanup",
        f"4104E3D: milter-header-reject: header {{content}} from {CLIENT}; {TAIL}: no",
        ENVELOPE,
        {"kind": "refused_all", "reply": "no", **OF_CLIENT},
    ),
    (
        "postfix/cleanup",
        f"4104E3D: hold: header {{content}} from {CLIENT}; {TAIL}: look",
        ENVELOPE,
        {"kind": "held", "status": None, **OF_CLIENT},
    ),
    ("postfix/cleanup", "4104E3D: message-id={message_id}", ("message_id",), {"kind": "message_id"}),
    (
        "postfix/qmgr",
        "4104E3D: from=<{sender}>, size=77, nrcpt=3 (queue active)",
        ("sender",),
        {"kind": "queued", "size": 77, "nrcpt": 3},
    ),
    (
        "postfix/qmgr",
        "4104E3D: from=<{sender}>, status=expired, returned to sender",
        ("sender",),
        {"kind": "expired", "status": "expired", "size": None},
    ),
    ("postfix/pickup", "4104E3D: uid=0 from=<{sender}>", ("sender",), {"kind": "pickup", "orig_id": None}),
    (
        "postfix/smtp",
        "4104E3D: to=<{recipient}>, orig_to=<{orig_to}>, relay=mx.b.example[203.0.113.9]:25, delay=1.5, "
        "delays=0/0/0/1.5, dsn=2.0.0, status=sent ({reply})",
        ("recipient", "orig_to", "reply"),
        {
            "kind": "delivery",
            "delay": 1.5,
            "status": "sent",
            "dsn": "2.0.0",
            "relay": "mx.b.example[203.0.113.9]:25",
        },
    ),
]


@given(data=st.data())
@settings(max_examples=60)
@pytest.mark.parametrize(
    ("program", "form", "told", "rest"), CHECKED, ids=[form[:50] for _, form, *_ in CHECKED]
)
def test_any_text_in_one_field_leaves_every_other_field_as_it_is(program, form, told, rest, data):
    chosen = data.draw(st.sampled_from([name for name in FIELDS if f"{{{name}}}" in form]))
    values = {**PLAIN, chosen: data.draw(FIELDS[chosen])}
    line = asdict(parse_line(program, form.format(**values)))
    assert {name: line[name] for name in told} == {name: values[name] for name in told}
    assert {name: line[name] for name in rest} == rest


@given(helo=TEXT)
@settings(max_examples=150)
def test_a_helo_name_of_any_text_leaves_the_envelope_as_it_is(helo):
    """Also as no Postfix logs it: it neuters what a HELO name could forge."""
    line = parse_line(
        "postfix/smtpd",
        f"NOQUEUE: reject: RCPT from {CLIENT}: 550 5.1.1 <bert@b.example>: Recipient address rejected: no; "
        f"from=<anna@a.example> to=<bert@b.example> proto=ESMTP helo=<{helo}>",
    )
    assert (line.sender, line.recipient, line.helo) == ("anna@a.example", "bert@b.example", helo)
    assert (line.kind, line.dsn, line.client_ip) == ("refused", "5.1.1", "203.0.113.7")
