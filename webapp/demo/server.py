"""The HTTP side of the simulated mailcow: keys, errors, compression, faults."""

import gzip
import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from . import answers, postbox, writes
from .bulk import RowState
from .state import State

HTML_500 = b"<center style='font-family:sans-serif;'>Connection to Redis failed.<br /><br /></center>"
FAULTS = ("500", "html", "hang", "401", "empty", "ok")
COMPRESSED_FROM = 256
HANG_SECONDS = 120.0


class DemoServer(ThreadingHTTPServer):
    """A running simulated mailcow; `calls` counts the requests by path."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, key: str, state: State, key_rw: str = "") -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state, self.key, self.key_rw = state, key, key_rw
        self.fault = "ok"
        self.calls: dict[str, int] = {}
        self.mended = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def break_down(self, mode: str) -> None:
        """Answer every request as a broken mailcow does until the mode is `ok` again; see FAULTS."""
        if mode not in FAULTS:
            raise ValueError(mode)
        self.fault = mode
        self.mended.set()
        self.mended = threading.Event()

    def close(self) -> None:
        self.mended.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection; mailcow's order of checks."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: DemoServer

    def log_message(self, *_: Any) -> None:
        pass

    def reply(self, status: int, body: str | bytes, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else body.encode()
        squeeze = (
            kind == "application/json"
            and len(data) > COMPRESSED_FROM
            and "gzip" in self.headers.get("Accept-Encoding", "")
        )
        self.send_response(status)
        if squeeze:
            data = gzip.compress(data, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def error(self, status: int, message: str) -> None:
        self.reply(status, json.dumps({"type": "error", "msg": message}))

    def broken(self) -> bool:
        """Answer as the current fault has it; False where all is well."""
        fault = self.server.fault
        if fault == "hang":
            self.server.mended.wait(HANG_SECONDS)
            self.close_connection = True
        elif fault == "500":
            self.reply(500, HTML_500, "text/html; charset=UTF-8")
        elif fault == "html":
            self.reply(200, b"<!DOCTYPE html><title>mailcow UI</title>", "text/html; charset=UTF-8")
        elif fault == "401":
            self.error(401, "authentication failed")
        elif fault == "empty":
            self.reply(200, "{}")
        return fault != "ok"

    def denied(self) -> bool:
        """Refuse a wrong key; a missing one gets nothing on GET, as from mailcow."""
        given = self.headers.get("X-API-Key")
        if given in (self.server.key, self.server.key_rw or self.server.key):
            return False
        if given:
            self.error(401, "authentication failed")
        elif self.command == "GET":
            self.reply(200, b"")
        else:
            self.error(403, "API read/write access denied")
        return True

    def note(self, route: str, data: str = "") -> None:
        """Count the call, and log it as mailcow's own API log does."""
        self.server.calls[self.path] = self.server.calls.get(self.path, 0) + 1
        row = {
            "uri": f"/api/v1/{route}",
            "method": self.command,
            "remote": self.client_address[0],
            "data": data,
        }
        self.server.state.write("api", row, time.time())

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/_demo/calls":
            self.reply(200, json.dumps(self.server.calls))
            return
        if path == "/_demo/reports":
            self.reply(200, postbox.mails(datetime.now(UTC).date()), "application/zip")
            return
        if self.broken() or self.denied():
            return
        action, _, route = path.removeprefix("/api/v1/").partition("/")
        if action in ("edit", "delete", "add"):
            self.error(405, "only POST method is allowed")
            return
        try:
            if not path.startswith("/api/v1/") or action != "get":
                raise answers.NoRouteError
            text = answers.answer(self.server.state, route)
            self.note(f"get/{route}")
            self.reply(200, text)
        except answers.NoRouteError:
            self.error(404, "route not found")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if path.startswith("/_demo/"):
            self.demo(path.removeprefix("/_demo/"), json.loads(body or b"{}"))
            return
        if self.broken() or self.denied():
            return
        if self.headers.get("X-API-Key") != self.server.key_rw:
            self.error(403, "API read/write access denied")
            return
        route = path.removeprefix("/api/v1/")
        try:
            status, text = writes.answer(self.server.state, route, body)
            self.note(route, body.decode(errors="replace"))
            self.reply(status, text)
        except answers.NoRouteError:
            if route.startswith("get/"):
                self.error(405, "only GET method is allowed")
            else:
                self.error(404, "route not found")

    def demo(self, action: str, body: dict[str, Any]) -> None:
        """The simulation's own switches: `fault` and, for prepared rows, `advance`."""
        if action == "fault" and body.get("mode") in FAULTS:
            self.server.break_down(body["mode"])
            self.reply(200, json.dumps({"mode": self.server.fault}))
        elif action == "advance" and isinstance(self.server.state, RowState):
            self.reply(
                200,
                json.dumps(
                    {"written": self.server.state.let_in(int(body["rows"])), "left": self.server.state.left}
                ),
            )
        else:
            self.error(400, "unknown switch")


def serve(
    port: int = 0, key: str = "demo-key", key_rw: str = "", state: State | None = None, **options: Any
) -> DemoServer:
    """Start a simulated mailcow in a thread; port 0 takes a free one.

    `options` go to State: seed, rate (mails a minute), history (hours), ring (rows), long_ids, clock.
    """
    server = DemoServer(port, key, state or State(**options), key_rw)
    server.thread.start()
    return server
