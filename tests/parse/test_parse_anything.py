"""Any text at all gives a line, a netfilter line or a refusal with a reason, and never anything else."""

import math
import signal
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.parse.message_id import comparable, join_key
from webapp.parse.netfilter import NetfilterLine, parse_netfilter
from webapp.parse.postfix import Line, outcome, parse_line
from webapp.parse.rspamd import parse_scan

PARTS = st.sampled_from(
    (
        "4104E3D: ",
        "4jXdvX47WDzQvFk: ",
        "NOQUEUE: ",
        "warning: ",
        "reject: RCPT from ",
        "milter-reject: END-OF-MESSAGE from ",
        "client=",
        "x[1.2.3.4]",
        "[1.2.3.4]:25",
        ": 550 5.1.1 no; ",
        "from=<a@b>",
        "to=<c@d>",
        ", ",
        "orig_to=<",
        ">",
        "relay=none, ",
        "delay=1, ",
        "dsn=5.0.0, ",
        "status=sent (",
        ")",
        "size=1, nrcpt=1 (queue active)",
        "message-id=<",
        "removed",
        "uid=0 from=<",
        "proto=ESMTP helo=<",
        "sasl_username=",
        "sender non-delivery notification: ",
        '"',
        "\\",
        "status=expired, returned to sender",
        "\n",
        "\0",
        "delay=1.2.3, ",
        "9" * 30,
    )
)
LINE_LENGTH = 2000  # Postfix cuts its lines there
SLOW = (
    "4104E3D: to=<" + '"' * 5000,
    "4104E3D: to=<a@b>, relay=" + ", delay=" * 2000,
    "4104E3D: from=<" + "<" * 5000,
    "NOQUEUE: reject: RCPT from x[1.2.3.4]: " + "; from=<a" * 2000,
    "4104E3D: to=<a@b>, relay=none, " + "x=y, " * 2000 + "dsn=x",
)
TEXTS = st.one_of(st.text(), st.lists(st.one_of(PARTS, st.text(max_size=5)), max_size=12).map("".join))
PROGRAMS = st.one_of(
    st.text(max_size=20), st.sampled_from(("postfix/submission/smtpd", "postfix/cleanup", "postfix/local"))
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(program=PROGRAMS, message=TEXTS)
@settings(max_examples=600)
def test_any_text_gives_a_line(program, message):
    line = parse_line(program, message)
    assert isinstance(line, Line)
    assert line.delay is None or math.isfinite(line.delay)
    assert outcome(line) in (None, "delivered", "bounced", "deferred", "expired", "discarded")


@pytest.fixture
def watchdog() -> Iterator[None]:
    """Ends a test whose pattern goes back and forth without end: a line takes microseconds, with a bad
    pattern it would take hours."""

    def end(*_: object) -> None:
        raise AssertionError("a pattern does not come to an end")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(
        signal.ITIMER_PROF, 20
    )  # seconds of the processor, so that a busy machine does not matter
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


@pytest.mark.usefixtures("watchdog")
@pytest.mark.parametrize("message", SLOW)
def test_lines_made_to_be_slow_come_to_an_end(message):
    assert parse_line("postfix/smtp", message[:LINE_LENGTH]).daemon == "smtp"


@given(
    message=st.one_of(
        st.text(),
        st.builds("{} matched rule id {} ({}".format, st.text(max_size=15), st.text(max_size=12), st.text()),
    )
)
@settings(max_examples=200)
def test_any_text_gives_a_netfilter_line(message):
    line = parse_netfilter(message)
    assert isinstance(line, NetfilterLine)
    assert line.action in ("info", "warning", "banned", "unbanned")


SCAN_KEYS = (
    "action",
    "symbols",
    "message-id",
    "sender_smtp",
    "ip",
    "rcpt_smtp",
    "user",
    "subject",
    "size",
    "score",
    "required_score",
)


@given(row=st.fixed_dictionaries({}, optional=dict.fromkeys(SCAN_KEYS, JSON)))
@settings(max_examples=200)
def test_any_rspamd_row_is_read_or_refused_with_a_reason(row):
    if not isinstance(row.get("action"), str):
        with pytest.raises(ValueError, match="no action"):
            parse_scan(row)
        return
    told = parse_scan(row)
    assert told.action == row["action"]
    assert told.score is None or math.isfinite(told.score)
    assert all(isinstance(address, str) for address in told.recipients)
    assert isinstance(told.search_text, str)


@given(one=st.text(), other=st.text())
@settings(max_examples=200)
def test_any_message_id_has_a_key_and_the_same_one_each_time(one, other):
    assert join_key(one, None, None) == join_key(one, None, None)
    assert (comparable(one) == "") == (join_key(one, None, None) is None)
    if comparable(one) != comparable(other):
        assert join_key(one, "a@b", "1.2.3.4") != join_key(other, "a@b", "1.2.3.4")
