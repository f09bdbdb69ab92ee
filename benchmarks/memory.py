"""`python -m benchmarks.memory`: what every process holds (PSS): at rest, in use, and importing.

A whole viewer is started as an administrator starts it, against a simulated mailcow whose lists hold a
backlog. PSS counts a page that several processes share once, in parts.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.feed import KEY
from webapp.config import ROOT, Settings
from webapp.standalone.frontdoor import free_port

PAGES = (
    "/dashboard",
    "/messages",
    "/logs",
    "/security",
    "/queue",
    "/quarantine",
    "/mailboxes",
    "/domains",
    "/dmarc",
)
PAGES += ("/status", "/settings", "/api/messages?limit=50", "/api/export/messages/csv", "/api/openapi.json")
TICK = 0.1  # seconds between two looks for the first line
REST = 0.25  # and afterwards: looking takes time from what is looked at
SERVERS = ("valkey", "postgres")
WORDS = (  # in a command line -> what the process is
    ("webapp.demo", "mailcow"),
    ("benchmarks.backlog", "mailcow"),
    ("valkey-server", "valkey"),
    ("postgres", "postgres"),
    ("gunicorn", "web"),
    ("jobs.worker ingest", "reader"),
    ("jobs.worker", "worker"),
    ("jobs.scheduler", "scheduler"),
    ("webapp.standalone", "launcher"),
)


@dataclass
class Viewer:
    """A running viewer: its folder and port."""

    folder: str
    port: int
    started: float
    others: set[str] = field(default_factory=set)  # processes that are none of its own

    def held(self) -> Counter[str]:
        """Megabytes of PSS of each kind of process; `count:KIND` says of how many."""
        found: Counter[str] = Counter()
        for process in Path("/proc").iterdir():
            if process.name.isdigit() and process.name not in self.others:
                with contextlib.suppress(OSError):
                    self._add(process, found)
        return found

    def _add(self, process: Path, found: Counter[str]) -> None:
        command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        marks = (process / "environ").read_bytes()
        if self.folder.encode() not in marks and self.folder not in command and not self._serves(process):
            self.others.add(process.name)
            return
        name = (process / "comm").read_text().strip()
        kind = (
            name[4:]
            if name.startswith("mlv-")
            else next((kind for word, kind in WORDS if word in command), "")
        )
        if kind and kind != "mailcow":
            fields = (process / "smaps_rollup").read_text().split()
            found[kind] += int(fields[fields.index("Pss:") + 1]) / 1024
            found["count:" + kind] += 1

    def _serves(self, process: Path) -> bool:
        """True for PostgreSQL's own processes, which tell neither their environment nor their folder."""
        return os.readlink(process / "cwd").startswith(self.folder)

    def ask(self, path: str) -> bytes:
        """The body of an answer; b'' where there is none."""
        with contextlib.suppress(OSError), urllib.request.urlopen(self.url(path), timeout=60) as answer:
            body: bytes = answer.read()
            return body
        return b""

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def is_done(self) -> bool:
        """True when Postfix's list is stored whole, so that it has a cursor: counting lines would slow that
        down."""
        answer = self.ask("/api/settings/info")
        return bool(answer) and json.loads(answer)["import_status"]["postfix"]["last_import"] is not None

    def stored(self) -> int:
        """Postfix lines that are stored."""
        answer = self.ask("/api/logs/postfix?limit=1")
        return int(json.loads(answer)["total"]) if answer else 0


@contextlib.contextmanager
def viewer(lines: int, **settings: str) -> Iterator[Viewer]:
    """A viewer that has just been started on an empty folder."""
    _compile()
    with tempfile.TemporaryDirectory(prefix="memory-") as folder, _mailcow(lines) as url:
        port = free_port()
        kept = {
            name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
        }
        environment = {
            **kept,
            "DATA_DIR": folder,
            "APP_PORT": str(port),
            "MAILCOW_URL": url,
            "MAILCOW_API_KEY": KEY,
        }
        environment |= {"MAX_SEARCH_RESULTS": "1000000", **settings}
        command = [sys.executable, "-m", "webapp.standalone"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            yield Viewer(folder, port, time.monotonic())
        finally:
            process.terminate()
            process.wait()


def _compile() -> None:
    """Write the bytecode that an image has, and that Python writes itself where it may."""
    folders = [str(ROOT / name) for name in ("webapp", "jobs", "migrations")]
    for module in (["compileall", "-q", *folders], ["webapp.standalone.precompile"]):
        subprocess.run([sys.executable, "-m", *module], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)


@contextlib.contextmanager
def _mailcow(lines: int) -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.backlog", str(lines)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def program(held: Counter[str]) -> float:
    """Megabytes of the program without its servers."""
    return sum(size for kind, size in held.items() if ":" not in kind and kind not in SERVERS)


def imported(running: Viewer, lines: int, seconds: float) -> tuple[Counter[str], float, float]:
    """Wait for the backlog; returns what was held at the peak, when the first line was there, and all."""
    peak: Counter[str] = Counter()
    first = 0.0
    while time.monotonic() < running.started + seconds:
        held = running.held()
        peak = held if program(held) > program(peak) else peak
        if not first:
            first = time.monotonic() - running.started if running.stored() else 0.0
        elif running.is_done():
            whole = time.monotonic() - running.started
            if running.stored() == lines:
                return peak, first, whole
        time.sleep(REST if first else TICK)
    raise SystemExit(f"after {seconds:.0f} s {running.stored()} of {lines} lines are stored")


def table(columns: dict[str, Counter[str]]) -> str:
    """As Markdown, megabytes."""
    kinds = sorted({kind for held in columns.values() for kind in held if ":" not in kind})
    kinds.sort(key=lambda kind: kind in SERVERS)
    lines = ["| PSS, MB | " + " | ".join(columns) + " |", "|---" + "|--:" * len(columns) + "|"]
    for kind in kinds:
        counts = {held["count:" + kind] for held in columns.values()} - {0}
        name = f"{kind} ({'-'.join(map(str, sorted(counts)))})"
        lines.append(f"| {name} | " + " | ".join(f"{held[kind]:.0f}" for held in columns.values()) + " |")
    sums = {
        "program": program,
        "program and Valkey": lambda held: program(held) + held["valkey"],
        "everything": lambda held: program(held) + sum(held[kind] for kind in SERVERS),
    }
    lines += [
        f"| **{name}** | " + " | ".join(f"{of(held):.0f}" for held in columns.values()) + " |"
        for name, of in sums.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument(
        "--lines", type=int, default=75_000, help="Postfix lines of the backlog (default 75,000)"
    )
    parser.add_argument("--rest", type=float, default=60, help="seconds of rest before a look (default 60)")
    parser.add_argument("--patience", type=float, default=300, help="seconds that the import may take")
    given = parser.parse_args()
    with viewer(given.lines) as running:
        peak, first, whole = imported(running, given.lines, given.patience)
        columns = {"peak of the import": peak}
        time.sleep(given.rest)
        columns["at rest"] = running.held()
        for path in PAGES * 2:
            running.ask(path)
        columns["in use"] = running.held()
        time.sleep(given.rest)
        columns["at rest again"] = running.held()
    print(table(columns))
    print(f"\nfirst line visible after {first:.1f} s, {given.lines:,} lines stored after {whole:.1f} s")


if __name__ == "__main__":
    main()
