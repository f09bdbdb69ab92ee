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


def test_no_rspamd_row_of_these_mails_stands_alone(shown):
    alone = [row["message_id"] for row in shown.rows if not row["queue_id"] and row["message_id"]]
    assert alone == []


@pytest.mark.parametrize("case", EVENTS, ids=[f"{case['name']} ({case['source']})" for case in EVENTS])
def test_an_event_is_read_as_it_was_meant(case):
    line = parse_netfilter(case["message"])
    assert {key: getattr(line, key) for key in case["expected"]} == case["expected"]
