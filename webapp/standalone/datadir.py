"""DATA_DIR: its folders, the lock that keeps a second copy out, and a place for the sockets."""

import errno
import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.standalone import StartError, postgres, valkey

LONGEST_SOCKET_PATH = 106  # bytes; sun_path has 108, macOS less by a few
SPACE_FOR_A_NEW_DATABASE = 200  # MB
SPACE_TO_GO_ON = 32  # MB


@dataclass(frozen=True)
class DataDir:
    """The folders of one installation; all exist and can be written."""

    root: Path
    logs: Path
    postgres: Path  # made by initdb, may not exist yet
    valkey: Path
    sockets: Path


@contextmanager
def opened(root: Path) -> Iterator[DataDir]:
    """Hold DATA_DIR for this process; raises StartError when it cannot be used or another copy runs on it."""
    with ExitStack() as held:
        try:
            place = _prepare(root, held)
        except FileExistsError as error:
            raise StartError(
                f"DATA_DIR {root} cannot be used: {error.filename} is a file, not a folder."
            ) from error
        except OSError as error:
            raise StartError(f"DATA_DIR {root} cannot be used: {_reason(error)}.") from error
        yield place


def _prepare(root: Path, held: ExitStack) -> DataDir:
    root.mkdir(parents=True, exist_ok=True)
    root = root.resolve()
    held.enter_context(_locked(root))
    sockets = held.enter_context(socket_folder(root / "run"))
    place = DataDir(root, root / "log", root / "postgres", root / "valkey", sockets)
    _check_space(place)
    place.logs.mkdir(exist_ok=True)
    place.valkey.mkdir(exist_ok=True, mode=0o700)
    return place


@contextmanager
def socket_folder(wanted: Path) -> Iterator[Path]:
    """`wanted`, private to us, where sockets work there; else a temporary folder (a path may be too long for
    a socket)."""
    wanted.mkdir(mode=0o700, exist_ok=True)
    wanted.chmod(0o700)
    if _takes_sockets(wanted):
        yield wanted
        return
    private = Path(tempfile.mkdtemp(prefix="mailcow-logs-", dir="/tmp"))
    try:
        yield private
    finally:
        shutil.rmtree(private, ignore_errors=True)


def _takes_sockets(folder: Path) -> bool:
    longest = max(len(os.fsencode(folder / name)) for name in (postgres.SOCKET, valkey.SOCKET))
    if longest > LONGEST_SOCKET_PATH or set(str(folder)) & set(",\"'@"):
        return False
    probe = folder / "probe"
    probe.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(str(probe))
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EROFS):
                raise
            return False
    probe.unlink()
    return True


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with (root / "lock").open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise StartError(
                f"Another Mailcow Logs Viewer (process {lock.read().strip()}) is running on DATA_DIR {root}: "
                "stop it, or give this one its own DATA_DIR and APP_PORT."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def _check_space(place: DataDir) -> None:
    free = shutil.disk_usage(place.root).free // 2**20
    needed = SPACE_TO_GO_ON if place.postgres.exists() else SPACE_FOR_A_NEW_DATABASE
    if free < needed:
        raise StartError(
            f"The disk of DATA_DIR {place.root} is full: {free} MB are free, {needed} MB are needed to start."
        )


def _reason(error: OSError) -> str:
    words = {
        errno.EACCES: "no permission",
        errno.EPERM: "no permission",
        errno.EROFS: "it is read-only",
        errno.ENOSPC: "its disk is full",
    }
    reason = words.get(error.errno or 0, (error.strerror or str(error)).lower())
    where = f"{os.fsdecode(error.filename)}, " if error.filename else ""
    return f"{reason} ({where}user id {os.geteuid()})"
