"""Every answer carries the security headers, and forwarded headers count only from a proxy of ours."""

import pytest

from tests.auth.test_guard import CREDENTIALS, basic

HEADERS = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}
PATHS = [
    "/messages",
    "/login",
    "/api/messages",
    "/api/health",
    "/nothing",
    "/api/nothing",
    "/static/app.css",
    "/api/messages?limit=0",
    "/api/docs",
    "/api/openapi.json",
    "/static/nothing.css",
]


@pytest.fixture(scope="module")
def client(recorded_viewer):
    return recorded_viewer.app.test_client()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
def test_every_answer_carries_them(client, path, method):
    answer = client.open(path, method=method)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/messages", "/api/messages", "/login", "/api/health"])
def test_what_tells_of_mail_is_not_kept_by_caches(client, path):
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"Cookie", "HX-Request"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_static_files_may_be_kept(client):
    assert "max-age=31536000" in client.get("/static/app.css").headers["Cache-Control"]


def test_tls_is_asked_for_only_behind_tls(client):
    assert "Strict-Transport-Security" not in client.get("/messages").headers
    assert (
        "Strict-Transport-Security" in client.get("/messages", headers={"X-Forwarded-Proto": "https"}).headers
    )


def failures(app, peer, forwarded):
    """The status after eleven failed logins, each from a new forwarded address, through this peer."""
    client = app.test_client()
    answers = [
        client.get(
            "/api/messages",
            headers={**basic("admin", "wrong"), "X-Forwarded-For": forwarded.format(n)},
            environ_base={"REMOTE_ADDR": peer},
        )
        for n in range(12)
    ]
    return answers[-1].status_code


@pytest.mark.parametrize("peer", ["172.18.0.1", "10.0.0.2", "127.0.0.1", "::1", "fd00::2", "192.168.1.1"])
def test_a_private_peer_may_be_our_proxy(make_app, peer):
    assert failures(make_app(**CREDENTIALS), peer, "203.0.113.{}") == 401


@pytest.mark.parametrize("peer", ["8.8.8.8", "2a00:1450::1"])
def test_a_public_peer_cannot_hide_behind_forwarded_addresses(make_app, peer):
    assert failures(make_app(**CREDENTIALS), peer, "203.0.113.{}") == 429


def test_only_the_last_hop_counts(make_app):
    assert failures(make_app(**CREDENTIALS), "172.18.0.1", "203.0.113.{}, 198.51.100.7") == 429


def test_without_proxies_no_forwarded_address_counts(make_app):
    assert failures(make_app(**CREDENTIALS, trusted_proxies=0), "172.18.0.1", "203.0.113.{}") == 429


def test_a_public_peer_cannot_claim_tls_or_another_host(make_app):
    client = make_app(**CREDENTIALS).test_client()
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Prefix": "/evil",
    }
    answer = client.get("/messages", headers=headers, environ_base={"REMOTE_ADDR": "8.8.8.8"})
    assert answer.location == "/login?next=/messages"
    assert "Strict-Transport-Security" not in answer.headers
