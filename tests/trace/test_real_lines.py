"""Real lines that people have posted come out right; each case names where its lines come from."""

import pytest

from tests.samples.real_lines import EVENTS, MAILS
from webapp.parse.netfilter import parse_netfilter

FIELDS = {
    "final": "final_status",
    "dir": "direction",
    "sender": "sender",
    "ip": "ip",
    "user": "user",
    "helo": "helo",
    "rcpts": "recipients",
    "rcpt_count": "recipient_count",
}


class Shown:
    """What the API shows after all cases were read at once."""

    def __init__(self, client):
        self.client = client
        self.rows = client.get("/api/messages?limit=500").get_json()["data"]

    def of(self, case):
        wanted = case["expected"]
        if "queue_id" in case:
            return [row for row in self.rows if row["queue_id"] == case["queue_id"]]
        if wanted.get("findip"):
            return [row for row in self.rows if row["ip"] == wanted["find"]]
        return [row for row in self.rows if wanted["find"] in row["recipients"]]

    def detail(self, row):
        return self.client.get(f"/api/message/{row['correlation_key']}/details").get_json()


@pytest.fixture(scope="module")
def shown(real_lines_viewer):
    return Shown(real_lines_viewer.app.test_client())


@pytest.mark.parametrize("case", MAILS, ids=[f"{case['name']} ({case['source']})" for case in MAILS])
def test_a_mail_is_shown_as_it_happened(shown, case):
    wanted, found = case["expected"], shown.of(case)
    assert len(found) == wanted["n"]
    if not found:
        return
    one = shown.detail(found[0])
    assert {key: one[field] for key, field in FIELDS.items() if key in wanted} == {
        key: wanted[key] for key in FIELDS if key in wanted
    }
    people = {person["orig_to"] or person["recipient"]: person for person in one["deliveries"]}
    if "d" in wanted:
        assert {address: person["status"] for address, person in people.items()} == wanted["d"]
    for address, count in wanted.get("attempts", {}).items():
        assert people[address]["attempts"] == count
    assert bool(one["rspamd"]) >= bool(wanted.get("scan"))
    assert bool(one["ended_at"]) >= bool(wanted.get("ended"))
    assert wanted.get("notsummary", "\0") not in one["summary"]
    assert not any(wanted.get("reply_not", "\0") in (person["response"] or "") for person in people.values())


def test_list_page_and_api_count_the_same_recipients(shown):
    for row in shown.rows:
        one = shown.detail(row)
        told = {person["orig_to"] or person["recipient"] for person in one["deliveries"]}
        assert told == set(row["recipients"])
        rest = one["unnamed"]["count"] if one["unnamed"] else 0
        assert len(told) + rest == row["recipient_count"] == one["recipient_count"]


def test_a_recipient_without_a_delivery_is_in_progress(shown):
    by_id = {row["queue_id"]: row for row in shown.rows}
    held, many = shown.detail(by_id["A1B2C3D4E09"]), shown.detail(by_id["11C9513477F0"])
    assert [(one["status"], one["time"]) for one in held["deliveries"]] == [("in progress", None)]
    statuses = [one["status"] for one in many["deliveries"]]
    assert (statuses.count("deferred"), statuses.count("in progress")) == (1, 76)
    assert (held["unnamed"], many["unnamed"]) == (None, None)


def test_no_rspamd_row_of_these_mails_stands_alone(shown):
    alone = [row["message_id"] for row in shown.rows if not row["queue_id"] and row["message_id"]]
    assert alone == []


@pytest.mark.parametrize("case", EVENTS, ids=[f"{case['name']} ({case['source']})" for case in EVENTS])
def test_an_event_is_read_as_it_was_meant(case):
    line = parse_netfilter(case["message"])
    assert {key: getattr(line, key) for key in case["expected"]} == case["expected"]


def test_what_was_refused_without_a_mail_is_a_refused_connection(real_lines_viewer):
    client = real_lines_viewer.app.test_client()
    rows = client.get("/api/logs/connections").get_json()["data"]
    assert {(row["ip"], row["stage"], row["reason"]) for row in rows} == {
        ("203.0.113.95", "CONNECT", "too many connections"),
        ("2001:db8:9999:20:88b:9b7d:2a54:2bd2", "VRFY", "454 4.7.1 <aap@henk.example>: Relay access denied"),
    }
    (row,) = client.get("/api/logs/connections?ip=203.0.113.95").get_json()["data"]
    assert row["stage"] == "CONNECT"
    assert "too many connections" in client.get("/security/connections").get_data(as_text=True)
    assert "Refused at" in client.get("/api/export/connections/csv").get_data(as_text=True)


def test_a_requeued_mail_is_related_to_itself_under_its_new_queue_id(shown):
    (old,) = [row for row in shown.rows if row["queue_id"] == "A1B2C3D4E0C"]
    (new,) = [row for row in shown.rows if row["queue_id"] == "A1B2C3D4E0D"]
    assert [other["relation"] for other in shown.detail(old)["related"]] == ["requeued_as"]
    assert [other["relation"] for other in shown.detail(new)["related"]] == ["requeue_of"]
