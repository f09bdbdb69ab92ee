"""Watching processes from outside."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

from webapp.config import ROOT, Settings

Found = TypeVar("Found")
PATIENCE = 90  # seconds that no machine needs, however busy


def eventually(look: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """The first true answer of `look`; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {look}"
        time.sleep(0.02)
    return found


def marked(mark: str) -> dict[int, str]:
    """Living processes (id, short name and command line) whose environment or command line holds `mark`."""
    found = {}
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and "\nState:\tZ" not in (process / "status").read_text():
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if mark in command or mark.encode() in (process / "environ").read_bytes():
                    found[int(process.name)] = f"{(process / 'comm').read_text().strip()} {command}"
    found.pop(os.getpid(), None)
    return found


class Copy:
    """A launcher that runs, and what it says."""

    def __init__(self, process: subprocess.Popen[bytes], said: Path) -> None:
        self.process, self._said = process, said

    @property
    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def end(self, signum: int = signal.SIGTERM) -> int:
        self.process.send_signal(signum)
        return self.process.wait(timeout=PATIENCE)


@contextlib.contextmanager
def python(arguments: list[str], said: Path, environment: Mapping[str, str] | None = None) -> Iterator[Copy]:
    """A Python process in the repository, gone at the end."""
    unset = {name.upper() for name in Settings.model_fields} | {"MAKELEVEL"}
    complete = {name: value for name, value in os.environ.items() if name not in unset} | dict(
        environment or {}
    )
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=complete, stdout=output, stderr=output
        )
    try:
        yield Copy(process, said)
    finally:
        process.kill()
        process.wait()
