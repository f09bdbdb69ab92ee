"""Searches under a name: of an account or of a browser, bounded, renamed, pinned, deleted, counted."""

import re
from base64 import b64encode
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.saved import keep

QUERY = "status=bounced&sender_domain=harbour.example"


def token(client: FlaskClient) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/saved").text)
    assert found
    return found[1]


def save(client: FlaskClient, name: str = "Bounces", query: str = QUERY, where: str = "", **more: str) -> int:
    given = {"csrf_token": token(client), "name": name, "query": query, **more}
    return client.post(f"/saved{where}", data=given).status_code


def listed(client: FlaskClient) -> list[tuple[str, str]]:
    """(number, name) of each search on the page."""
    html = client.get("/saved").text
    return re.findall(r'action="/saved/(\d+)".*?name="name" value="([^"]*)"', html, re.DOTALL)


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


def test_a_browser_keeps_renames_pins_and_deletes_its_own_alone(app: Flask) -> None:
    client, other = app.test_client(), app.test_client()
    assert save(client, query=QUERY + "&page=3&limit=25&nonsense=1") == 303
    [(number, name)] = listed(client)
    assert name == "Bounces"
    shown = client.get("/saved").text
    assert "Outcome Bounced, Sender&#39;s domain harbour.example" in shown
    assert 'href="/messages?status=bounced&amp;sender_domain=harbour.example"' in shown
    assert "Bounces" in client.get("/saved", headers={"HX-Request": "true"}).text
    assert listed(other) == []
    assert save(other, where=f"/{number}", do="delete") == 404
    assert save(client, where=f"/{number}", name="All bounces", do="rename") == 303
    assert save(client, where=f"/{number}", do="pin") == 303
    pins = client.get("/saved/pins").text
    assert re.search(r"<b>0</b> <bdi[^>]*>All bounces</bdi> <span[^>]*>in 24 h", pins)
    assert "All bounces" not in other.get("/saved/pins").text
    assert save(client, where=f"/{number}", do="delete") == 303
    assert listed(client) == []


def test_an_account_has_its_searches_in_every_browser_and_may_keep_them_without_acting(
    make_app: Callable[..., Flask],
) -> None:
    people = {"auth_enabled": True, "auth_username": "ada", "auth_password": "secret"}
    app = make_app(**people, auth_viewer_username="vic", auth_viewer_password="looking")
    found = {}
    for who in (("ada", "secret"), ("vic", "looking")):
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = _basic(*who)
        assert save(client, name=f"Of {who[0]}") == 303
        again = app.test_client()
        again.environ_base["HTTP_AUTHORIZATION"] = _basic(*who)
        found[who[0]] = [name for _, name in listed(again)]
    assert found == {"ada": ["Of ada"], "vic": ["Of vic"]}


def _basic(name: str, password: str) -> str:
    return "Basic " + b64encode(f"{name}:{password}".encode()).decode()


def test_names_and_searches_are_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    assert save(client, name="x" * 61) == 400
    assert save(client, query="") == 400
    assert save(client, query="status=nonsense") == 400
    monkeypatch.setattr(keep, "MOST", 2)
    assert [save(client, name=name) for name in ("a", "b", "b", "c")] == [303, 303, 303, 400]
    assert [name for _, name in listed(client)] == ["a", "b"]
    monkeypatch.setattr(keep, "MOST_OF_BROWSERS", 2)
    assert save(app.test_client(), name="one too many") == 400
