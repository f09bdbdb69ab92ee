"""The simulated traffic has every kind of story at any moment, and rows in mailcow's shapes."""

import json
import re

import pytest

from webapp.demo import cast
from webapp.demo.state import State

from .story import read

NOW = 1_795_374_576.0
OUTCOMES = {"delivered", "spam", "deferred", "bounced", "rejected", "expired", "discarded", "mixed"}


class Clock:
    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def rows(state: State, name: str) -> list[dict]:
    """The list's rows, oldest first."""
    return [json.loads(text) for text in reversed(state.lists[name])]


def junk(state: State) -> set[str]:
    return {row["message-id"] for row in rows(state, "rspamd-history") if row["action"] == "add header"}


@pytest.fixture(scope="module")
def state() -> State:
    return State(clock=Clock())


@pytest.mark.parametrize("options", [{"seed": 1}, {"seed": 2}, {"rate": 3.0}, {"long_ids": True}])
def test_the_newest_forty_messages_show_every_outcome_at_any_moment(options):
    clock = Clock()
    state = State(clock=clock, history=4, ring=5000, **options)
    for _ in range(12):
        newest, spam = read(rows(state, "postfix"))[-40:], junk(state)
        missing = OUTCOMES - {message.final(spam) for message in newest}
        assert not missing, (clock.now - NOW, missing)
        clock.now += 37 * 20 / options.get("rate", 20)
        state.advance()


def test_history_reaches_back_as_far_as_asked_and_fits_the_ring(state):
    times = [int(row["time"]) for row in rows(state, "postfix")]
    assert times == sorted(times)
    assert 22 * 3600 < NOW - times[0] <= 24 * 3600 + 1
    assert 8000 < len(times) <= 10_000
    assert times[-1] > NOW - 30


def test_the_same_seed_gives_the_same_rows():
    one, two, other = (State(seed=seed, history=1, clock=Clock()) for seed in (7, 7, 8))
    assert one.lists == two.lists
    assert one.lists["postfix"] != other.lists["postfix"]


def test_rows_of_the_syslog_lists_are_all_text(state):
    for name in ("postfix", "dovecot", "sogo"):
        for row in rows(state, name):
            assert list(row) == ["time", "program", "priority", "message"]
            assert all(isinstance(value, str) for value in row.values())
            assert len(row["message"]) <= 2000


def test_rspamd_rows_are_complete(state):
    keys = {
        *(
            "symbols",
            "thresholds",
            "subject",
            "action",
            "required_score",
            "time_real",
            "score",
            "size",
            "message-id",
            "ip",
        ),
        *("user", "sender_smtp", "sender_mime", "rcpt_smtp", "rcpt_mime", "is_skipped", "unix_time"),
    }
    for row in rows(state, "rspamd-history"):
        assert keys <= row.keys() <= keys | {"passthrough_module"}
        assert not row["message-id"].startswith("<")
        assert row["score"] == pytest.approx(
            sum(symbol["score"] for symbol in row["symbols"].values()), abs=1e-4
        )
        limits = {"no action": (-99, 8), "add header": (8, 15), "reject": (15, 99), "soft reject": (-1, 8)}
        low, high = limits[row["action"]]
        assert low <= row["score"] < high, row["action"]


def test_netfilter_rows_tell_the_whole_story_of_a_ban(state):
    texts = [row["message"] for row in rows(state, "netfilter")]
    assert all(isinstance(row["time"], int) for row in rows(state, "netfilter"))
    banned = [text.split()[1] for text in texts if text.startswith("Banning ")]
    assert any(":" in network for network in banned)
    assert any("." in network for network in banned)
    first = banned[0]
    own = [text for text in texts if first in text or text.startswith(first.split("/")[0] + " matched")]
    assert sum("matched rule id" in text for text in own) >= 10
    assert f"Unbanning {first}" in own


def test_every_rspamd_row_belongs_to_a_logged_message(state):
    logged = {
        row["message"].partition("message-id=")[2]
        for row in rows(state, "postfix")
        if ": message-id=" in row["message"]
    }
    for row in rows(state, "rspamd-history"):
        shown = row["message-id"]
        assert shown == "undef" or any(
            text.replace(" ", "?").strip("<").startswith(shown) for text in logged
        ), shown


def test_all_kinds_of_way_in_and_out_occur(state):
    text = "\n".join(f"{row['program']} {row['message']}" for row in rows(state, "postfix"))
    for pattern in (
        "postfix/submission/smtpd .*sasl_username=",
        "postfix/smtps/smtpd .*sasl_username=",
        "postfix/sogo/smtpd .*client=mailcowdockerized-sogo",
        "postfix/sogo/smtpd .*client=mailcowdockerized-dovecot",
        "postfix/bcc/smtpd .*client=",
        "postfix/quarantine/smtpd .*client=",
        "postfix/pickup .*uid=0",
        r"client=.*\[2001:db8:",
        "orig_to=<team@",
        f"orig_to=<[a-z.]+@{cast.ALIAS_DOMAIN}>",
        f"orig_to=<\\w+\\d@{cast.WERFT}>",
        "message-id=<>",
        r"\(added by postmaster@|size=1, nrcpt=1|IPv6:2001:db8::1|message-id=\d",
        "sender delay notification",
        "sender non-delivery notification",
        "blocked using zen.spamhaus.org",
        "User unknown in virtual mailbox table",
        "4.7.1 Greylisted, please try again later",
        "5.7.1 This message does not meet",
        "rspamd-pipe-spam",
        "SASL LOGIN authentication failed",
        "nrcpt=(1[0-9]|20|[5-9]) ",
    ):
        assert re.search(pattern, text), pattern


def test_the_queue_holds_exactly_the_mail_that_the_rows_leave_deferred(state):
    rows_of = rows(state, "postfix")
    waiting = {
        queue_id for queue_id in state.queue if any(row["message"].startswith(queue_id) for row in rows_of)
    }
    last: dict[str, str] = {}
    for row in rows_of:
        queue_id, _, rest = row["message"].partition(": ")
        if rest.startswith("removed") or "status=deferred" in rest:
            last[queue_id] = "removed" if rest.startswith("removed") else "deferred"
    assert waiting == {queue_id for queue_id, word in last.items() if word == "deferred"}
    assert waiting


def test_spam_is_in_the_quarantine_once_for_each_mailbox(state):
    assert state.quarantine
    recent = list(state.quarantine.values())[-1]
    assert recent.row["action"] in ("reject", "add header")
    assert recent.rcpt in cast.MAILBOXES
    assert recent.entry().keys() == {
        *("id", "qid", "subject", "virus_flag", "score", "rcpt", "sender", "action", "created", "notified"),
    }


def test_long_queue_ids_on_request():
    state = State(long_ids=True, history=1, clock=Clock())
    ids = [row["message"].partition(":")[0] for row in rows(state, "postfix") if "client=" in row["message"]]
    assert ids
    assert all(re.fullmatch(r"[0-9A-Za-z]{10}z[0-9A-Za-z]{4}", one) for one in ids)
