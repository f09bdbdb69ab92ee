"""Starting a process so that it cannot outlive us, and with the rights it wants."""

import ctypes
import functools
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_NOBODY = 65534


@dataclass(frozen=True)
class Identity:
    """Who a child runs as: a prefix for its command, and a user id to change to."""

    prefix: tuple[str, ...] = ()
    uid: int | None = None

    @property
    def options(self) -> dict[str, Any]:
        """What subprocess needs to change to this user."""
        return {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}


def unprivileged(folder: Path) -> Identity:
    """How to run PostgreSQL on `folder`: it refuses to be root, and a user id that has no name.

    An ordinary user runs it as it is. Root: as the folder's owner where that is somebody else; as root
    outside but not inside a user namespace where the system allows that; else as the user `nobody`, who is
    given the folder.
    """
    if os.geteuid() != 0:
        return (
            Identity()
            if _has_name(os.geteuid()) or not _user_namespaces_work()
            else Identity(prefix=_in_namespace())
        )
    owner = folder.stat().st_uid
    if owner != 0:
        return Identity(uid=owner)
    if _user_namespaces_work():
        return Identity(prefix=_in_namespace())
    os.chown(folder, _NOBODY, _NOBODY)
    return Identity(uid=_NOBODY)


OURSELVES = Identity()


def popen(
    command: list[str], who: Identity = OURSELVES, dies_with_us: int = signal.SIGTERM, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, so that Ctrl-C reaches only us; on Linux it gets `dies_with_us` when
    we die.

    Call from a thread that lives as long as the process: the kernel watches the thread that forked.
    """
    return subprocess.Popen(
        [*who.prefix, *command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_tied_to(os.getpid(), dies_with_us),
        **who.options,
        **options,
    )


def die_with_parent(signum: int) -> None:
    """Ask the kernel to send this process `signum` when its parent dies (Linux; elsewhere nothing
    happens)."""
    if _libc:
        _libc.prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose parent died (Linux), so that none escapes at the end."""
    if _libc:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> set[int]:
    """Process ids of our children, adopted ones included (Linux; elsewhere an empty set)."""
    lists = Path("/proc/self/task").glob("*/children")
    return {int(pid) for tasks in lists for pid in tasks.read_text(encoding="ascii").split()}


def _tied_to(parent: int, signum: int) -> Callable[[], None]:
    def tie() -> None:
        die_with_parent(signum)
        if os.getppid() != parent:
            os._exit(1)

    return tie


@functools.cache
def _user_namespaces_work() -> bool:
    try:
        return subprocess.run([*_in_namespace(), "true"], capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False


def _in_namespace() -> tuple[str, ...]:
    uid = (
        _NOBODY
        if _has_name(_NOBODY)
        else next((user.pw_uid for user in pwd.getpwall() if user.pw_uid), _NOBODY)
    )
    return ("unshare", "--user", f"--map-user={uid}", f"--map-group={uid}")


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
