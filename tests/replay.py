"""A mailcow API on loopback that serves given rows, with mailcow's own counting, ranges, rings and
breakdowns."""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

KEY = "REPLAY-KEY"
DEFAULT_ROWS = 1000
BROKEN = {
    "500": (
        500,
        b"<center style='font-family:sans-serif;'>Connection to dockerapi container failed.</center>",
    ),
    "html": (200, b"<!DOCTYPE html><html><title>mailcow UI</title></html>"),
    "empty": (200, b"{}"),
    "401": (401, b'{"type":"error","msg":"authentication failed"}'),
    "address": (401, b'{"type":"error","msg":"api access denied for ip 203.0.113.7"}'),
}


class Replay:
    """A running server. `lists` holds the rows of each log, oldest first; a test changes them between
    requests.

    `ring` is how many of the newest rows each list keeps. `fault` is `ok`, `hang` or a key of BROKEN, and
    holds for the routes that contain `broken_route`. `requests` are the routes asked for. `between` is called
    after each answer.
    """

    def __init__(
        self, lists: dict[str, list[Any]] | None = None, objects: dict[str, Any] | None = None
    ) -> None:
        self.lists: dict[str, list[Any]] = {
            "postfix": [],
            "rspamd-history": [],
            "netfilter": [],
            "dovecot": [],
            **(lists or {}),
        }
        self.objects = objects or {}
        self.ring: dict[str, int] = {}
        self.fault, self.broken_route = "ok", ""
        self.requests: list[str] = []
        self.between: Callable[[str], None] = lambda _: None
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    def kept(self, name: str) -> list[Any]:
        """The rows that the list holds now, newest first."""
        return self.lists[name][-self.ring.get(name, len(self.lists[name]) + 1) :][::-1]

    def answer(self, route: str, key: str | None) -> tuple[int, bytes]:
        """Status and body for GET /api/v1/`route`."""
        self.requests.append(route)
        if self.fault != "ok" and self.broken_route in route:
            if self.fault == "hang":
                self.released.wait()
                return 504, b""
            return BROKEN[self.fault]
        if key != KEY:
            return (401, BROKEN["401"][1]) if key else (200, b"")
        name, _, extra = route.removeprefix("get/logs/").partition("/")
        if route.startswith("get/logs/") and name in self.lists:
            found: Any = _slice(
                self.kept(name),
                extra if "/" in route.removeprefix("get/logs/") else None,
                name == "rspamd-history",
            )
        elif route in self.objects:
            found = self.objects[route]
        else:
            return 404, b'{"type":"error","msg":"route not found"}'
        return 200, found if isinstance(found, bytes) else _json(found if found else {})


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except TypeError:  # lone surrogates and numbers beyond 64 bits
        return json.dumps(value).encode()


def _slice(newest_first: list[Any], extra: str | None, rspamd: bool) -> list[Any]:
    """What mailcow gives for the path's last part: a count, a range, or nothing for what is neither."""
    if extra is None:
        return newest_first[:DEFAULT_ROWS]
    count, dash, last = re.sub(r"[^0-9-]", "", extra).partition("-")
    if not dash:
        return newest_first[: int(count or 0)]
    if not count or not last or not 1 <= int(count) <= int(last):
        return []
    first = int(count) if rspamd else int(count) - 1  # Rspamd counts its rows from 0
    return newest_first[first : int(last) + rspamd]


def _handler(replay: Replay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = 1 << 20

        def do_GET(self) -> None:
            route = self.path.partition("?")[0].removeprefix("/api/v1/")
            status, body = replay.answer(route, self.headers.get("X-API-Key"))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()
            replay.between(route)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
