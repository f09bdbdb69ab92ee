"""A process forked from ours: its end is told, its output is ours, and nothing of us goes on in it."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.standalone.processes import eventually
from webapp.config import ROOT
from webapp.standalone import fork as forking
from webapp.standalone.fork import Forked, fork

pytestmark = pytest.mark.skipif(not forking.CAN_SHARE, reason="Linux only")
LOADED = {"by": "the parent"}


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    """The tests' own process has threads of its runner, none of which holds a lock that a child needs."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)


def told(process: Forked) -> tuple[int, str]:
    output = process.stdout.read().decode()
    code = eventually(lambda: (process.poll(),) if process.poll() is not None else None)[0]
    return code, output


def begin(run, keeps=()) -> Forked:
    return fork(run, "child", Path("/"), keeps, signal.SIGTERM)


def fail():
    raise ValueError("broken inside")


@pytest.mark.parametrize(
    ("run", "code", "words"),
    [
        (lambda: print(LOADED["by"]), 0, "the parent"),
        (lambda: sys.exit(3), 3, ""),
        (lambda: sys.exit("a sentence"), 1, "a sentence"),
        (fail, 1, "ValueError: broken inside"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL, ""),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), -signal.SIGTERM, ""),
        (lambda: subprocess.run(["echo", "a grandchild"]), 0, "a grandchild"),
        (lambda: print(os.getcwd(), Path("/proc/self/comm").read_text()), 0, "/ mlv-child"),
    ],
)
def test_its_end_and_its_words_are_told(run, code, words):
    found, output = told(begin(run))
    assert found == code
    assert words in output


def test_it_knows_none_of_our_files_but_those_it_keeps(tmp_path):
    with (tmp_path / "kept").open("w") as kept, (tmp_path / "hidden").open("w") as hidden:
        numbers = kept.fileno(), hidden.fileno()

        def look():
            print([Path(f"/proc/self/fd/{number}").exists() for number in numbers])

        assert told(begin(look, keeps=(kept.fileno(),))) == (0, "[True, False]\n")


def test_it_ends_with_its_parent(tmp_path):
    program = (
        "import os, signal, time; from pathlib import Path; from webapp.standalone.fork import fork\n"
        "child = fork(lambda: time.sleep(600), 'child', Path('/'), (), signal.SIGTERM)\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    eventually(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


def test_a_process_with_threads_is_not_forked(monkeypatch):
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    with pytest.raises(AssertionError):
        begin(lambda: time.sleep(0))
