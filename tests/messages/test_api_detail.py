"""One message with all that belongs to it, and the lines of a queue id."""

import pytest

from tests.samples import recorded

DETAIL = {
    "correlation_key",
    "message_id",
    "queue_id",
    "sender",
    "recipient",
    "recipients",
    "recipient_count",
    "subject",
    "direction",
    "final_status",
    "is_complete",
    "first_seen",
    "last_seen",
    "rspamd",
    "postfix",
    "postfix_by_recipient",
    "netfilter",
    "deliveries",
    "related",
}
RSPAMD = {
    "time",
    "score",
    "required_score",
    "action",
    "symbols",
    "is_spam",
    "direction",
    "ip",
    "user",
    "has_auth",
    "size",
    "subject",
}
DELIVERY = {"recipient", "orig_to", "status", "dsn", "relay", "delay", "attempts", "response", "time"}
LINE = {"time", "program", "priority", "message", "status", "relay", "delay", "dsn"}


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.fixture(scope="module")
def details(client):
    rows = client.get("/api/messages?limit=500").get_json()["data"]
    return [client.get(f"/api/message/{row['correlation_key']}/details").get_json() for row in rows]


def test_every_documented_key_is_there(details):
    for detail in details:
        assert detail.keys() >= DETAIL
        assert detail["rspamd"] is None or detail["rspamd"].keys() >= RSPAMD
        assert all(delivery.keys() >= DELIVERY for delivery in detail["deliveries"])
        assert all(line.keys() >= LINE for line in detail["postfix"])
        assert all(other.keys() >= {"correlation_key", "queue_id", "relation"} for other in detail["related"])


def test_the_lines_are_those_of_the_queue_id_oldest_first(details):
    for detail in details:
        times = [line["time"] for line in detail["postfix"]]
        assert times == sorted(times)
        if detail["queue_id"]:
            assert detail["queue_id"] in detail["postfix"][0]["message"]
            assert (times[0], times[-1]) == (detail["first_seen"], detail["last_seen"])


def test_every_line_stands_once_under_its_recipient_or_the_system(details):
    for detail in details:
        assert sum(map(len, detail["postfix_by_recipient"].values())) == len(detail["postfix"])
        for recipient, lines in detail["postfix_by_recipient"].items():
            assert recipient == "_system" or all(f"<{recipient}>" in line["message"] for line in lines)


def test_the_final_status_is_that_of_the_recipients(details):
    for detail in details:
        words = {delivery["status"] for delivery in detail["deliveries"]}
        if words:
            word = words.pop() if len(words) == 1 else "mixed"
            assert detail["final_status"] == word or (word, detail["final_status"]) == ("delivered", "spam")
            assert sorted(detail["outcomes"]) == sorted(
                {delivery["status"] for delivery in detail["deliveries"]}
            )


def test_relations_are_mutual(client, details):
    by_key = {detail["correlation_key"]: detail for detail in details}
    inverse = {
        "notice_of": "notified_by",
        "copy_of": "copied_as",
        "retry_of": "retried_as",
        "redirect_of": "redirected_as",
        "release_of": "released_as",
        "same_message_id": "same_message_id",
        "same_session": "same_session",
    }
    inverse |= {value: key for key, value in inverse.items()}
    seen, lonely = set(), []
    for detail in details:
        for other in detail["related"]:
            seen.add(other["relation"])
            back = {
                (back["correlation_key"], back["relation"])
                for back in by_key[other["correlation_key"]]["related"]
            }
            if (detail["correlation_key"], inverse[other["relation"]]) not in back:
                lonely.append((detail["queue_id"], other["relation"], other["queue_id"]))
    assert lonely == []
    assert seen >= {"notice_of", "notified_by", "copy_of", "retry_of", "redirect_of", "same_session"}


def test_netfilter_events_of_the_client_stand_beside_a_message(viewer, replay):
    second = int(recorded.rows("postfix")[-1]["time"])
    replay.lists["postfix"] = [
        {
            "time": str(second),
            "program": "postfix/smtpd",
            "priority": "info",
            "message": "NOQUEUE: reject: RCPT from x[192.0.2.66]: 550 5.1.1 no; "
            "from=<a@x.example> to=<b@y.example> proto=ESMTP helo=<x>",
        }
    ]
    replay.lists["netfilter"] = [
        {"time": second + 5, "priority": "crit", "message": f"Banning {name} for 30 minutes"}
        for name in ("192.0.3.0/24", "192.0.2.64/29", "192.0.2.6/32", "192.0.2.66/32")
    ]
    viewer.fetch()
    client = viewer.app.test_client()
    (row,) = client.get("/api/messages").get_json()["data"]
    events = client.get(f"/api/message/{row['correlation_key']}/details").get_json()["netfilter"]
    assert {(event["ip"], event["action"], event["message"]) for event in events} == {
        ("192.0.2.66", "banned", "Banning 192.0.2.66/32 for 30 minutes"),
        ("192.0.2.64/29", "banned", "Banning 192.0.2.64/29 for 30 minutes"),
    }


def test_the_lines_of_a_queue_id_come_with_rspamds_row(client, details):
    detail = next(detail for detail in details if detail["queue_id"] and detail["rspamd"])
    answer = client.get(f"/api/logs/postfix/by-queue/{detail['queue_id']}").get_json()
    assert answer["queue_id"] == detail["queue_id"]
    assert answer["correlation_key"] == detail["correlation_key"]
    assert answer["rspamd"]["score"] == detail["rspamd"]["score"]
    assert [line["message"] for line in answer["logs"]] == [line["message"] for line in detail["postfix"]]
    assert all(
        line["queue_id"] == detail["queue_id"] and line["message_id"] == detail["message_id"]
        for line in answer["logs"]
    )
    assert all(
        line.keys()
        >= {"id", "time", "program", "priority", "message", "queue_id", "sender", "recipient", "status"}
        for line in answer["logs"]
    )


def test_every_message_page_is_shown(client, details):
    for detail in details[::25]:
        page = client.get(f"/messages/{detail['correlation_key']}")
        assert page.status_code == 200
        assert detail["queue_id"] is None or detail["queue_id"] in page.get_data(as_text=True)


def test_news_counts_what_came_since_the_list_was_shown(client, details):
    cursor = client.get("/api/messages?limit=20").get_json()["next_cursor"]
    text = client.get(
        "/messages/news", query_string={"since": cursor}, headers={"HX-Request": "true"}
    ).get_data(as_text=True)
    assert "19" in text
    assert client.get("/messages/news").status_code == 400
    assert client.get("/messages/news?since=x").status_code == 400


def test_each_of_two_refusals_in_one_second_shows_its_own_line(viewer, replay):
    lines = [
        f"NOQUEUE: reject: RCPT from mail.x.example[203.0.113.{last}]: 554 5.7.1 <a@y.example>: Relay access "
        f"denied; "
        f"from=<s@x.example> to=<a@y.example> proto=ESMTP helo=<mail.x.example>"
        for last in (7, 8)
    ]
    replay.lists["postfix"] = [
        {"time": 1_795_000_000, "priority": "info", "program": "postfix/smtpd", "message": line}
        for line in lines
    ]
    viewer.fetch()
    client = viewer.app.test_client()
    rows = client.get("/api/messages").get_json()["data"]
    shown = [
        client.get(f"/api/message/{row['correlation_key']}/details").get_json()["postfix"] for row in rows
    ]
    assert sorted(line["message"] for postfix in shown for line in postfix) == lines
