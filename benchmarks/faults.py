"""`python -m benchmarks.faults`: two minutes in which everything is killed, stopped and broken at random, and
what is stored and told afterwards of the recorded mail that trickled in meanwhile.

A whole installation with servers of its own; once it is left in peace, every line must be stored once and the
recorded mail be told as it really happened. Linux only.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.replay import KEY, Replay
from tests.samples import recorded
from tests.trace.judge import Judge, leaves_a_trace, tally
from webapp.config import ROOT, Settings
from webapp.standalone.frontdoor import free_port

SETTLING = 90  # seconds of peace at the most
PAGES = ("/dashboard", "/messages", "/queue", "/status", "/api/messages", "/api/health")
PROGRAMS = {  # what its command line has -> what we call it
    "gunicorn": "web",
    "jobs.worker ingest": "reader",
    "jobs.worker default": "worker",
    "jobs.scheduler": "scheduler",
    "valkey-server": "valkey",
    "redis-server": "valkey",
    "/postgres -D": "postgres",
}
KILLED = ("web", "reader", "worker", "scheduler", "valkey", "postgres", "a child of reader", "a child of web")
STOPPED = ("valkey", "postgres", "reader")
STARTING = 30.0  # seconds in which a web server that was killed may still be on its way
BROKEN = ("500", "html", "hang", "empty")
CLOCKS = {"postfix": "message", "rspamd": "message_id", "netfilter": "message"}


@dataclass
class Night:
    """What was done to the installation, and what visitors met meanwhile."""

    done: Counter[str] = field(default_factory=Counter)
    answers: Counter[int | str] = field(default_factory=Counter)
    slowest: dict[str, float] = field(default_factory=dict)  # seconds by what was being done
    doing: str = "nothing"
    web_killed: float = -STARTING
    over: bool = False

    def visit(self, base: str) -> None:
        """Ask for pages until the night is over."""
        while not self.over:
            for path in PAGES:
                began = time.monotonic()
                doing = "web starting" if began - self.web_killed < STARTING else self.doing
                try:
                    code: int | str = requests.get(base + path, timeout=30).status_code
                except requests.RequestException:
                    code = "no answer"
                else:
                    self.slowest[doing] = max(self.slowest.get(doing, 0.0), time.monotonic() - began)
                self.answers[code] += 1
                time.sleep(0.05)


def processes() -> Iterator[tuple[int, int, str]]:
    """(process, parent, command line) of everything that runs."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
        except (OSError, IndexError):
            continue
        yield int(folder.name), parent, command


def family(root: int) -> dict[str, list[int]]:
    """The processes of an installation by what we call them: the program first, then its children."""
    running = list(processes())
    children: dict[int, list[int]] = {}
    for process, parent, _ in running:
        children.setdefault(parent, []).append(process)
    commands = {process: command for process, _, command in running}
    found: dict[str, list[int]] = {}
    for process in children.get(root, []):
        name = next((known for mark, known in PROGRAMS.items() if mark in commands[process]), None)
        if name:
            found[name] = [process, *_below(process, children)]
    return found


def _below(process: int, children: dict[int, list[int]]) -> list[int]:
    return [each for child in children.get(process, []) for each in (child, *_below(child, children))]


def send(signum: int, numbers: list[int]) -> None:
    """Signal these processes; one that has gone needs none."""
    for number in numbers:
        try:
            os.kill(number, signum)
        except ProcessLookupError:
            continue


def strike(chance: random.Random, root: int, replay: Replay, night: Night) -> None:
    """Do one thing at random, and undo it after a while where it can be undone."""
    kind = chance.choice(("kill", "kill", "stop", "break"))
    running = family(root)
    if kind == "kill":
        name = chance.choice(KILLED)
        if name.endswith("web"):
            night.web_killed = time.monotonic()
        members, night.doing = running.get(name.rpartition(" ")[2], []), f"kill {name}"
        send(signal.SIGKILL, [chance.choice(members[1:])] if " " in name and members[1:] else members[:1])
    elif kind == "stop":
        name = chance.choice(STOPPED)
        members = running.get(name, [])
        night.doing = f"stop {name}"
        send(signal.SIGSTOP, members)
        time.sleep(chance.uniform(1, 6))
        send(signal.SIGCONT, members)
    else:
        name = replay.fault = chance.choice(BROKEN)
        night.doing = f"break {name}"
        time.sleep(chance.uniform(1, 6))
        replay.released.set()
        replay.fault = "ok"
        replay.released.clear()
    night.done[f"{kind} {name}"] += 1
    if kind != "kill":
        night.doing = "nothing"


def show(replay: Replay, share: float) -> None:
    """Let that share of the recorded lines be seen."""
    for name in recorded.CLOCKS:
        rows = recorded.rows(name)
        replay.lists[name] = rows[: int(len(rows) * min(share, 1.0))]


def stored(base: str, name: str) -> Counter[tuple[Any, ...]]:
    """Every stored row of a log with how often it is there."""
    found: Counter[tuple[Any, ...]] = Counter()
    cursor: str | None = ""
    while cursor is not None:
        answer = requests.get(f"{base}/api/logs/{name}?limit=500&cursor={cursor}", timeout=60).json()
        found.update((row["time"], row.get(CLOCKS[name])) for row in answer["data"])
        cursor = answer["next_cursor"]
    return found


def sent(name: str) -> Counter[tuple[Any, ...]]:
    """The same of what mailcow had."""
    source = "rspamd-history" if name == "rspamd" else name
    clock, told = recorded.CLOCKS[source], CLOCKS[name].replace("_", "-")
    form = "%Y-%m-%dT%H:%M:%SZ"
    return Counter(
        (time.strftime(form, time.gmtime(int(row[clock]))), None if row[told] == "undef" else row[told])
        for row in recorded.rows(source)
    )


class OverHttp:
    """The judge's client, for an installation that runs by itself."""

    def __init__(self, base: str) -> None:
        self.base = base

    def get(self, path: str) -> Any:
        """The answer with the two things that the judge asks of it."""
        answer = requests.get(self.base + path, timeout=60)
        answer.get_json = answer.json  # type: ignore[attr-defined]
        return answer


def await_peace(base: str) -> float:
    """Wait until all lines are there; returns the seconds that took."""
    began, wanted = time.monotonic(), sum(sent("postfix").values())
    while time.monotonic() - began < SETTLING:
        try:
            if requests.get(f"{base}/api/logs/postfix?limit=1", timeout=10).json()["total"] >= wanted:
                break
        except (requests.RequestException, KeyError):
            pass  # it is coming back
        time.sleep(1)
    took = time.monotonic() - began
    time.sleep(20)  # the jobs that join what was cut apart
    return took


def report(base: str, night: Night, took: float) -> None:
    """Print what was done, and what came of it."""
    print(
        f"faults: {night.done.total()}: "
        + ", ".join(f"{n} x {what}" for what, n in sorted(night.done.items()))
    )
    print(f"answers to visitors: {dict(night.answers)}")
    print("slowest, s: " + ", ".join(f"{at:.1f} {doing}" for doing, at in sorted(night.slowest.items())))
    print(f"all lines there after {took:.0f} s of peace")
    for name in CLOCKS:
        there, wanted = stored(base, name), sent(name)
        lost, doubled = (wanted - there).total(), (there - wanted).total()
        print(f"{name}: {there.total()} rows stored, {lost} lost, {doubled} doubled")
    mails = [mail for mail in recorded.load("truth")["messages"] if leaves_a_trace(mail)]
    right, failures = tally(Judge(OverHttp(base)), mails)  # type: ignore[arg-type]
    print(f"truth: {right['all']} of {len(mails)} messages right in everything")
    for failure in failures[:10]:
        print("  ", failure)


def main() -> None:
    """One night."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    chance, night, replay, port = (
        random.Random(given.seed),
        Night(),
        Replay(objects=recorded.objects()),
        free_port(),
    )
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="mailcow-logs-night-") as folder:
        own = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
        environment = own | {
            "MAILCOW_URL": replay.url,
            "MAILCOW_API_KEY": KEY,
            "APP_PORT": str(port),
            "DATA_DIR": folder,
            "APP_UPDATE_REPO": "off",
            "FETCH_INTERVAL": "2",
            "CORRELATION_CHECK_INTERVAL": "5",
            "MAILCOW_API_TIMEOUT": "5",
        }
        with (Path(folder) / "night.log").open("wb") as log:
            command = [sys.executable, "-m", "webapp.standalone"]
            viewer = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            while viewer.poll() is None and not _is_healthy(base):
                time.sleep(0.5)
            threading.Thread(target=night.visit, args=(base,), daemon=True).start()
            began = time.monotonic()
            while (passed := time.monotonic() - began) < given.seconds:
                show(replay, passed / given.seconds)
                strike(chance, viewer.pid, replay, night)
                time.sleep(chance.uniform(0.2, 2))
            night.over = True
            show(replay, 1.0)
            report(base, night, await_peace(base))
        finally:
            viewer.terminate()
            viewer.wait(60)
            replay.close()


def _is_healthy(base: str) -> bool:
    try:
        return requests.get(f"{base}/api/health", timeout=5).status_code == 200
    except requests.RequestException:
        return False


if __name__ == "__main__":
    main()
