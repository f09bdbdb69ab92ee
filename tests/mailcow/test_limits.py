"""No answer of mailcow takes more time or memory than was meant for it."""

import gzip
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from tests.mailcow.raw import RawServer
from webapp.mailcow import client
from webapp.mailcow.client import Mailcow, MailcowGarbage, MailcowUnreachable

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 1024 * 1024
Served = Callable[..., Mailcow]


@pytest.fixture
def served() -> Iterator[Served]:
    """A function that makes a client of a server which sends these pieces, and then drips for ever."""
    with RawServer() as server:

        def make(*pieces: bytes, drip: bytes = b"", seconds: float = 5) -> Mailcow:
            server.pieces, server.drip = pieces, drip
            return Mailcow(f"http://127.0.0.1:{server.port}", "key", seconds)

        yield make


@pytest.mark.parametrize(
    ("pieces", "drip"),
    [
        ((), b"H"),
        ((HEAD,), b"X"),
        ((HEAD + b"Content-Length: 100000\r\n\r\n",), b"["),
        ((HEAD + b"\r\n[",), b"1,"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n",), b"1\r\n[\r\n"),
        ((HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n",), b"0"),
        ((b"HTTP/1.1 500 Oh\r\n\r\n",), b"x"),
    ],
)
def test_a_server_that_drips_is_left_when_the_time_is_over(served: Served, pieces, drip) -> None:
    with pytest.raises(MailcowUnreachable, match=r"did not answer within 0\.3 s"):
        served(*pieces, drip=drip, seconds=0.3).get("get/mailq/all")


def test_an_answer_that_is_too_large_is_not_read(served: Served, monkeypatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 2 * MEGABYTE)
    mailcow = served(HEAD + b"\r\n", drip=b"[" * 65536)
    with pytest.raises(MailcowGarbage, match="larger than 2 MB"):
        mailcow.get("get/mailq/all")


def test_a_packed_answer_is_measured_as_it_unfolds(served: Served, monkeypatch) -> None:
    monkeypatch.setattr(client, "LARGEST", 4 * MEGABYTE)
    bomb = gzip.compress(b" " * 100 * MEGABYTE)
    mailcow = served(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb), bomb)
    tracemalloc.start()
    with pytest.raises(MailcowGarbage, match="larger than 4 MB"):
        mailcow.get("get/mailq/all")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 16 * MEGABYTE


def test_a_connection_that_is_kept_has_its_time_too(served: Served) -> None:
    mailcow = served(HEAD + b"Content-Length: 2\r\n\r\n[]")
    assert mailcow.get("get/mailq/all") == []
    mailcow = served(HEAD + b"Content-Length: 2\r\n\r\n[]")
    mailcow.timeout = 0.3
    assert mailcow.get("get/mailq/all") == []
    served(HEAD + b"Content-Length: 900\r\n\r\n", drip=b"1")
    with pytest.raises(MailcowUnreachable):
        mailcow.get("get/mailq/all")


def test_an_error_page_without_end_is_cut(served: Served) -> None:
    with pytest.raises(MailcowUnreachable, match=r"error 500: x{200}$"):
        served(b"HTTP/1.1 500 Oh\r\n\r\n", drip=b"x" * 65536).get("get/mailq/all")
