"""Control characters are refused in every parameter, wherever it stands."""

from itertools import product

import pytest

from webapp.status.banners import ROOMS

PATHS = [path for path, _, _ in ROOMS if path not in ("/logs", "/api/docs")]
API = ["/api/messages", "/api/logs/postfix", "/api/export/messages/csv", "/api/queue", "/api/dmarc/domains"]


@pytest.mark.parametrize("path", PATHS + API)
def test_in_a_query(client, path):
    for name, odd in product(
        ("search", "no_such_parameter"), ("%00", "%1B", "%7F", "a%0Ab", "a%09b", "a%1C", "%1Fa")
    ):
        answer = client.get(f"{path}?{name}={odd}")
        assert answer.status_code == 400, (name, odd)
        assert "control characters" in answer.text


@pytest.mark.parametrize(
    "path", ["/messages/%00", "/api/message/a%1Bb/details", "/domains/a%00b", "/dmarc/%0A"]
)
def test_in_a_path(client, path):
    assert client.get(path).status_code == 400


def test_in_the_name_of_a_parameter(client):
    assert "the name of a parameter" in client.get("/api/messages?a%00=1").get_json()["detail"]


def test_in_json_and_at_any_depth(client):
    for body in ({"a": {"b": ["\0"]}}, {"a\x01": 1}, ["\x1f"], "\b"):
        assert client.post("/api/domains/check-all-dns", json=body).status_code == 400, body


def test_in_a_form_and_the_name_of_a_file(client):
    assert client.post("/api/dmarc/upload", data={"file": (b"x", "x")}).status_code == 400
    answer = client.post("/api/dmarc/upload", data={"note": "a\x00b"})
    assert answer.get_json() == {"detail": "note must not hold control characters"}


def test_a_field_of_a_form_without_a_name(client):
    body = b"--x\r\nContent-Disposition: form-data; filename*=UTF-8''a\r\n\r\nb\r\n--x--\r\n"
    nameless = body.replace(b"; filename*=UTF-8''a", b"")
    for data in (body, nameless):
        answer = client.post("/api/dmarc/upload", data=data, content_type="multipart/form-data; boundary=x")
        assert answer.get_json() == {"detail": "every field of a form needs a name"}


def test_blanks_around_a_value_and_lines_of_a_text_are_typed_by_people(client):
    assert client.get("/messages?search=%09a%40b.example%0A").status_code == 200
    answer = client.post("/api/dmarc/upload", data={"note": "one\r\ntwo\tthree"})
    assert "control characters" not in answer.text


def test_pages_that_are_not_there_or_take_no_such_request_say_so_in_our_words(client):
    missing, refused = client.get("/no-such-page"), client.put("/api/info")
    assert missing.status_code == 404
    assert "There is no such page; the address may be mistyped" in missing.text
    assert refused.get_json() == {"detail": "This address does not take PUT, only GET, HEAD, OPTIONS"}
