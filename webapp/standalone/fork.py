"""A process forked from this one with all that is loaded here: pages are shared until one of both writes."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import IO, NoReturn

from webapp.standalone.child import die_with_parent

CAN_SHARE = sys.platform == "linux"  # macOS: what was loaded may not live on behind a fork
_PR_SET_NAME = 15
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)


class Forked:
    """What `subprocess.Popen` tells of a process, for one that was forked: `pid`, `stdout`, `poll`."""

    def __init__(self, pid: int, stdout: IO[bytes]) -> None:
        self.pid, self.stdout = pid, stdout
        self._code: int | None = None

    def poll(self) -> int | None:
        """None while it lives; then its exit code, or the negative number of the signal that ended it."""
        if self._code is None:
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self._code = os.waitstatus_to_exitcode(status)
        return self._code


def fork(
    run: Callable[[], object], name: str, folder: Path, keeps: Collection[int], dies_with_us: int
) -> Forked:
    """Start `run` in a process of its own session, whose output is a pipe to us and which knows none of our
    other files but `keeps`. This process must have one thread only: a lock that another one holds would stay
    locked in the child for ever."""
    assert threading.active_count() == 1, threading.enumerate()
    parent = os.getpid()
    reading, writing = os.pipe2(os.O_CLOEXEC)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    pid = os.fork()
    if pid == 0:
        _become(run, name, folder, {writing, *keeps}, writing, dies_with_us, parent)
    os.close(writing)
    return Forked(pid, os.fdopen(reading, "rb", buffering=0))


def call_ourselves(name: str) -> None:
    """Give this process a short name for `ps` and `top` (Linux; elsewhere nothing happens)."""
    if CAN_SHARE:
        ctypes.CDLL(None).prctl(_PR_SET_NAME, f"mlv-{name}".encode()[:15], 0, 0, 0)


def _become(
    run: Callable[[], object],
    name: str,
    folder: Path,
    keeps: Collection[int],
    output: int,
    dies_with: int,
    parent: int,
) -> NoReturn:
    """Be the child: nothing of the parent's course of action goes on, whatever happens."""
    code: object = 1
    try:
        die_with_parent(dies_with)
        if os.getppid() != parent:
            os._exit(1)
        os.setsid()
        signal.set_wakeup_fd(-1)
        for signum in _SIGNALS:
            signal.signal(signum, signal.default_int_handler if signum == signal.SIGINT else signal.SIG_DFL)
        _redirect(output, keeps)
        os.chdir(folder)
        call_ourselves(name)
        run()
        code = 0
    finally:
        error = sys.exc_info()[1]
        if isinstance(error, SystemExit):
            code = _exit_code(error)
        elif error is not None:
            sys.excepthook(type(error), error, error.__traceback__)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code if isinstance(code, int) else 1)


def _exit_code(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    print(error.code, file=sys.stderr)
    return 1


def _redirect(output: int, keeps: Collection[int]) -> None:
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for number in {int(entry) for entry in os.listdir("/proc/self/fd")} - {0, 1, 2, *keeps}:
        with contextlib.suppress(OSError):  # the one that lists them
            os.close(number)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115
