"""A bad parameter is a 400 that names it and its rule; what is not there is a 404; errors under /api/ are
always JSON."""

import pytest

GARBAGE = {
    "limit": ["0", "501", "-1", "x", "1.5", "9" * 50, "١", "0x10", "1e2"],
    "page": ["0", "-1", "x", "10000001", "9" * 50],
    "direction": ["sideways", "inbound,outbound", "%"],
    "status": ["done", "Delivered!", "null"],
    "start_date": [
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "1",
        "2026-01-01T25:00",
        "0000-01-01",
        "2026-W01-1T",
    ],
    "end_date": ["soon", "99999-01-01", "2026-01-01T00:00:00+99:00"],
    "cursor": ["x", "1_", "_1", "99999999999999999999999_1", "1_1_1", "1_99999999999999999999999"],
    "search": ["x" * 501],
    "sender": ["x" * 501],
    "recipient": ["x" * 501],
    "user": ["x" * 501],
    "ip": ["x" * 501],
}


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in GARBAGE.items() for value in values]
)
def test_a_bad_parameter_is_refused_by_its_name(client, name, value):
    answer = client.get("/api/messages", query_string={name: value})
    assert answer.status_code == 400
    assert answer.get_json()["detail"].startswith(name)
    assert answer.get_json().keys() == {"detail"}


@pytest.mark.parametrize(
    "query",
    [
        "search=%ff%fe",
        "sender=%ed%a0%80",
        "search=a&search=b",
        "x=1",
        "search=" + "%F0%9F%92%A9" * 50,
        "start_date=2026-01-01T10:00:00%2B02:00",
        "start_date=2026-01-01T10:00:00+02:00",
        "end_date=9999-12-31",
        "start_date=0001-01-01",
        "start_date=2026-12-31&end_date=2026-01-01",
    ],
)
def test_odd_queries_are_answered(client, query):
    assert client.get(f"/api/messages?{query}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/nothing",
        "/api/",
        "/api/message/none/details",
        "/api/message/" + "f" * 64 + "/details",
        "/api/message/" + "z" * 5000 + "/details",
        "/api/logs/postfix/by-queue/NONE",
        "/api/logs/postfix/by-queue/%27%20OR%201=1",
        "/api/message/details",
    ],
)
def test_what_is_not_there_is_a_404_in_json(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.is_json
    assert isinstance(answer.get_json()["detail"], str)


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_another_method_is_a_405_that_tells_the_right_ones(client, method):
    answer = getattr(client, method)("/api/messages")
    assert answer.status_code == 405
    assert answer.get_json().keys() == {"detail"}
    assert "GET" in answer.headers["Allow"]


def test_a_fault_of_ours_is_a_500_without_its_text(make_app, monkeypatch):
    app = make_app()
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "messages_api.list_messages", lambda: 1 / 0)
    answer = app.test_client().get("/api/messages")
    assert (answer.status_code, answer.get_json()) == (
        500,
        {"error": "Internal server error", "detail": "Internal server error"},
    )


def test_a_fault_of_ours_tells_its_text_only_with_debug(make_app, monkeypatch):
    app = make_app(debug=True)
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "messages_api.list_messages", lambda: 1 / 0)
    assert app.test_client().get("/api/messages").get_json()["detail"] == "division by zero"


def test_outside_the_api_errors_are_pages(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert client.get("/messages/none").status_code == 404


def test_a_bad_parameter_is_told_on_the_page(client):
    answer = client.get("/messages?limit=0")
    assert answer.status_code == 400
    assert "limit must be a whole number between 1 and 500" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/api/messages?search=%00", "/api/message/%00/details"])
def test_a_control_character_is_refused(client, path):
    assert client.get(path).status_code == 400
