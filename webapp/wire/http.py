"""requests with limits: on the whole time of an exchange and on the unpacked size of its answer."""

import socket
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from webapp.wire.deadline import Deadline, watch

PIECE = 65536  # bytes unpacked at once
LARGEST_REFUSAL = 65536  # bytes read of an answer that is none: enough for its words


class TooLong(requests.Timeout):
    """The exchange was not over in its time."""


class TooLarge(requests.RequestException):
    """The answer is larger than it may be."""


class _Watched(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        watch(made)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:
        watch(self.sock)  # one that was kept from an earlier exchange
        super().request(*args, **kwargs)


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched  # type: ignore[assignment]


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls  # type: ignore[assignment]


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class BoundedSession(requests.Session):
    """A session whose every exchange has limits."""

    def __init__(self) -> None:
        super().__init__()
        self.headers["Accept-Encoding"] = "gzip, deflate"
        self._environment: dict[tuple[object, ...], dict[str, Any]] = {}
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Proxies and certificates as requests takes them from the environment, but once for each server:
        reading it whole takes as long as reading some hundred rows."""
        if proxies:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        asked = (*urlsplit(url)[:2], stream, verify, cert)
        if asked not in self._environment:
            merged = super().merge_environment_settings(url, {}, stream, verify, cert)
            self._environment[asked] = dict(merged)
        return {**self._environment[asked]}

    def ask(
        self, method: str, address: str, *, seconds: float, most: int, **options: Any
    ) -> requests.Response:
        """The answer with its body of at most `most` bytes; of an error's page only the beginning.

        Raises TooLong after so many seconds for everything, TooLarge, and what requests raises.
        """
        with Deadline(seconds) as deadline:
            try:
                reply = self.request(method, address, timeout=seconds, stream=True, **options)
                with reply:
                    reply._content = _body(reply, most)
            except requests.RequestException as error:
                if deadline.is_over and not isinstance(error, TooLarge):
                    raise TooLong(f"no end within {seconds:g} s") from error
                raise
            if deadline.is_over:  # a body without a length ends where the connection does
                raise TooLong(f"no end within {seconds:g} s")
        return reply


def _body(reply: requests.Response, most: int) -> bytes:
    pieces, size = [], 0
    for piece in reply.iter_content(PIECE):
        pieces.append(piece)
        size += len(piece)
        if reply.status_code >= 300 and size >= LARGEST_REFUSAL:
            break
        if size > most:
            raise TooLarge(f"more than {most} bytes")
    return b"".join(pieces)
