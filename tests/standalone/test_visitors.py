"""The worker beside visitors that are slow, many, or wrong."""

import hashlib
import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from gunicorn.config import Config
from gunicorn.errors import ConfigError

from tests.standalone.processes import PATIENCE, eventually, python
from tests.standalone.visitor_app import LINE
from webapp.standalone.frontdoor import accepts, free_port
from webapp.standalone.visitors.worker import VisitorWorker

CONNECTIONS, THREADS = 30, 2


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A gunicorn of one process with two threads, for thirty connections."""
    port = free_port()
    options = ["--worker-class", "webapp.standalone.visitors.worker.VisitorWorker"]
    options += ["--threads", str(THREADS), "--worker-connections", str(CONNECTIONS), "--log-level", "error"]
    command = ["-m", "gunicorn", *options, "--bind", f"127.0.0.1:{port}", "tests.standalone.visitor_app:app"]
    with python(command, tmp_path_factory.mktemp("visitors") / "said"):
        eventually(lambda: accepts(port))
        yield port


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def rest(visitor: socket.socket) -> bytes:
    """What comes until the server closes."""
    return b"".join(iter(lambda: visitor.recv(1 << 20), b""))


def ask(port: int, path: str, body=None, **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as connection:
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def raw(port: int, data: bytes) -> bytes:
    with connect(port) as visitor:
        visitor.sendall(data)
        return rest(visitor)


def digest(body: bytes) -> bytes:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()


def test_more_half_open_connections_than_there_is_room_for_delay_nobody(port):
    begun = (b"G", b"POST /digest HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nab", b"")
    with ExitStack() as stack:
        for number in range(2 * CONNECTIONS):
            stack.enter_context(connect(port)).sendall(begun[number % 3])
            if number % 10 == 0:
                assert ask(port, "/hello") == (200, b"hello")
        assert ask(port, "/api/health") == (200, b"healthy")


def test_health_answers_while_every_thread_is_at_work(port):
    with ExitStack() as stack:
        busy = [stack.enter_context(connect(port)) for _ in range(THREADS + 1)]
        for visitor in busy:
            visitor.sendall(b"GET /block HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert ask(port, "/prefix/api/health") == (200, b"healthy")
        assert ask(port, "/api/health?release") == (200, b"healthy")
        assert all(b"released" in rest(v) for v in busy)


def test_a_long_answer_waits_for_a_reader_that_comes_late(port):
    with ExitStack() as stack:
        late = [stack.enter_context(connect(port)) for _ in range(3 * THREADS)]
        for visitor in late:
            visitor.sendall(b"GET /long?12000 HTTP/1.0\r\nHost: a\r\n\r\n")
        assert ask(port, "/hello") == (200, b"hello")
        answers = [rest(v) for v in late]
    bodies = {answer.partition(b"\r\n\r\n")[2] for answer in answers}
    assert bodies == {LINE * 12000}


@pytest.mark.parametrize("size", [0, 1, 70_000, 12_000_000])
def test_a_body_arrives_whole(port, size):
    body = os.urandom(size)
    assert ask(port, "/digest", body) == (200, digest(body))


def test_a_chunked_body_arrives_whole(port):
    body = os.urandom(300_000)
    pieces = (body[start : start + 7_001] for start in range(0, len(body), 7_001))
    assert ask(port, "/digest", pieces) == (200, digest(body))


def test_who_waits_to_be_called_is_called_once(port):
    with connect(port) as visitor:
        visitor.sendall(
            b"POST /digest HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert visitor.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        visitor.sendall(b"abc")
        answer = rest(visitor)
    assert answer.startswith(b"HTTP/1.1 200")
    assert digest(b"abc") in answer


def test_requests_that_come_together_are_answered_in_their_order(port):
    first = b"POST /digest HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nxy"
    second = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
    third = b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde"
    answers = raw(port, first + second + third)
    places = [answers.find(word) for word in (digest(b"xy"), b"hello", b"ignored")]
    assert places == sorted(places)
    assert -1 not in places


def test_a_body_that_is_not_read_is_not_taken_for_the_next_request(port):
    body = b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"
    head = f"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    last = b"GET /ignore HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answers = raw(port, head + body + last)
    assert (answers.count(b"ignored"), answers.count(b"hello")) == (2, 0)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /" + b"a" * 70_000, b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X-A: " + b"a" * 70_000, b"431"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_refused_and_ends_the_connection(port, request_, status):
    assert raw(port, request_).startswith(b"HTTP/1.1 " + status)


def test_an_announced_body_beyond_the_limit_is_not_waited_for(port):
    head = b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n"
    assert b"ignored" in raw(port, head + b"a" * 100_000)


def test_an_answer_that_breaks_off_ends_its_connection_only(port):
    assert raw(port, b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n").endswith(b"5\r\nbegun\r\n")
    assert ask(port, "/hello") == (200, b"hello")


def test_a_visitor_that_hangs_up_while_it_is_answered_harms_nobody(port):
    for _ in range(4):
        with connect(port) as visitor:
            visitor.sendall(b"GET /long?2000 HTTP/1.1\r\nHost: a\r\n\r\n")
    assert ask(port, "/hello") == (200, b"hello")


def test_the_worker_refuses_tls():
    configuration = Config()
    configuration.set("certfile", __file__)
    with pytest.raises(ConfigError, match="TLS ends at the reverse proxy"):
        VisitorWorker.check_config(configuration, None)
