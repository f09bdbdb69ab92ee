"""What would explain that nothing is found: greylisting without a retry, refusals, a banned client."""

import pytest

from webapp.mailcow import snapshots
from webapp.tables.db import db, now

GREY = "4.7.1 <b@y.example>: Recipient address rejected: Greylisted, please try again later"
LOST, BACK, SPAM = "lost@x.example", "back@x.example", "spam@x.example"
IP = "192.0.2.66"


def refusal(second, sender, reply, to="b@y.example"):
    message = (
        f"NOQUEUE: reject: RCPT from mx.x.example[{IP}]: {reply}; from=<{sender}> to=<{to}> proto=ESMTP "
        "helo=<mx.x.example>"
    )
    return {"time": str(second), "program": "postfix/smtpd", "priority": "info", "message": message}


def delivery(second, queue_id, sender):
    texts = (
        ("smtpd", f"client=mx.x.example[{IP}]"),
        ("cleanup", f"message-id=<{queue_id}@x.example>"),
        ("qmgr", f"from=<{sender}>, size=700, nrcpt=1 (queue active)"),
        (
            "lmtp",
            "to=<b@y.example>, relay=dovecot[172.22.1.250]:24, delay=1, delays=1/0/0/0, dsn=2.0.0, "
            "status=sent (250 Saved)",
        ),
        ("qmgr", "removed"),
    )
    return [
        {
            "time": str(second),
            "program": f"postfix/{program}",
            "priority": "info",
            "message": f"{queue_id}: {text}",
        }
        for program, text in texts
    ]


@pytest.fixture
def client(viewer, replay):
    second = int(now().timestamp()) - 3600
    replay.lists["postfix"] = [
        refusal(second, LOST, f"450 {GREY}"),
        refusal(second, BACK, f"450 {GREY}"),
        refusal(second + 1, SPAM, "554 5.7.1 <b@y.example>: Recipient address rejected: Access denied"),
        *delivery(second + 600, "4bXyZ01234", BACK),
    ]
    viewer.fetch()
    with viewer.app.app_context():
        row = {"network": f"{IP}/32", "until": second + 7200, "queued": False, "permanent": False}
        snapshots.keep(db.session.connection(), "banlist", [row])
        db.session.commit()
    return viewer.app.test_client()


def facts(client, search):
    answer = client.get("/api/search/absence", query_string={"search": search}).get_json()["data"]
    return [(fact["kind"], fact["subject"]) for fact in answer], answer


def test_what_a_sender_met_is_told(client):
    kinds, told = facts(client, f"from:{LOST} invoice")
    assert kinds == [("greylisted", LOST), ("banned", IP)]
    assert told[0]["sentence"] == (
        "was asked to try again (greylisting) with mail to b@y.example and has not come back"
    )
    assert told[0]["url"].startswith("/messages/")
    assert told[1]["until"]
    kinds, told = facts(client, BACK)
    assert kinds == [("banned", IP), ("others", BACK)]
    assert told[1]["sentence"] == "1 other message is here, which the rest of the search rules out"
    kinds, told = facts(client, f"{SPAM} invoice")
    assert kinds[0] == ("rejected", SPAM)
    assert told[0]["sentence"] == "1 message was refused"
    kinds, told = facts(client, "from:x.example yesterday")
    assert {kind for kind, subject in kinds if subject == "@x.example"} == {
        "greylisted",
        "rejected",
        "others",
    }
    for unknown in ("to:b@y.example", "from:nobody@z.example", "-from:x.example", "invoice"):
        assert facts(client, unknown)[0] == []


def test_an_empty_list_asks_for_it(client):
    page = client.get("/messages", query_string={"search": "invoice", "sender": LOST}).text
    assert 'hx-get="/search/absence?search=invoice+from%3A%22lost%40x.example%22"' in page
    assert "/search/absence" not in client.get("/messages", query_string={"sender": LOST}).text
    part = client.get(f"/search/absence?search=from:{LOST}", headers={"HX-Request": "true"}).text
    assert "What may explain it" in part
    assert "has not come back, last at" in part
    assert "<html" not in part
    whole = client.get("/search/absence?search=from:nobody@z.example").text
    assert "No mail of such a sender was refused" in whole
    assert client.get("/search/absence?search=status:lost").status_code == 400
