"""The whole viewer, started as an administrator starts it."""

import contextlib
import json
import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.memory import Viewer as Measured
from benchmarks.memory import program
from tests.standalone.processes import PATIENCE, Copy, eventually, marked, python
from webapp.config import ROOT
from webapp.standalone.frontdoor import free_port

MOST_MEMORY = 260  # MB of PSS: 200, and room for the libraries of another system
FIRST_OF_OURS = 16384  # PostgreSQL numbers what users make from there on (FirstNormalObjectId)
NO_DEMO = {"MAILCOW_URL": "http://127.0.0.1:9", "MAILCOW_API_KEY": "key"}


class Viewer:
    """A launched viewer and its folder."""

    def __init__(self, copy: Copy, folder: Path, port: int) -> None:
        self.copy, self.folder, self.port = copy, folder, port

    def healthy(self) -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/health", timeout=10) as answer,
        ):
            return answer.status == 200
        return False

    def messages(self) -> set[str]:
        """Names of the newest messages, 500 at the most."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.port}/api/messages?limit=500", timeout=60
        ) as answer:
            return {message["correlation_key"] for message in json.load(answer)["data"]}

    def databases(self) -> set[str]:
        """The numbers of the databases that were made for the viewer, each a folder of PostgreSQL's."""
        folders = (self.folder / "postgres" / "base").iterdir()
        return {each.name for each in folders if each.name.isdigit() and int(each.name) >= FIRST_OF_OURS}

    def processes(self) -> dict[int, str]:
        """Everything that lives on this folder, the launcher itself excepted."""
        return {
            pid: command for pid, command in marked(str(self.folder)).items() if pid != self.copy.process.pid
        }

    def children(self, words: str) -> set[int]:
        """The launcher's own children with these words in their command line."""
        launcher = self.copy.process.pid
        own = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
        return {pid for pid, command in self.processes().items() if words in command and str(pid) in own}


@contextlib.contextmanager
def viewer(folder: Path, **environment: str) -> Iterator[Viewer]:
    port = free_port()
    folder.mkdir(exist_ok=True)
    settings = {"DATA_DIR": str(folder / "data"), "APP_PORT": str(port), **environment}
    with python(["-m", "webapp.standalone"], folder / "said", settings) as copy:
        running = Viewer(copy, folder / "data", port)
        eventually(lambda: copy.process.poll() is not None or "Open http" in copy.said)
        assert copy.process.poll() is None, copy.said
        yield running


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    with viewer(tmp_path_factory.mktemp("viewer"), **NO_DEMO) as started:
        yield started


def test_viewer_answers_and_says_where(running):
    assert running.healthy()
    assert f"Open http://localhost:{running.port}" in running.copy.said
    assert "It reads http://127.0.0.1:9." in running.copy.said


def test_all_processes_together_take_little_memory(running):
    running.healthy()
    held = Measured(str(running.folder), running.port, 0.0).held()
    assert held["count:web"] >= 2
    assert 0 < program(held) < MOST_MEMORY


def test_second_copy_on_the_same_data_is_refused(running, tmp_path):
    settings = {**NO_DEMO, "DATA_DIR": str(running.folder), "APP_PORT": str(free_port())}
    with python(["-m", "webapp.standalone"], tmp_path / "said", settings) as second:
        assert second.process.wait(timeout=PATIENCE) == 1
        assert second.said.startswith(
            f"Another Mailcow Logs Viewer (process {running.copy.process.pid}) is running"
        )
        assert second.said.count("\n") == 1


@pytest.mark.parametrize(
    "program", ["mlv-reader", "mlv-worker", "mlv-scheduler", "mlv-web", "postgres -D", "valkey-server"]
)
def test_killed_child_is_back(running, program):
    before = eventually(lambda: running.children(program))
    os.kill(min(before), signal.SIGKILL)
    eventually(lambda: len(running.children(program) - {min(before)}) == len(before))
    eventually(running.healthy)


def test_two_copies_run_side_by_side_and_one_leaves_without_a_trace(running, tmp_path):
    with viewer(tmp_path / "second") as second:
        assert second.healthy()
        assert eventually(second.messages)
        before = second.databases()
        assert running.healthy()
        if not (ROOT / ".env").exists():
            assert "This is a demo" in second.copy.said
        assert second.copy.end() == 0
        assert second.processes() == {}
        assert running.healthy()
    with viewer(tmp_path / "second") as again:
        assert eventually(again.messages)
        assert before
        assert not again.databases() & before, "a demo begins anew"


def test_killed_launcher_leaves_nothing_and_the_next_one_starts_on_its_data(running):
    """The last of these tests, for it ends what they share."""
    running.copy.process.kill()
    eventually(lambda: not running.processes())
    with viewer(running.folder.parent, **NO_DEMO) as second:
        assert second.healthy()
        assert second.copy.end(signal.SIGINT) == 0
        assert second.processes() == {}
