"""What an administrator reads when mailcow cannot be reached: the system's words, none of the libraries'."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from webapp.mailcow.client import Mailcow, MailcowUnreachable

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the connection


@pytest.fixture
def resetting() -> Iterator[int]:
    """The port of a server that resets every connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                connection.recv(1)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def closed() -> int:
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def said(url: str) -> str:
    with pytest.raises(MailcowUnreachable) as caught:
        Mailcow(url, "key", 20).log_rows("postfix", "1")
    return str(caught.value)


def test_nobody_listens(closed: int) -> None:
    assert (
        said(f"http://127.0.0.1:{closed}")
        == f"mailcow cannot be reached at http://127.0.0.1:{closed}: Connection refused"
    )


def test_a_connection_is_reset(resetting: int) -> None:
    assert (
        said(f"http://127.0.0.1:{resetting}")
        == f"mailcow cannot be reached at http://127.0.0.1:{resetting}: Connection reset by peer"
    )


def test_a_name_is_unknown() -> None:
    told = said("http://nowhere.invalid")
    assert told.startswith("mailcow cannot be reached at http://nowhere.invalid: ")
    assert "HTTPConnection" not in told
    assert "Errno" not in told


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://[::1]/", True),
        ("http://172.22.1.12", True),
        ("https://[fd4d:6169:6c63::a]:8443", True),
        ("https://nginx-mailcow", True),
        ("http://localhost:8080", True),
        ("https://mail.example.org", False),
        ("https://203.0.114.9", False),
        ("https://[2001:db9::1]", False),
    ],
)
def test_answers_are_packed_only_where_they_have_far_to_go(url, near):
    packing = Mailcow(url, "key")._session.headers["Accept-Encoding"]
    assert packing == ("identity" if near else "gzip, deflate")
