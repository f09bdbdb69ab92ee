"""The simulated mailcow answers as mailcow's API does, and its write routes change what it shows."""

import gzip
import http.client
import json
import time

import pytest

from webapp.demo.bulk import RowState
from webapp.demo.server import DemoServer, serve
from webapp.demo.state import State

NOW = 1_795_374_576.0


@pytest.fixture(scope="module")
def server():
    running = serve(key="KEY-RO", key_rw="KEY-RW", history=3, ring=3000, clock=lambda: NOW)
    yield running
    running.close()


@pytest.fixture(scope="module")
def connection(server):
    made = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    yield made
    made.close()


def ask(connection, path, key="KEY-RO", method="GET", body=None, **headers):
    if key:
        headers["X-API-Key"] = key
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    data = answer.read()
    if answer.headers.get("Content-Encoding") == "gzip":
        data = gzip.decompress(data)
    return answer.status, data


def get(connection, route):
    status, data = ask(connection, f"/api/v1/get/{route}")
    assert status == 200
    return json.loads(data)


def post(connection, route, body):
    status, data = ask(connection, f"/api/v1/{route}", "KEY-RW", "POST", body)
    assert status == 200
    return json.loads(data)


def test_keys(connection):
    assert ask(connection, "/api/v1/get/status/version", "")[:2] == (200, b"")
    assert ask(connection, "/api/v1/get/status/version", "WRONG") == (
        401,
        b'{"type": "error", "msg": "authentication failed"}',
    )
    for key in ("", "KEY-RO"):
        assert ask(connection, "/api/v1/edit/mailq", key, "POST", {"attr": {"action": "flush"}})[0] == 403
    assert ask(connection, "/api/v1/get/nothing")[0] == 404
    assert ask(connection, "/api/v1/edit/mailq")[0] == 405


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("/5", slice(0, 5)),
        ("", slice(0, 1000)),
        ("/3-7", slice(2, 7)),
        ("/99999", slice(0, 99999)),
        ("/0", None),
        ("/", None),
        ("/9-3", None),
    ],
)
def test_a_log_page_has_the_rows_asked_for_newest_first(connection, extra, expected):
    everything = get(connection, "logs/postfix/3000")
    assert get(connection, f"logs/postfix{extra}") == ({} if expected is None else everything[expected])


@pytest.mark.parametrize("extra", ["/0-99", "/5-", "/99999-100000"])
def test_a_range_without_rows_is_an_empty_object(connection, extra):
    assert get(connection, f"logs/postfix{extra}") == {}


def test_ranges_of_rspamd_history_count_from_zero(connection):
    everything = get(connection, "logs/rspamd-history/1000")
    assert get(connection, "logs/rspamd-history/1-10") == everything[1:11]


def test_every_route_answers(connection):
    assert {row["domain_name"] for row in get(connection, "domain/all")} == {
        "harbour-books.example",
        "nordwind-werft.example",
    }
    assert get(connection, "alias-domain/all")[0]["target_domain"] == "harbour-books.example"
    assert len(get(connection, "mailbox/all")) == len(get(connection, "mailbox/reduced")) == 25
    assert len(get(connection, "mailbox/all/nordwind-werft.example")) == 7
    assert [row["is_catch_all"] for row in get(connection, "alias/all")].count(1) == 1
    assert get(connection, "dkim/harbour-books.example")["dkim_selector"] == "dkim"
    assert get(connection, "dkim/elsewhere.example") == {}
    assert get(connection, "status/containers")["postfix-mailcow"]["state"] == "running"
    assert get(connection, "rl-mbox/all")[0]["value"] == "60"
    assert get(connection, "fail2ban")["max_attempts"] == 10
    for route in (
        "status/vmail",
        "status/version",
        "status/host",
        "fwdhost/all",
        "rl-domain/all",
        "mailq/all",
        "quarantine/all",
    ):
        assert get(connection, route)
    for name in (
        "dovecot",
        "sogo",
        "autodiscover",
        "api",
        "watchdog",
        "ratelimited",
        "sasl",
        "ui",
        "cron",
        "netfilter",
    ):
        assert get(connection, f"logs/{name}/2"), name


def test_large_answers_are_compressed_when_accepted(connection):
    plain = ask(connection, "/api/v1/get/logs/postfix/50")[1]
    assert ask(connection, "/api/v1/get/logs/postfix/50", **{"Accept-Encoding": "gzip"})[1] == plain


def test_deleting_and_holding_a_queued_mail(connection):
    first, second = (row["queue_id"] for row in get(connection, "mailq/all")[:2])
    assert post(connection, "delete/mailq", [first])["type"] == "success"
    post(connection, "edit/mailq", {"items": [second], "attr": {"action": "hold"}})
    queue = {row["queue_id"]: row["queue_name"] for row in get(connection, "mailq/all")}
    assert first not in queue
    assert queue[second] == "hold"
    assert f"{first}: removed" in [row["message"] for row in get(connection, "logs/postfix/9")]
    assert get(connection, "mailq/all") == get(connection, "mailq/all")
    before = len(queue)
    post(connection, "delete/mailq", {"action": "super_delete"})
    assert len(get(connection, "mailq/all")) == before


def test_items_leave_the_quarantine(connection):
    first, second, third = (str(row["id"]) for row in get(connection, "quarantine/all")[:3])
    assert json.loads(get(connection, f"quarantine/{first}")["symbols"])
    released = post(connection, "edit/qitem", {"items": [first], "attr": {"action": "release"}})
    assert released[0]["msg"] == ["item_released", first]
    post(connection, "edit/qitem", {"items": [second], "attr": {"action": "learnspam"}})
    assert post(connection, "delete/qitem", [third, "999999"])[1]["type"] == "danger"
    assert not {int(first), int(second), int(third)} & {
        row["id"] for row in get(connection, "quarantine/all")
    }


def test_a_queued_mail_is_delivered_on_demand():
    now = [NOW]
    state = State(history=3, ring=3000, clock=lambda: now[0])
    running = serve(key="R", key_rw="KEY-RW", state=state)
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
    queue_id = next(iter(state.queue))
    post(connection, "edit/mailq", {"items": [queue_id], "attr": {"action": "deliver"}})
    now[0] += 5
    state.advance()
    assert queue_id not in state.queue
    assert any(
        f"{queue_id}: to=" in text and "status=sent" in text for text in list(state.lists["postfix"])[:200]
    )
    connection.close()
    running.close()


def test_faults_are_switched_on_and_off(connection):
    for mode, status in (("500", 500), ("401", 401), ("html", 200), ("empty", 200)):
        assert ask(connection, "/_demo/fault", method="POST", body={"mode": mode})[0] == 200
        assert ask(connection, "/api/v1/get/status/version")[0] == status
    ask(connection, "/_demo/fault", method="POST", body={"mode": "ok"})
    assert get(connection, "status/version")


def test_prepared_rows_come_in_when_told():
    running: DemoServer = serve(key="KEY-RO", state=RowState(5000, ring=1000))
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
    assert get(connection, "logs/postfix/10") == {}
    for left in (3000, 1000, 0):
        answer = json.loads(ask(connection, "/_demo/advance", method="POST", body={"rows": 2000})[1])
        assert answer["left"] == left
    assert len(get(connection, "logs/postfix/9999")) == 1000
    assert int(get(connection, "logs/postfix/1")[0]["time"]) <= time.time()
    connection.close()
    running.close()


def test_long_queue_ids_are_out_of_reach_one_by_one_but_not_all_together():
    state = State(history=3, ring=3000, long_ids=True, clock=lambda: NOW)
    running = serve(key="R", key_rw="KEY-RW", state=state)
    connection = http.client.HTTPConnection("127.0.0.1", running.server_port, timeout=10)
    before = dict(state.queue)
    assert post(connection, "delete/mailq", list(before))["type"] == "success"
    assert state.queue == before
    post(connection, "edit/mailq", {"attr": {"action": "super_delete"}})
    assert not state.queue
    connection.close()
    running.close()
