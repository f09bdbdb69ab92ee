"""Servers for tests and benchmarks: quick, not durable, gone at the end of the `with` block."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from webapp.standalone import StartError, postgres, valkey
from webapp.standalone.child import OURSELVES, Identity, popen


@contextmanager
def postgres_server(**tuning: str) -> Iterator[postgres.Cluster]:
    """A PostgreSQL without fsync, with no database of ours yet; `tuning` are extra server settings."""
    with _folder() as folder:
        cluster = postgres.Cluster(folder / "postgres", folder, throwaway=True)
        cluster.prepare()
        extra = [part for name, value in tuning.items() for part in ("-c", f"{name}={value}")]
        with _running(
            [*cluster.command, *extra], cluster.identity, signal.SIGQUIT, cluster.answers, folder / "log"
        ):
            yield cluster


@contextmanager
def valkey_server() -> Iterator[valkey.Server]:
    """A Valkey that keeps nothing on disk."""
    with _folder() as folder:
        server = valkey.Server(folder, folder, throwaway=True)
        with _running(server.command, OURSELVES, signal.SIGKILL, server.answers, folder / "log"):
            yield server


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="mailcow-logs-")).resolve()
    folder.chmod(0o711)  # root may have to run PostgreSQL as another user, who passes through here
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(
    command: list[str], identity: Identity, end: int, answers: Callable[[], bool], log: Path
) -> Iterator[None]:
    with log.open("wb") as output:
        process = popen(
            command,
            identity,
            dies_with_us=end,
            stdout=output,
            stderr=output,
            env={**os.environ, **postgres.ENVIRONMENT},
        )
    try:
        _await(process, answers, log)
        yield
    finally:
        process.send_signal(end)
        process.wait(timeout=30)


def _await(
    process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path, seconds: float = 30
) -> None:
    deadline = time.monotonic() + seconds
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise StartError(
                f"{process.args!r} did not start: {log.read_text(encoding='utf-8', errors='replace')}"
            )
        time.sleep(0.01)
