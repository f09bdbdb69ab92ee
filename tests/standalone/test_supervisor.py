"""What keeps the children alive, and what ends them."""

import os
import signal
from contextlib import AbstractContextManager
from pathlib import Path

from tests.standalone.processes import Copy, eventually, marked, python
from webapp.standalone.output import LARGEST_LOG, MOST_LINES, Output

SCRIPT = """
import sys
from pathlib import Path
from webapp.standalone.supervisor import Program, Supervisor

folder, delay, healthy, code = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
supervisor = Supervisor(folder)
program = Program("stand-in", [sys.executable, "-c", code, "child-of", str(folder)], {}, folder,
    first_delay=delay, healthy_after=healthy)
supervisor.start(program, guarded=True)
supervisor.guard()
supervisor.end(supervisor.children, 0.4)
supervisor.end_orphans()
"""
SLEEP = "import time; print('I sleep', flush=True); time.sleep(600)"
DEAF = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('I sleep', flush=True); "
    "time.sleep(600)"
)
FAIL = "raise SystemExit('Error: nothing works')"
FORK = "import os, time; os.fork() or os.setsid(); print('I sleep', flush=True); time.sleep(600)"


def supervising(
    folder: Path, code: str, delay: float = 0.05, healthy: float = 60
) -> AbstractContextManager[Copy]:
    return python(["-c", SCRIPT, str(folder), str(delay), str(healthy), code], folder / "said")


def children(folder: Path) -> set[int]:
    return {pid for pid, command in marked(f"child-of {folder}").items() if "supervisor" not in command}


def test_killed_child_is_started_again(tmp_path):
    with supervising(tmp_path, SLEEP) as copy:
        eventually(lambda: "I sleep" in copy.said)
        first = children(tmp_path)
        os.kill(first.copy().pop(), signal.SIGKILL)
        eventually(lambda: copy.said.count("I sleep") == 2)
        assert len(children(tmp_path)) == 1
        assert children(tmp_path) != first
        assert "stand-in stopped (killed by SIGKILL) and is started again in 0.05 s." in copy.said


def test_crash_loop_is_said_once_with_its_reason(tmp_path):
    with supervising(tmp_path, FAIL, delay=0.01) as copy:
        eventually(
            lambda: (
                (tmp_path / "stand-in.log").exists()
                and (tmp_path / "stand-in.log").read_text().count("nothing works") >= 6
            )
        )
        assert copy.end() == 0
        assert copy.said.count("stops again and again (Error: nothing works)") == 1


def test_sigterm_leaves_no_process(tmp_path):
    with supervising(tmp_path, SLEEP) as copy:
        eventually(lambda: children(tmp_path))
        assert copy.end() == 0
        assert children(tmp_path) == set()


def test_ctrl_c_leaves_no_process(tmp_path):
    with supervising(tmp_path, SLEEP) as copy:
        eventually(lambda: children(tmp_path))
        assert copy.end(signal.SIGINT) == 0
        assert children(tmp_path) == set()


def test_child_that_ignores_sigterm_is_killed(tmp_path):
    with supervising(tmp_path, DEAF) as copy:
        eventually(lambda: "I sleep" in copy.said)
        assert copy.end() == 0
        assert children(tmp_path) == set()


def test_what_a_killed_child_left_behind_ends_too(tmp_path):
    with supervising(tmp_path, FORK) as copy:
        eventually(lambda: copy.said.count("I sleep") == 2)
        assert len(children(tmp_path)) == 2
        assert copy.end() == 0
        assert children(tmp_path) == set()


def test_children_end_when_the_launcher_is_killed(tmp_path):
    with supervising(tmp_path, SLEEP) as copy:
        eventually(lambda: "I sleep" in copy.said)
        copy.process.kill()
        eventually(lambda: not children(tmp_path))


def test_log_files_are_bounded(tmp_path):
    output = Output("chatty", tmp_path / "chatty.log", shown=False)
    for _ in range(13):
        output.take(b"x" * 2**20 + b"\n")
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert max(sizes) <= LARGEST_LOG + 2 * 2**20


def test_terminal_stays_calm_when_a_child_does_not(tmp_path, capsys):
    output = Output("chatty", tmp_path / "chatty.log", shown=True)
    output.take(b"again\n" * 10_000)
    said = capsys.readouterr().out.splitlines()
    assert len(said) == MOST_LINES
    assert said[-1] == f"chatty    | (more in {output.log})"
    assert output.log.read_bytes().count(b"\n") == 10_000


def test_error_is_remembered_as_the_last_words():
    output = Output("web", Path(os.devnull), shown=False)
    output.take(b"FATAL:  could not open file\nLOG:  shut")
    output.take(b"down\n")
    assert output.last_words == "FATAL:  could not open file"
