"""What is banned, until when, and how a ban is lifted: from the list, and from the page of an address."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.mailqueue.conftest import KEYS, demo, make_demo, token  # noqa: F401
from webapp.demo.server import DemoServer
from webapp.mailcow import audit, live
from webapp.mailcow.actions import ItemState, Reply
from webapp.mailcow.bans import ban_rows
from webapp.mailcow.client import MailcowGarbage
from webapp.mailcow.connection import mailcow
from webapp.security.act import judge
from webapp.security.bans import ban_of, by_id, read
from webapp.tables.db import db, iso, utc

ONE, TWO = "192.0.2.25", "2001:db8::1"
MINUTE = 60


def test_rows_tell_the_end_of_a_ban_to_the_minute() -> None:
    told = {
        "active_bans": [
            {"network": "192.0.2.25/32", "ip": ONE, "banned_until": "00h 29m 12s", "queued_for_unban": 0},
            {"network": "198.51.100.0/24", "banned_until": "00h 00m -3s", "queued_for_unban": "1"},
            "odd",
        ],
        "perm_bans": ["203.0.113.1/32", {"network": "203.0.113.2/32", "ip": "203.0.113.2"}, {}],
    }
    at = 1_700_000_000.0
    rows = ban_rows(told, at)
    assert [(row["network"], row["until"], row["queued"], row["permanent"]) for row in rows] == [
        ("192.0.2.25/32", 1_700_001_780, False, False),
        ("198.51.100.0/24", None, True, False),
        ("203.0.113.1/32", None, False, True),
        ("203.0.113.2/32", None, False, True),
    ]
    assert ban_rows(told, at + 1)[0]["until"] == rows[0]["until"]
    assert ban_rows({"perm_bans": ""}, at) == []
    with pytest.raises(MailcowGarbage):
        ban_rows([], at)


def test_the_narrowest_ban_counts() -> None:
    names = ("192.0.2.0/24", "192.0.2.25/32", "2001:db8::/64", "no network")
    bans = read([{"network": name} for name in names])
    assert [ban.name for ban in bans] == ["192.0.2.0/24", ONE, "2001:db8::/64"]
    for address, name in ((ONE, ONE), ("192.0.2.9", "192.0.2.0/24"), (TWO, "2001:db8::/64")):
        found = ban_of(bans, address)
        assert found is not None
        assert found.name == name
    assert ban_of(bans, "198.51.100.1") is None


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        ({}, ItemState.FAILED),
        ({"queued": True}, ItemState.OPEN),
        ({"permanent": True}, ItemState.FAILED),
        (None, ItemState.DONE),
    ],
)
def test_a_ban_counts_as_lifted_where_the_list_has_it_no_more(row: Any, outcome: ItemState) -> None:
    bans = by_id([{"network": "192.0.2.25/32", **row}]) if row is not None else {}
    told = judge("unban", "192.0.2.25/32", Reply(True, "f2b_modified"), bans.get("192.0.2.25/32"))
    assert told.state is outcome


@pytest.fixture
def banning(make_app: Callable[..., Flask], make_demo: Callable[..., DemoServer]) -> Any:  # noqa: F811
    """(application, demo) with two bans, one of IPv6."""
    demo = make_demo(history=0)  # noqa: F811
    app = make_app(mailcow_url=demo.url, **KEYS)
    end = round(demo.state.clock() / MINUTE) * MINUTE + 30 * MINUTE
    demo.state.bans.update({f"{ONE}/32": (ONE, end), f"{TWO}/128": (TWO, end)})
    with app.app_context():
        live.take(live.BANS, db.session.connection(), mailcow(app.config["SETTINGS"]))
        db.session.commit()
    return app, demo, end


def test_an_address_is_unbanned_from_its_page(banning: Any) -> None:
    app, demo, end = banning  # noqa: F811
    client, place = app.test_client(), f"/security/address/{TWO}"
    shown = client.get(place).text
    assert "is banned" in shown
    assert f'datetime="{iso(utc(end))}"' in shown
    sent = {"csrf_token": token(client, place), "do": "unban", "ids": f"{TWO}/128", "place": place}
    assert "Unban 1 address?" in client.post("/security/bans/confirm", data=sent).text
    done = client.post("/security/bans/actions", data=sent)
    assert done.location.startswith(f"{place}?result=")
    assert "is no longer banned" in client.get(done.location).text
    assert list(demo.state.bans) == [f"{ONE}/32"]
    with app.app_context():
        trail = [(one.action, one.outcome) for one in audit.recent(db.session(), "banlist:")]
    assert trail == [("banlist:unban", "done")]
    answer = client.get("/api/bans").json
    assert [(ban["address"], ban["until"], ban["state"]) for ban in answer["data"]] == [
        (ONE, iso(utc(end)), "banned")
    ]
    assert f'href="/security/address/{ONE}"' in client.get("/security/bans").text
    refused = client.post("/api/bans/actions", json={"action": "unban", "ids": ["203.0.113.1/32"]}).json
    assert (refused["failed"], len(demo.state.bans)) == (1, 1)


def test_mailcows_list_goes_before_the_log(banning: Any) -> None:
    app, _, end = banning
    client = app.test_client()
    fact = client.get(f"/api/search/elsewhere?search={ONE}").json["data"][0]
    assert (fact["kind"], fact["until"], fact["since"]) == ("banned", iso(utc(end)), None)
    assert "until" in client.get(f"/search/elsewhere?search={ONE}").text
    assert "noted nothing of it" in client.get("/security/address/192.0.2.99").text
    assert client.get("/security/address/192.0.2.0%2F24").status_code == 404
    assert client.get("/security/address/evil").status_code == 404
