"""Refused sign-ins of Dovecot, one by one: as JSON, CSV and page, by user, address and words."""

import pytest

from tests.fixtures import make_viewer, replay, viewer  # noqa: F401
from tests.samples import recorded


@pytest.fixture
def client(viewer, replay):  # noqa: F811
    replay.lists["dovecot"] = recorded.lists()["dovecot"]
    viewer.fetch()
    return viewer.app.test_client()


def found(client, **asked):
    return client.get("/api/logs/sign-ins", query_string=asked).get_json()


def test_every_refused_password_is_listed_and_nothing_else(client):
    rows = found(client, limit=500)["data"]
    logged = [row for row in recorded.rows("dovecot") if "given password" in row["message"]]
    assert len(rows) == len(logged) == 22
    assert {row["reason"] for row in rows} == {"unknown user", "password mismatch"}


@pytest.mark.parametrize(
    "asked",
    [
        {"username": "carla"},
        {"ip": "100.64.7.5", "username": "carla@nordlicht-kontor.example"},
        {"search": "password mismatch"},
    ],
)
def test_they_are_found_by_user_address_and_words(client, asked):
    answer = found(client, **asked)
    assert answer["total"] == 2
    assert {row["username"] for row in answer["data"]} == {"carla@nordlicht-kontor.example"}


def test_page_and_file_show_them(client):
    page = client.get("/security/sign-ins?username=carla").get_data(as_text=True)
    assert "carla@nordlicht-kontor.example" in page
    assert page.count('role="row" id="l-') == 2
    rows = client.get("/api/export/sign-ins/csv?username=carla").get_data(as_text=True).splitlines()
    assert rows[0].endswith("Time,User,IP,Protocol,Reason,Attempts,Message")
    assert len(rows) == 3
