"""What a line's columns no longer hold is told by its text, and programs come back as they were logged."""

import pytest

from webapp.demo.bulk import bulk_rows
from webapp.parse.postfix import parse_line, untold
from webapp.parse.programs import KNOWN, priority_of, program_of, stored_priority, stored_program

ODD = ("", "!", "!!", "0", "=", "A", "postfix", "postfix/ours/smtpd", "é", "!x", "postfix/smtpd ")
ACTS = (
    (
        "postfix/smtpd",
        "NOQUEUE: reject: RCPT from x[192.0.2.1]: 550 5.1.1 <a@x>: no: message-id=<1@x>; from=<b@y>",
    ),
    ("postfix/cleanup", "0123456789A: message-id=<1@x>"),
    ("postfix/cleanup", "0123456789A: warning: message-id=<1@x>"),
    ("postfix/cleanup", "warning: 0123456789A: message-id=<1@x>"),
    ("postfix/cleanup", "NOQUEUE: message-id=<2@x>"),
    ("postfix/cleanup", "0123456789A: resent-message-id=<1@x>"),
    (
        "postfix/smtp",
        "0123456789A: to=<a@x>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (x)",
    ),
    ("postfix/smtp", "0123456789A: to=<a@x>, relay=none, delay=1, status=undeliverable (x)"),
)


def test_a_program_comes_back_as_it_was():
    for name in (*KNOWN, *ODD):
        assert program_of(stored_program(name)) == name
    assert {len(stored_program(name)) for name in KNOWN} == {1}
    assert len({stored_program(name) for name in (*KNOWN, *ODD)}) == len({*KNOWN, *ODD})


def test_what_was_stored_in_full_is_still_read():
    assert [program_of(name) for name in KNOWN] == list(KNOWN)
    assert program_of("postfix/ours/smtpd") == "postfix/ours/smtpd"


def test_places_of_known_programs_never_change():
    assert [program_of(chr(0x30 + place)) for place in (0, 5, 17)] == [
        "postfix/smtpd",
        "postfix/postscreen",
        "whitelist_forwardinghosts",
    ]


@pytest.mark.parametrize(("name", "stored"), [("info", None), ("warning", "warning"), ("", "")])
def test_a_priority_comes_back_as_it_was(name, stored):
    assert stored_priority(name) == stored
    assert priority_of(stored) == name


def test_a_line_tells_what_its_columns_do_not():
    rows = [row for source, row in bulk_rows(2_000, 1.0, 1.79e9) if source == "postfix"]
    told = []
    for program, message in [*((row["program"], row["message"]) for row in rows), *ACTS]:
        line = parse_line(program, message)
        more = untold(program, message, line.status)
        assert (more.message_id, more.relay) == (line.message_id, line.relay), message
        told.append(more)
    assert 0 < sum(more.message_id is not None for more in told) < len(told) / 2
    assert 0 < sum(more.relay is not None for more in told) < len(told) / 2
