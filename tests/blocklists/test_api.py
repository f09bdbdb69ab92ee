"""/api/blacklist/* tells what every list said last, in the keys that the original's front end reads."""

import pytest
from flask.testing import FlaskClient

from tests.blocklists.conftest import RELAY, SERVER, host, look
from tests.fixtures import Viewer
from webapp.dnscheck.blocklist import progress
from webapp.dnscheck.blocklist.verdict import State
from webapp.jobqueue import waiting

ZEN, UCE3 = "Spamhaus ZEN", "UCEPROTECT Level 3"
LISTED = {(SERVER.address, ZEN): State.LISTED}


def test_before_the_first_look_nothing_is_claimed(client: FlaskClient) -> None:
    assert client.get("/api/blacklist/monitored").json == {"hosts": [], "changes": []}
    found = client.get("/api/blacklist/summary").json
    assert (found["has_data"], found["status"], found["listed_count"]) == (False, "unknown", 0)
    assert client.get("/api/blacklist/config").json["status"] is None


def test_a_listing_says_what_it_means_and_how_to_leave(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED)
    found = host(client)
    assert (found["status"], found["listed_count"], found["source"]) == ("listed", 1, "system")
    first = found["results"][0]
    assert (first["name"], first["status"], first["response"]) == (ZEN, "listed", "127.0.0.4")
    assert (first["meaning"], first["bounced"]) == ("XBL: hacked", 3)
    assert first["info_url"].startswith("https://")
    assert first["operator"]
    assert first["policy"]
    assert host(client, RELAY.address)["status"] == "clean"
    assert host(client, RELAY.address)["source"] == "relayhost:[relay.example]:587"


def test_a_providers_listing_is_information(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, {(SERVER.address, UCE3): State.LISTED})
    found = host(client)
    assert (found["status"], found["listed_count"], found["information_count"]) == ("clean", 0, 1)


@pytest.mark.parametrize(
    ("state", "word"), [(State.REFUSED, "error"), (State.UNKNOWN, "error"), (State.TIMEOUT, "timeout")]
)
def test_what_was_not_checked_is_never_clean(
    viewer: Viewer, client: FlaskClient, state: State, word: str
) -> None:
    look(viewer, {(SERVER.address, ZEN): state})
    found = next(one for one in host(client)["results"] if one["name"] == ZEN)
    assert (found["status"], found["listed"]) == (word, False)


def test_a_look_without_an_answer_keeps_the_listing(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED, hours_ago=2)
    look(viewer, {(SERVER.address, ZEN): State.TIMEOUT})
    found = host(client)
    assert (found["status"], found["results"][0]["name"]) == ("listed", ZEN)
    assert found["results"][0]["listed"] is True


def test_changes_are_told_newest_first(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, {}, hours_ago=3)
    look(viewer, LISTED, hours_ago=2)
    look(viewer, {}, hours_ago=1)
    changes = client.get("/api/blacklist/monitored").json["changes"]
    assert [(one["address"], one["listed"]) for one in changes] == [
        (SERVER.address, False),
        (SERVER.address, True),
    ]


def test_an_old_look_is_no_present_state(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED, hours_ago=25)
    found = client.get("/api/blacklist/summary").json
    assert (found["has_data"], found["status"]) == (False, "unknown")
    assert host(client)["cache_valid"] is False


def test_the_summary_counts_all_addresses(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, {**LISTED, (RELAY.address, "SpamCop"): State.LISTED})
    found = client.get("/api/blacklist/summary").json
    assert (found["has_data"], found["status"], found["listed_count"]) == (True, "listed", 2)
    assert [one["status"] for one in found["hosts"]] == ["listed", "listed"]


def test_one_address_is_told_as_looked_up_last(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED)
    found = client.get(f"/api/blacklist/check?host={SERVER.address}").json
    assert (found["server_ip"], found["listed_count"]) == (SERVER.address, 1)
    assert client.get("/api/blacklist/check?host=192.0.2.77").status_code == 404
    with viewer.app.app_context():
        assert "blacklist_check" not in waiting()


@pytest.mark.parametrize("path", ["/api/blacklist/check", "/api/blacklist/check?host=192.0.2.1&force=true"])
def test_a_new_look_is_left_to_the_job(viewer: Viewer, client: FlaskClient, path: str) -> None:
    look(viewer, LISTED)
    assert client.get(path).status_code == 200
    with viewer.app.app_context():
        assert "blacklist_check" in waiting()
    assert client.get("/api/blacklist/progress").json["in_progress"] is True


def test_progress_is_that_of_the_job(viewer: Viewer, client: FlaskClient) -> None:
    idle = {"in_progress": False, "current": 0, "total": 0, "current_blacklist": None, "percent": 0}
    assert client.get("/api/blacklist/progress").json == idle
    with viewer.app.app_context():
        progress.note(13, 52, ZEN)
    assert client.get("/api/blacklist/progress").json == {
        "in_progress": True,
        "current": 13,
        "total": 52,
        "current_blacklist": ZEN,
        "percent": 25,
    }
