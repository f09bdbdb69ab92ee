"""A PostgreSQL of our own: made once, started on a unix socket, never reachable over the network."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg import sql

from webapp.standalone import StartError, memory
from webapp.standalone.binaries import Postgres, find_postgres
from webapp.standalone.child import Identity, popen, unprivileged

USER = "mailcow_logs"
SOCKET = ".s.PGSQL.5432"
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC"}

# For a small machine that takes in rows in bulk. A crash may lose the last moments of commits
# (synchronous_commit),
# which costs nothing here: a batch and its cursor are one transaction, so what is lost is read from mailcow
# again.
_TUNING = {
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "60",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "autovacuum": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}
_SMALL = {  # for a machine that has other work
    "shared_buffers": "120MB",
    "wal_buffers": "16MB",  # with the 4 that it takes by itself an import writes its own log while it waits
    "work_mem": "8MB",
    "max_connections": "40",
    "autovacuum_max_workers": "1",
    "max_wal_size": "112MB",
    "min_wal_size": "48MB",
}
_SMALL_SINCE_18 = {"io_method": "sync"}  # three processes fewer; what is read is in the system's memory
_THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "40",
}


class Cluster:
    """A data folder, the programs that fit it, and the folder of its socket."""

    def __init__(self, folder: Path, sockets: Path, throwaway: bool = False, large: bool = False) -> None:
        """Raises StartError when no PostgreSQL of this machine fits the data."""
        self.folder, self.sockets, self.throwaway, self.large = folder, sockets, throwaway, large
        self.programs = find_postgres(_major_of(folder))
        self.identity = Identity()
        self._making: Making | None = None

    def begin(self) -> set[int]:
        """Have the data folder made where there is none; `prepare` waits for it. Returns the ids of the
        processes at work, which nobody else may wait for."""
        if (self.folder / "PG_VERSION").exists():
            return set()
        self._making = Making(self.folder, self.programs, durable=not self.throwaway)
        return {self._making.process.pid}

    @property
    def is_made(self) -> bool:
        """False while the data folder is being made."""
        return self._making is None or self._making.process.poll() is not None

    def prepare(self) -> None:
        """Make the data folder when there is none, settle whose it is, and clear what a crash left; raises
        StartError."""
        if self._making is None:
            self.begin()
        if self._making:
            self._making.finish()
        self.identity = unprivileged(self.folder)
        if self.identity.uid is not None:
            _give(self.folder, self.identity.uid)
            os.chown(self.sockets, self.identity.uid, self.identity.uid)
        _await_predecessor(self.folder)

    @property
    def command(self) -> list[str]:
        """The command line of the server."""
        place = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.sockets}"',
            "unix_socket_permissions": "0700",
        }
        options = _TUNING | self._sizes() | (_THROWAWAY if self.throwaway else {}) | place
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs.folder / "postgres"), "-D", str(self.folder), *flags]

    def _sizes(self) -> dict[str, str]:
        reach = {"effective_cache_size": memory.share(1 / 2, 512, 16384)}
        if self.large:
            return reach | {
                "shared_buffers": memory.share(1 / 16, 128, 1024)
            }  # a busy day's indexes should fit
        return reach | _SMALL | (_SMALL_SINCE_18 if self.programs.major >= 18 else {})

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            psycopg.connect(self._conninfo("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def create_database(self, name: str) -> bool:
        """Make the database unless it is there; True where it is new."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            is_new = not _has(connection, name)
            if is_new:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return is_new

    def has_database(self, name: str) -> bool:
        """Whether there is one of that name."""
        with psycopg.connect(self._conninfo("postgres")) as connection:
            return _has(connection, name)

    def drop_database(self, name: str) -> None:
        """Remove the database and all that is in it, where there is one."""
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def url(self, database: str) -> str:
        """The database as DATABASE_URL."""
        return f"postgresql+psycopg://{USER}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def _conninfo(self, database: str) -> str:
        return psycopg.conninfo.make_conninfo(
            user=USER, dbname=database, host=str(self.sockets), connect_timeout=5
        )


def _has(connection: psycopg.Connection[Any], name: str) -> bool:
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _major_of(folder: Path) -> int | None:
    try:
        return int((folder / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


class Making:
    """initdb at work on a new data folder."""

    def __init__(self, folder: Path, programs: Postgres, durable: bool) -> None:
        self.folder, self.unfinished = folder, folder.with_name(f"{folder.name}.new")
        shutil.rmtree(self.unfinished, ignore_errors=True)
        self.unfinished.mkdir(mode=0o700)
        identity = unprivileged(self.unfinished)
        self.process = popen(
            [str(programs.folder / "initdb"), "-D", str(self.unfinished), *_options(programs, durable)],
            identity,
            signal.SIGKILL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **ENVIRONMENT},
        )

    def finish(self) -> None:
        """Wait for its end, and put the folder into its place; raises StartError."""
        errors = str(self.process.communicate()[1])
        if self.process.returncode != 0:
            shutil.rmtree(self.unfinished, ignore_errors=True)
            raise StartError(f"PostgreSQL could not make its data folder {self.folder}: {_reason(errors)}.")
        self.unfinished.rename(self.folder)


def _options(programs: Postgres, durable: bool) -> list[str]:
    locale = (
        ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if programs.major >= 17
        else ["--locale=C.UTF-8"]
    )
    always = ["--encoding=UTF8", *locale, "--auth=trust", f"--username={USER}", "--no-instructions"]
    return always if durable else [*always, "--no-sync"]


def _reason(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    telling = [
        line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:", "could not"))
    ]
    return (telling or lines or ["it gave no reason"])[0].rstrip(".")


def _give(folder: Path, uid: int) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.lstat().st_uid != uid:
            os.chown(path, uid, uid, follow_symlinks=False)


def _await_predecessor(folder: Path, seconds: float = 20) -> None:
    """Wait until the server of a launcher that was killed has gone; drop a lock file whose number another
    process has now.

    The caller holds the lock of DATA_DIR, so no other launcher can own a server here.
    """
    lock = folder / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while (pid := _first_number(lock)) and _serves(pid, folder):
        if time.monotonic() > deadline:
            raise StartError(
                f"Another PostgreSQL (process {pid}) is working on {folder} and does not end: stop it first."
            )
        time.sleep(0.05)
    if Path("/proc/self/cwd").exists():
        lock.unlink(missing_ok=True)


def _first_number(lock: Path) -> int | None:
    try:
        first = lock.read_text(encoding="utf-8").partition("\n")[0]
    except FileNotFoundError:
        return None
    return int(first) if first.isdigit() else None


def _serves(pid: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
    except OSError:
        return False
