"""The product's web process on a loopback port, and clients of it in processes of their own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from benchmarks.client import Answer
from benchmarks.place import Place
from webapp.config import ROOT


@dataclass
class Web:
    """A running gunicorn."""

    port: int
    process: subprocess.Popen[bytes]

    def ask(self, paths: Sequence[str]) -> list[Answer]:
        """Ask the paths one after the other."""
        asked = json.dumps({"paths": list(paths), "until_closed": False})
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.client", str(self.port)],
            cwd=ROOT,
            input=asked + "\n",
            text=True,
            stdout=subprocess.PIPE,
            check=True,
        )
        return [tuple(answer) for answer in json.loads(done.stdout)]

    def searchers(self, lists: Sequence[Sequence[str]]) -> "Searchers":
        """Start one client a list, which asks it over and over."""
        return Searchers([_searcher(self.port, paths) for paths in lists])

    def status(self, path: str) -> int:
        """The status of one request."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as reply:
                return int(reply.status)
        except urllib.error.HTTPError as error:
            return int(error.code)

    def memory(self) -> float:
        """Megabytes that the workers hold at the most since the last `forget_peak`: the biggest of them."""
        return max(_field(worker, "VmHWM") for worker in self.workers()) / 1024

    def forget_peak(self) -> None:
        """Count the workers' memory anew from here."""
        for worker in self.workers():
            Path(f"/proc/{worker}/clear_refs").write_text("5", encoding="ascii")

    def workers(self) -> list[int]:
        """The process ids of gunicorn's workers."""
        pid = self.process.pid
        return [
            int(number)
            for number in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        ]


class Searchers:
    """Clients that ask until `end`."""

    def __init__(self, processes: list[subprocess.Popen[str]]) -> None:
        self.processes = processes

    def end(self) -> list[Answer]:
        """Stop them; returns all their answers."""
        found: list[Answer] = []
        for process in self.processes:
            answers, _ = process.communicate()
            found += [tuple(answer) for answer in json.loads(answers)]
        return found


def _searcher(port: int, paths: Sequence[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.client", str(port)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"paths": list(paths), "until_closed": True}) + "\n")
    process.stdin.flush()
    return process


def _field(pid: int, name: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise LookupError(name)


@contextmanager
def served(place: Place, database: str, **settings: str) -> Iterator[Web]:
    """gunicorn with the configuration of production, of a prepared place."""
    environment = place.environment(
        database, MAILCOW_URL="http://127.0.0.1:9", MAILCOW_API_KEY="none", **settings
    )
    with (place.root / "log" / "web.log").open("wb") as log, gunicorn(environment, log) as web:
        yield web


@contextmanager
def gunicorn(environment: Mapping[str, str], log: IO[bytes] | int) -> Iterator[Web]:
    """gunicorn with the configuration of production on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        "webapp/standalone/gunicorn_config.py",
        "--bind",
        f"127.0.0.1:{port}",
        "wsgi:app",
    ]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**environment, "APP_PORT": str(port)},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    web = Web(port, process)
    try:
        _await(web)
        yield web
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _await(web: Web) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and web.process.poll() is None:
        try:
            if web.status("/api/health") < 500:
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("gunicorn did not start: its log says why")
