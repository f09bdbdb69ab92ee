"""Rows that cannot be right are set aside with the reason, or stored; they never cost their neighbours
anything."""

import orjson
import pytest

from tests.samples import recorded

NOW = int(recorded.rows("postfix")[-1]["time"])


def line(message, **changes):
    return {"time": str(NOW), "program": "postfix/qmgr", "priority": "info", "message": message, **changes}


def scan(**changes):
    return {
        "unix_time": NOW,
        "action": "no action",
        "symbols": {},
        "message-id": "a@b",
        "sender_smtp": "a@x",
        "rcpt_smtp": ["b@y"],
        "ip": "192.0.2.1",
        "score": 1,
        **changes,
    }


BAD_LINES = [
    (None, "not an object"),
    ("text", "not an object"),
    (7, "not an object"),
    ([], "not an object"),
    ({}, "no usable time"),
    (line("x", time=None), "no usable time"),
    (line("x", time="soon"), "no usable time"),
    (line("x", time="-5"), "no usable time"),
    (line("x", time="0"), "no usable time"),
    (line("x", time=10**18), "no usable time"),
    (line("x", time="1e400"), "no usable time"),
    (line("x", time="nan"), "no usable time"),
    (line("x", time=True), "no usable time"),
    (line("x", time=[1]), "no usable time"),
    (line(None), "no message"),
    (line(7), "no message"),
    ({"time": str(NOW), "program": "postfix/qmgr"}, "no message"),
]
STRANGE_LINES = [
    line("0F5383D: message-id=<a\0b@x>"),
    line("0F5383D: message-id=<\udc80@x>"),
    line("x" * 100_000),
    line("", program=None),
    line("0F5383D: message-id=<" + "a" * 1900 + "@x.example>"),
    line("x", program=7, priority=None),
    line("x", extra={"more": [1]}),
    line("x", time=NOW + 0.7),
    line("x", time=f"{NOW}.25"),
    line("x", time="1"),
    line("0F5383D: from=<\N{PILE OF POO}@x>, size=1, nrcpt=1 (queue active)", time="4000000000"),
    line("0F5383D: to=<a@x>, relay=none, delay=1e5, delays=0/0/0/0, dsn=2.0.0, status=sent (ok)"),
    line("0F5383D: from=<a@x>, size=999999999999999999999999, nrcpt=1 (queue active)"),
    line(
        "0F5383D: to=<a@x>, relay=none, delay=" + "9" * 400 + ", delays=0/0/0/0, dsn=2.0.0, status=sent (ok)"
    ),
]
DEEP: list = []
for _ in range(900):
    DEEP = [DEEP]
HUGE = {"A": {"score": 1e308, "metric_score": 1e308}, "B": {"score": -1e308}, "C": {"score": 1e308}}
BAD_SCANS = [
    (scan(symbols={"A": DEEP}), "nested too deep, or a number too large"),
    (None, "not an object"),
    ({}, "no usable unix_time"),
    (scan(action=None), "no action"),
    (scan(unix_time="x"), "no usable unix_time"),
]
STRANGE_SCANS = [
    scan(symbols={"\0": {"score": "\0"}, "A": None, "B": [], "C": {"score": {}, "options": 7}}),
    scan(subject="\0\ud800"),
    scan(score="high"),
    scan(**{"message-id": "a" * 1900 + "@x"}),
    scan(rcpt_smtp=[None, "\0@x"] * 500),
    scan(size=-1.5),
    scan(score=float("inf")),
    scan(ip=["x"]),
    scan(user={"0": "x"}),
    scan(rcpt_mime="x"),
    scan(rcpt_mime=[{}]),
    scan(unix_time=NOW + 0.5),
    scan(unix_time=10),
    scan(size=10**25),
    scan(symbols=HUGE, score=1e308, required_score=-1e308),
    scan(subject="\ud800", size=10**30),
]


def neighbours(rows, good):
    """Every bad row between two good ones, which all have to be stored."""
    found = [good(0)]
    for number, row in enumerate(rows, start=1):
        found += [row, good(number)]
    return found


def test_bad_lines_are_set_aside_with_their_reason_and_cost_their_neighbours_nothing(viewer, replay):
    replay.lists["postfix"] = neighbours([row for row, _ in BAD_LINES], lambda number: line(f"good {number}"))
    viewer.fetch()
    assert viewer.count("postfix_logs") == len(BAD_LINES) + 1
    told = [row["reason"] for row in viewer.ask("SELECT reason FROM set_aside_rows")]
    assert sorted(told) == sorted(reason for _, reason in BAD_LINES)


def test_bad_scans_are_set_aside_with_their_reason_and_cost_their_neighbours_nothing(viewer, replay):
    replay.lists["rspamd-history"] = neighbours(
        [row for row, _ in BAD_SCANS], lambda number: scan(**{"message-id": f"{number}@x"})
    )
    viewer.fetch()
    assert viewer.count("rspamd_logs") == len(BAD_SCANS) + 1
    assert sorted(row["reason"] for row in viewer.table("set_aside_rows")) == sorted(
        reason for _, reason in BAD_SCANS
    )


@pytest.mark.parametrize("first", range(0, len(STRANGE_LINES), 4))
def test_strange_lines_are_stored_or_set_aside_and_stop_nothing(viewer, replay, first):
    rows = neighbours(STRANGE_LINES[first : first + 4], lambda number: line(f"good {number}"))
    replay.lists["postfix"] = rows
    viewer.fetch()
    assert viewer.count("postfix_logs") + viewer.count("set_aside_rows") == len(rows)
    replay.lists["postfix"] = [*rows, line("later")]
    viewer.fetch()
    assert viewer.count("postfix_logs") + viewer.count("set_aside_rows") == len(rows) + 1


@pytest.mark.parametrize("first", range(0, len(STRANGE_SCANS), 5))
def test_strange_scans_are_stored_or_set_aside_and_stop_nothing(viewer, replay, first):
    rows = neighbours(STRANGE_SCANS[first : first + 5], lambda number: scan(**{"message-id": f"{number}@x"}))
    replay.lists["rspamd-history"] = rows
    viewer.fetch()
    assert viewer.count("rspamd_logs") + viewer.count("set_aside_rows") == len(rows)
    client = viewer.app.test_client()
    for path in ("/api/logs/rspamd", "/logs/rspamd", "/api/messages", "/dashboard"):
        assert client.get(path).status_code == 200, path
    for found in viewer.ask("SELECT correlation_key AS key FROM messages"):
        for path in (f"/messages/{found['key']}", f"/api/message/{found['key']}/details"):
            assert client.get(path).status_code == 200, path


def test_a_row_that_nests_without_end_is_set_aside_and_blocks_nothing(viewer, replay, monkeypatch):
    rows = b", ".join([orjson.dumps(line("later")), b"[" * 100_000 + b"]" * 100_000, orjson.dumps(line("a"))])
    plain = replay.answer
    monkeypatch.setattr(
        replay,
        "answer",
        lambda route, key: (200, b"[" + rows + b"]") if "postfix" in route else plain(route, key),
    )
    viewer.fetch()
    assert [row["message"] for row in viewer.table("postfix_logs")] == ["later", "a"]
    assert viewer.ask("SELECT DISTINCT reason FROM set_aside_rows") == [{"reason": "not an object"}]


def test_bad_netfilter_rows_cost_their_neighbours_nothing(viewer, replay):
    good = {"time": NOW, "priority": "crit", "message": "Banning 203.0.113.9/32 for 30 minutes"}
    replay.lists["netfilter"] = [
        good,
        None,
        {"time": NOW},
        {**good, "message": "\0"},
        {**good, "time": str(NOW)},
        good,
    ]
    viewer.fetch()
    assert viewer.count("netfilter_logs") == 4
    assert viewer.count("set_aside_rows") == 2


def test_a_bad_row_is_set_aside_once_however_often_it_is_seen(viewer, replay):
    replay.lists["postfix"] = [line("a"), None, line("b")]
    for _ in range(3):
        viewer.do("DELETE FROM log_cursors")
        viewer.fetch()
    assert viewer.count("set_aside_rows") == 1
    assert viewer.count("postfix_logs") == 2


def test_the_messages_of_strange_lines_can_be_listed_and_read(viewer, replay):
    replay.lists["postfix"] = STRANGE_LINES
    viewer.fetch()
    client = viewer.app.test_client()
    found = client.get("/api/messages").get_json()["data"]
    assert found
    for message in found:
        assert client.get(f"/api/message/{message['correlation_key']}/details").status_code == 200
        assert client.get(f"/messages/{message['correlation_key']}").status_code == 200
