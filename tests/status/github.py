"""GitHub's releases on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

OURS, THEIRS = "owner/viewer", "mailcow/mailcow-dockerized"


def release(tag: str, published: str, body: str = "", **more: Any) -> dict[str, Any]:
    return {
        "tag_name": tag,
        "published_at": published,
        "body": body,
        "html_url": f"https://github.example/{tag}",
        "draft": False,
        "prerelease": False,
        **more,
    }


class GitHub:
    """A running server. `releases` by repository; `status` answers everything with that code; `silent` never
    answers."""

    def __init__(self) -> None:
        self.releases: dict[str, Any] = {
            OURS: [
                release("v9.1.0", "2026-03-01T00:00:00Z", "### Added\n\n- Much"),
                release("v9.0.0", "2026-02-01T00:00:00Z", "Less"),
            ],
            THEIRS: [release("2026-07b", "2026-07-20T00:00:00Z", "Bug fixes")],
        }
        self.status, self.asked = 200, 0
        self.silent = False
        self.ended = threading.Event()
        github = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                github.asked += 1
                if github.silent:
                    github.ended.wait()
                    return
                repository = self.path.removeprefix("/repos/").partition("/releases")[0]
                found = github.releases.get(repository)
                body = found if isinstance(found, bytes) else orjson.dumps(found or [])
                self.send_response(github.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
