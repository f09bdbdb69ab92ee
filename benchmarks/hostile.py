"""`python -m benchmarks.hostile [WORD]...`: upload every hostile file, or those whose names have the words.

To a web process over HTTP; prints what is not as it should be, and the worst figures.

Afterwards every page and answer of the room is read, and looked through for what a browser would run.
"""

import http.client
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.reports import migrated
from benchmarks.web import Web, gunicorn
from tests.reports.hostile import FILES
from tests.reports.hostile.file import Hostile
from webapp.standalone import throwaway

SLOW, LARGE = 2.0, 300.0  # seconds, MB
MOST_PAGES = 400
LOGGED = 3000  # bytes of the web process's log that are shown; it says nothing where all is well
RUNS = re.compile(
    rb"<script>alert|<img src=x|<svg/onload|<svg [^>]*onload=|<iframe"
    rb"|(?:href|src)=\"?(?:javascript|data:text)",
    re.IGNORECASE,
)
CELL = re.compile(rb"(?:^|,)\"?[=+@\t-][^,\r\n]*[A-Z(]", re.MULTILINE)
LINK = re.compile(rb'href="(/[^"#]*)"')


@dataclass
class Sent:
    """What became of one upload: HTTP status, seconds, the most memory of a worker in MB, bytes sent."""

    file: Hostile
    status: int
    seconds: float
    memory: float
    size: int
    answer: bytes

    @property
    def faults(self) -> list[str]:
        """What is not as it should be."""
        found = [] if self.status < 500 else [f"status {self.status}"]
        found += [f"{self.seconds:.2f} s"] if self.seconds > SLOW else []
        found += [f"{self.memory:.0f} MB"] if self.memory > LARGE else []
        found += ["stored"] if self.status < 300 and not self.file.may_be_stored else []
        return found


def upload(port: int, file: Hostile) -> tuple[int, float, int, bytes]:
    """Send one file as a form's field: status, seconds, bytes, answer."""
    content = file.make()
    name = quote(file.filename.encode("utf-8", "surrogateescape"))
    head = (
        f"--limit\r\nContent-Disposition: form-data; name=\"file\"; filename*=UTF-8''{name}\r\n\r\n".encode()
    )
    body = head + content + b"\r\n--limit--\r\n"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    began = time.perf_counter()
    try:
        connection.request(
            "POST", "/api/dmarc/upload", body, {"Content-Type": "multipart/form-data; boundary=limit"}
        )
        reply = connection.getresponse()
        return reply.status, time.perf_counter() - began, len(content), reply.read()
    finally:
        connection.close()


def get(port: int, path: str) -> tuple[int, str, bytes]:
    """Status, content type and body of a page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        return reply.status, reply.getheader("Content-Type", ""), reply.read()
    finally:
        connection.close()


def read_pages(port: int) -> Iterator[str]:
    """Every page and answer that leads on from the room's, and what is wrong with it."""
    waiting = ["/dmarc?days=365", "/api/dmarc/domains?days=365", "/api/dmarc/reports/all?limit=500", "/"]
    seen: set[str] = set(waiting)
    read = 0
    while waiting and read < MOST_PAGES:
        path, read = waiting.pop(0), read + 1
        status, kind, body = get(port, path)
        if status >= 500:
            yield f"{path}: status {status}"
        if RUNS.search(body) and "json" not in kind:
            yield f"{path}: would run {RUNS.search(body)}"
        if "csv" in kind and CELL.search(body):
            yield f"{path}: a formula {CELL.search(body)}"
        for found in LINK.findall(body):
            link = found.decode().replace("&amp;", "&")
            follows = link.startswith(("/dmarc", "/api/export")) and not link.endswith("/file")
            if follows and link not in seen:
                seen.add(link)
                waiting.append(link)
    print(f"{read} pages and answers read afterwards")


@contextmanager
def served() -> Iterator[Web]:
    """A web process as in production, with an empty database."""
    with throwaway.postgres_server() as cluster, throwaway.valkey_server() as valkey:
        environment = os.environ | {
            "DATABASE_URL": migrated(cluster, "hostile"),
            "REDIS_URL": valkey.url(0),
            "MAILCOW_URL": "http://127.0.0.1:9",
            "MAILCOW_API_KEY": "none",
        }
        with tempfile.TemporaryFile() as log:
            with gunicorn(environment, log) as web:
                yield web
            log.seek(0)
            print(log.read()[-LOGGED:].decode("utf-8", "replace"), end="")


def main() -> None:
    """Upload, read, print."""
    chosen = [file for file in FILES if all(word in file.name for word in sys.argv[1:])]
    with served() as web:
        get(web.port, "/dmarc")
        sent = []
        for file in chosen:
            web.forget_peak()
            status, seconds, size, answer = upload(web.port, file)
            one = Sent(file, status, seconds, web.memory(), size, answer)
            sent.append(one)
            if one.faults or sys.argv[1:]:
                told = f"{status}, {seconds:.2f} s, {one.memory:.0f} MB {one.faults} {answer[:150]!r}"
                print(f"  {file.name}: {told}")
        for fault in read_pages(web.port):
            print(f"  {fault}")
    _sum_up(sent)


def _sum_up(sent: list[Sent]) -> None:
    """The figures of all uploads."""
    slowest, largest = max(sent, key=lambda one: one.seconds), max(sent, key=lambda one: one.memory)
    refused, read = (sum(low <= one.status < low + 100 for one in sent) for low in (400, 200))
    wrong = sum(bool(one.faults) for one in sent)
    print(
        f"{len(sent)} hostile files: {refused} refused, {read} read harmlessly, {wrong} not as they should be"
    )
    print(f"slowest: {slowest.seconds:.2f} s ({slowest.file.name})")
    print(f"most memory: {largest.memory:.0f} MB ({largest.file.name})")


if __name__ == "__main__":
    main()
