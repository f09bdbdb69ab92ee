"""What the queue says about a recipient, and the reason that equal cases share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.mailqueue.entries import read
from webapp.parse.reply import LONGEST, UNTRIED, reason_of, split_recipient


@pytest.mark.parametrize(
    ("entry", "address", "reply"),
    [
        (
            "c@d.example (connect to mx.d.example[192.0.2.1]:25: Connection timed out)",
            "c@d.example",
            "connect to mx.d.example[192.0.2.1]:25: Connection timed out",
        ),
        ("c@d.example", "c@d.example", ""),
        ('"odd (name"@d.example (Try again)', '"odd (name"@d.example', "Try again"),
        ("a@b.example (said: 450 (busy))", "a@b.example", "said: 450 (busy)"),
        ("", "", ""),
    ],
)
def test_address_and_words_are_split(entry: str, address: str, reply: str) -> None:
    assert split_recipient(entry) == (address, reply)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("connect to mx1.a.example[198.51.100.1]:25: Connection timed out", "Connection timed out"),
        (
            "delivery temporarily suspended: connect to mx.b.example[2001:db8::1]:25: Connection refused",
            "Connection refused",
        ),
        (
            "host mx.c.example[192.0.2.7] said: 451 4.7.1 <u@c.example>: Recipient address rejected: "
            "Greylisted, see "
            "https://g.example/help (in reply to RCPT TO command)",
            "451 4.7.1 Recipient address rejected: Greylisted, see …",
        ),
        (
            "host mx.c.example[192.0.2.7] refused to talk to me: 554 IP=192.0.2.9 - A problem occurred.",
            "554 IP=… - A problem occurred.",
        ),
        (
            "lost connection with mx3.d.example[192.0.2.5] while receiving the initial server greeting",
            "lost connection while receiving the initial server greeting",
        ),
        (
            "Host or domain name not found. Name service error for name=gone.example type=MX: Host not "
            "found, try again",
            "Host or domain name not found. Name service error: Host not found, try again",
        ),
        (
            "host g.example[192.0.2.1] said: 421-4.7.28 Too much mail. 421 4.7.28 Please wait "
            "a1b2c3d4e5f6-v11si233.218 - gsmtp "
            "(in reply to end of DATA command)",
            "421-4.7.28 Too much mail. 4.7.28 Please wait … - gsmtp",
        ),
        ("", UNTRIED),
    ],
)
def test_the_reason_has_no_names_in_it(reply: str, reason: str) -> None:
    assert reason_of(reply) == reason


def test_two_hosts_with_the_same_trouble_share_a_reason() -> None:
    words = "connect to mx{}.example[192.0.2.{}]:25: Connection timed out"
    assert reason_of(words.format(1, 1)) == reason_of(words.format(2, 2))


@given(st.text(max_size=400))
def test_any_text_has_a_reason(reply: str) -> None:
    reason = reason_of(reply)
    assert reason
    assert len(reason) <= LONGEST


COLUMNS = ("queue_name", "queue_id", "arrival_time", "message_size", "sender", "recipients")
TEXT = st.none() | st.text(max_size=20)
ODD = TEXT | st.booleans() | st.integers() | st.floats() | st.lists(TEXT, max_size=3)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(COLUMNS, ODD))))
def test_odd_rows_are_read_as_far_as_they_go(rows: list[dict[str, object]]) -> None:
    for entry in read(rows):
        assert entry.queue_id
        assert entry.reasons
        assert isinstance(entry.text, str)
