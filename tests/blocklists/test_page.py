"""The page shows the gravest first, says what it means and how to leave, and never shows markup of others."""

from flask.testing import FlaskClient

from tests.blocklists.conftest import RELAY, SERVER, look
from tests.fixtures import Viewer
from tests.mailqueue.conftest import token
from webapp.dnscheck.blocklist.verdict import State
from webapp.jobqueue import waiting

FRAGMENT = {"HX-Request": "true"}
LISTED = {(RELAY.address, "Spamhaus ZEN"): State.LISTED}


def test_before_the_first_look_the_page_says_why_it_is_empty(client: FlaskClient) -> None:
    text = client.get("/blocklists").text
    assert "Not looked up yet" in text
    assert "Check now" in text


def test_the_listed_address_stands_first_with_its_list(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED)
    text = client.get("/blocklists").text
    assert 0 < text.index(RELAY.address) < text.index(SERVER.address)
    for words in (
        "1 listing that matters",
        "XBL: hacked",
        "check.spamhaus.org",
        "3 recipients",
        "without it",
    ):
        assert words in text
    assert "<b>there</b>" not in text


def test_lists_that_refuse_the_resolver_are_named(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, {(SERVER.address, "Barracuda"): State.REFUSED})
    text = client.get("/blocklists").text
    assert "did not answer through this resolver: Barracuda" in text
    assert "BLACKLIST_DNS_SERVERS" in text


def test_what_changed_is_shown(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, {}, hours_ago=1)
    assert "What changed" not in client.get("/blocklists").text
    look(viewer, LISTED)
    assert "got on Spamhaus ZEN" in client.get("/blocklists").text


def test_the_part_for_htmx_has_no_frame(viewer: Viewer, client: FlaskClient) -> None:
    look(viewer, LISTED)
    part = client.get("/blocklists", headers=FRAGMENT).text
    assert "<html" not in part
    assert RELAY.address in part


def test_a_look_is_asked_for_by_the_button(viewer: Viewer, client: FlaskClient) -> None:
    asked = {"csrf_token": token(client, "/blocklists")}
    assert client.post("/blocklists/check").status_code == 400
    assert client.post("/blocklists/check", data=asked).status_code == 303
    with viewer.app.app_context():
        assert "blacklist_check" in waiting()
    assert "Under way" in client.post("/blocklists/check", data=asked, headers=FRAGMENT).text


def test_the_progress_opened_directly_leads_to_the_page(client: FlaskClient) -> None:
    assert client.get("/blocklists/progress").headers["Location"] == "/blocklists"


def test_the_domains_page_warns_only_of_listings_that_matter(viewer: Viewer, client: FlaskClient) -> None:
    words = "of addresses that send for this server"
    look(viewer, {(SERVER.address, "UCEPROTECT Level 3"): State.LISTED})
    assert words not in client.get("/domains").text
    look(viewer, LISTED)
    assert f"1 blocklist listing {words}" in client.get("/domains").text
    look(viewer, LISTED, hours_ago=25)
    assert words not in client.get("/domains").text
