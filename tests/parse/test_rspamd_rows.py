"""An Rspamd row gives its columns; what is absent is absent, whatever word Rspamd writes for it."""

import pytest

from webapp.parse.rspamd import parse_scan

ROW = {
    "action": "no action",
    "score": 1.24,
    "required_score": 15,
    "symbols": {"MAILCOW_AUTH": {"score": 0}},
    "message-id": "CAGx@mail.example",
    "time_real": 0.98,
    "sender_smtp": "a@x.example",
    "rcpt_smtp": ["info@y.example"],
    "user": "unknown",
    "unix_time": 1700000000,
    "subject": "Hello",
    "size": 4711,
    "ip": "192.0.2.10",
}


def test_a_row_tells_its_columns():
    told = parse_scan(ROW)
    assert (told.score, told.required_score, told.size, told.ip) == (
        1.24,
        15.0,
        4711,
        "192.0.2.10",
    )
    assert (told.sender, told.recipients, told.subject) == (
        "a@x.example",
        ["info@y.example"],
        "Hello",
    )
    assert told.message_id == "CAGx@mail.example"
    assert told.has_auth
    assert told.raw["time_real"] == 0.98
    assert told.raw["symbols"] == ROW["symbols"]
    assert "subject" not in told.raw


def test_what_a_column_tells_is_not_kept_twice_and_what_it_does_not_is_kept():
    row = {"action": "reject", "ip": "192.0.2.1", "user": "unknown", "score": 1e9, "size": 7, "unix_time": 5}
    told = parse_scan({**row, "message-id": "undef", "rcpt_smtp": ["a@example.org", 3]})
    kept = {"user": "unknown", "score": 1e9, "message-id": "undef", "rcpt_smtp": ["a@example.org", 3]}
    assert told.raw == {**kept, "symbols": {}}


@pytest.mark.parametrize(
    ("key", "value", "column"),
    [
        ("user", "unknown", "username"),
        ("user", None, "username"),
        ("subject", "unknown", "subject"),
        ("ip", "unknown", "ip"),
        ("message-id", "undef", "message_id"),
        ("size", "big", "size"),
        ("score", float("inf"), "score"),
        ("score", True, "score"),
        ("size", -1, "size"),
        ("size", 10**30, "size"),
    ],
)
def test_what_is_absent_or_absurd_is_left_out(key, value, column):
    assert getattr(parse_scan({**ROW, key: value}), column) is None


def test_the_null_sender_is_not_an_unknown_one():
    assert parse_scan({**ROW, "sender_smtp": ""}).sender == ""


@pytest.mark.parametrize(
    ("action", "spam"),
    [
        ("reject", True),
        ("add header", True),
        ("rewrite subject", True),
        ("no action", False),
        ("greylist", False),
        ("soft reject", False),
        ("discard", False),
    ],
)
def test_spam_is_told_by_the_action(action, spam):
    assert parse_scan({**ROW, "action": action}).is_spam is spam


def test_the_spam_trap_is_spam_whatever_the_action():
    assert parse_scan({**ROW, "symbols": {"SPAM_TRAP": {"score": 0}}}).is_spam


@pytest.mark.parametrize("symbols", [[], None, "x", {}])
def test_no_symbols_are_no_symbols(symbols):
    told = parse_scan({**ROW, "symbols": symbols})
    assert told.symbols == {}
    assert not told.has_auth


@pytest.mark.parametrize("action", [None, 7, [], {}])
def test_a_row_without_an_action_is_refused_with_the_reason(action):
    with pytest.raises(ValueError, match="no action"):
        parse_scan({**ROW, "action": action})


def test_recipients_that_are_no_texts_are_left_out():
    assert parse_scan({**ROW, "rcpt_smtp": ["a@x", 7, None, "b@x"]}).recipients == ["a@x", "b@x"]
    assert parse_scan({**ROW, "rcpt_smtp": "a@x"}).recipients == []
