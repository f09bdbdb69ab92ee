"""What belongs to a mail folds under it: nothing is lost, nothing stands twice, a page is the same page."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures import Viewer
from webapp.messages.notice import notice_title
from webapp.tables.db import utc


@pytest.fixture(scope="module")
def client(recorded_viewer: Viewer) -> FlaskClient:
    return recorded_viewer.app.test_client()


def listed(client: FlaskClient, query: str = "") -> dict[str, Any]:
    """All pages of the folded list as one."""
    whole: dict[str, Any] = {"data": [], "threads": {}, "folded": {}}
    cursor = ""
    while cursor is not None:
        answer = client.get(f"/api/messages?threads=folded&limit=40&cursor={cursor}{query}").get_json()
        whole["data"] += answer["data"]
        whole["threads"] |= answer["threads"]
        whole["folded"] |= answer["folded"]
        cursor = answer["next_cursor"]
    return whole


@pytest.mark.parametrize("query", ["", "&status=delivered", "&sender=%3C%3E", "&search=nordlicht"])
def test_every_message_is_a_row_or_under_a_row_that_is_listed(client: FlaskClient, query: str) -> None:
    whole = listed(client, query)
    keys = {row["correlation_key"] for row in whole["data"]}
    for child, head in whole["folded"].items():
        assert head in keys
        assert head not in whole["folded"]
        assert child in {member["correlation_key"] for member in whole["threads"][head]}


def test_the_recorded_set_has_every_kind_of_fold_and_other_rows(client: FlaskClient) -> None:
    whole = listed(client)
    relations = {member["relation"] for members in whole["threads"].values() for member in members}
    assert relations == {"notice_of", "retried_as", "copy_of", "redirect_of", "same_session"}
    assert 0 < len(whole["folded"]) < len(whole["data"]) / 2


def test_threads_are_told_where_they_are_asked_for_alone_and_pages_stay_the_same(client: FlaskClient) -> None:
    flat, folded = (
        client.get(f"/api/messages?limit=30&page=2{more}").get_json() for more in ("", "&threads=folded")
    )
    assert folded.keys() - flat.keys() == {"threads", "folded"}
    assert {name: folded[name] for name in flat} == flat


def test_the_page_folds_unless_it_is_asked_for_all(client: FlaskClient) -> None:
    folded, flat = (client.get(f"/messages?limit=500{more}").text for more in ("", "&threads=flat"))
    whole = listed(client)
    rows = [text.count('<tr role="row" id="m-') for text in (folded, flat)]
    assert rows == [len(whole["data"]) - len(whole["folded"]), len(whole["data"])]
    assert f"{len(whole['folded'])} of these {len(whole['data'])} messages are folded" in folded
    assert 'href="/api/export/messages/csv' in folded


def test_a_notice_that_stands_alone_is_named_by_what_it_is_about(client: FlaskClient) -> None:
    text = client.get("/messages?limit=500&sender=%3C%3E&status=delivered").text
    assert "Bounce notice about “" in text
    whole = listed(client)
    notice = next(m for each in whole["threads"].values() for m in each if m["words"] == "bounce notice")
    assert "Bounce notice about “" in client.get(f"/messages/{notice['correlation_key']}").text


@pytest.mark.parametrize(
    ("outcomes", "after", "ended", "words"),
    [
        (["bounced"], 2, 2, "Bounce notice about “Offer”"),
        (["expired"], 432_000, 432_000, "Bounce notice about “Offer”"),
        (["deferred"], 14_400, None, "Delay notice about “Offer”"),
        (["expired"], 14_400, 432_000, "Notice about “Offer”"),
        (["delivered"], 14_400, 90_000, "Delay notice about “Offer”"),
        (["delivered"], 3, 3, "Delivery report about “Offer”"),
    ],
)
def test_bounces_are_told_apart_from_delays(
    outcomes: list[str], after: int, ended: int | None, words: str
) -> None:
    ended_at = utc(ended) if ended is not None else None
    mail = SimpleNamespace(subject="Offer", outcomes=outcomes, first_seen=utc(0), ended_at=ended_at)
    assert notice_title(SimpleNamespace(first_seen=utc(after)), mail) == words
