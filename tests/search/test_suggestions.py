"""How a search may go on: pure words, names that are known by their beginning, and the list under the box."""

import pytest

from webapp.search.known import Known, known_by
from webapp.search.suggestions import MOST, suggestions
from webapp.tables.db import db

KNOWN = [
    Known("anna@ours.example", "mailbox"),
    Known("annex@ours.example", "alias"),
    Known("annual.example", "domain"),
    Known("annie@theirs.example", "address"),
    Known('an"odd one"@x.example', "address"),
    Known("192.0.2.7", "ip"),
]


def lookup(beginning):
    return [one for one in KNOWN if one.name.startswith(beginning)]


def offered(typed):
    return [one.search for one in suggestions(typed, lookup)]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("fr", ["from:", "friday"]),
        ("boun", ["status:bounced"]),
        ("status:de", ["status:delivered", "status:deferred"]),
        ("yest", ["yesterday"]),
        ("invoice -st", ["invoice -status:"]),
        ("after:y", ["after:yesterday"]),
        ("ann", ["anna@ours.example", "annex@ours.example", "domain:annual.example", "annie@theirs.example"]),
        ("x from:anni", ["x from:annie@theirs.example"]),
        ("FROM:ANNI", ["from:annie@theirs.example"]),
        ("domain:ann", ["domain:annual.example"]),
        ("192.", ["ip:192.0.2.7"]),
        ("ip:192", ["ip:192.0.2.7"]),
        ("subject:ann", []),
        ('"ann', []),
        ("a b c d e f g h i j k l ann", []),
        ("surely-nobody", []),
    ],
)
def test_the_last_word_goes_on(typed, wanted):
    assert offered(typed) == wanted


def test_fields_are_offered_where_a_word_begins():
    assert offered("") == offered("  ")
    assert [one.search for one in suggestions("anna ", lookup)][:2] == ["anna from:", "anna to:"]
    assert len(offered("")) == MOST
    assert all(one.is_open for one in suggestions("", lookup))


def test_what_is_ours_and_what_was_seen_is_known_by_its_beginning(recorded_viewer):
    recorded_viewer.read_mailboxes()
    box = recorded_viewer.ask("SELECT username, domain FROM mailboxes WHERE deleted_at IS NULL LIMIT 1")[0]
    seen = recorded_viewer.ask(
        "SELECT lower(sender) AS sender, ip FROM messages WHERE sender LIKE '%@%' AND ip IS NOT NULL "
        "ORDER BY first_seen DESC LIMIT 1"
    )[0]
    with recorded_viewer.app.app_context():
        found = {
            (one.name, one.kind)
            for name in (box["username"], box["domain"], seen["sender"], seen["ip"])
            for one in known_by(db.session(), name[:-1].upper())
        }
        assert known_by(db.session(), "surely-nobody%") == []
    wanted = {(box["username"], "mailbox"), (box["domain"], "domain"), (seen["ip"], "ip")}
    assert wanted <= found
    assert seen["sender"] in {name for name, _ in found}


def test_the_list_under_the_box_is_a_list_of_options(recorded_viewer):
    client = recorded_viewer.app.test_client()
    part = client.get("/search/suggestions?search=invoice+stat", headers={"HX-Request": "true"}).text
    assert '<li role="option" id="suggestion-1" aria-selected="false" data-search="invoice status:">' in part
    assert "<html" not in part
    whole = client.get("/search/suggestions?search=invoice+stat").text
    assert 'href="/messages?search=invoice+status%3A"' in whole
    data = client.get("/api/search/suggestions?search=status:boun").get_json()["data"]
    assert [(one["search"], one["is_open"]) for one in data] == [("status:bounced", False)]
    assert client.get("/api/search/suggestions", query_string={"search": "x" * 501}).status_code == 400
