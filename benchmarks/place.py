"""A prepared installation: PostgreSQL and Valkey as in production, and a database that was filled once and is
kept."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from webapp.config import ROOT, Settings
from webapp.standalone import datadir, postgres, valkey
from webapp.standalone.child import OURSELVES, Identity, popen

DAYS = 7.0  # that the stored lines cover
HEADROOM = 200_000  # lines that the feed may add before it comes to the present
RETENTION = 12  # days: room for both
TOO_OLD = 1.5 * 86400  # seconds: then the newest day would be empty, and the oldest beyond the retention
FILLED, COPY = "filled", "measured"
LARGE, LENIENCE = 10_000_000, 3  # with that many lines stored everything may take three times as long


@dataclass
class Place:
    """Running servers. The logs and messages of `filled` are only read; `fresh_copy` gives a database that
    may be changed."""

    root: Path
    cluster: postgres.Cluster
    server: valkey.Server
    lines: int

    @property
    def lenience(self) -> int:
        """How many times as long as with a million lines something may take."""
        return LENIENCE if self.lines >= LARGE else 1

    @property
    def span(self) -> tuple[float, float]:
        """Unix seconds between which the stored lines lie."""
        made = json.loads((self.root / "made.json").read_text(encoding="utf-8"))
        return made["start"], made["end"]

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """What a process of the product gets to know; nothing of the caller's own configuration."""
        kept = {
            name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields
        }
        return {
            **kept,
            "DATABASE_URL": self.cluster.url(database),
            "REDIS_URL": self.server.url(0),
            "DATA_DIR": str(self.root),
            "RETENTION_DAYS": str(RETENTION),
            "AUTH_ENABLED": "false",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A connection of our own, each statement a transaction."""
        return psycopg.connect(self.cluster.url(database).replace("+psycopg", ""), autocommit=True)

    def database_seconds(self) -> float:
        """Processor seconds of all connections to PostgreSQL that have ended."""
        pid = (self.cluster.folder / "postmaster.pid").read_text(encoding="ascii").partition("\n")[0]
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def fresh_copy(self) -> str:
        """A copy of the filled database; returns its name."""
        self.drop_copy()
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    sql.Identifier(COPY), sql.Identifier(FILLED)
                )
            )
            connection.execute("CHECKPOINT")
        return COPY

    def drop_copy(self) -> None:
        """Give the room on the disk back."""
        self.cluster.drop_database(COPY)

    def query(self, database: str, statement: str) -> list[Any]:
        """The rows of one statement."""
        with self.connect(database) as connection:
            return connection.execute(statement.encode()).fetchall()


def _migrations() -> list[str]:
    """The digests of the migrations, oldest first. A filled database is kept while they only grow at the
    end."""
    return [
        hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in sorted((ROOT / "migrations" / "versions").glob("*.py"))
    ]


@contextmanager
def opened(cache: Path, lines: int, fresh: bool) -> Iterator[Place]:
    """Start the servers, and fill the database unless that was done before."""
    root = cache / f"bench-{lines}"
    if root.exists() and (fresh or not _usable(root)):
        shutil.rmtree(root)
    with datadir.opened(root) as data:
        cluster, server = (
            postgres.Cluster(data.postgres, data.sockets),
            valkey.Server(data.valkey, data.sockets, throwaway=True),
        )
        cluster.prepare()
        with (
            _running(
                cluster.command, cluster.identity, signal.SIGINT, cluster.answers, data.logs / "postgres.log"
            ),
            _running(server.command, OURSELVES, signal.SIGKILL, server.answers, data.logs / "valkey.log"),
        ):
            place = Place(data.root, cluster, server, lines)
            if not (data.root / "made.json").exists():
                _make(place)
            _upgrade(place, FILLED)
            yield place


def _usable(root: Path) -> bool:
    try:
        made = json.loads((root / "made.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    return (
        bool(time.time() - made["made_at"] < TOO_OLD)
        and _migrations()[: len(made["migrations"])] == made["migrations"]
    )


def _upgrade(place: Place, database: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env=place.environment(database),
        check=True,
        capture_output=True,
    )


def _make(place: Place) -> None:
    began = time.time()
    each = DAYS * 86400 / place.lines if place.lines else 0.0
    end = began - min(HEADROOM * each, 3 * 86400)
    place.cluster.create_database(FILLED)
    _upgrade(place, FILLED)
    subprocess.run(
        [sys.executable, "-m", "benchmarks.fill", str(place.lines), str(DAYS), repr(end)],
        cwd=ROOT,
        env=place.environment(FILLED),
        check=True,
    )
    with place.connect(FILLED) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
    made = {
        "start": end - DAYS * 86400,
        "end": end,
        "made_at": began,
        "seconds": time.time() - began,
        "migrations": _migrations(),
    }
    (place.root / "made.json").write_text(json.dumps(made), encoding="utf-8")


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
        deadline = time.monotonic() + 120
        while not answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(
                    f"{command[0]} did not start: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}"
                )
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(end)
        process.wait(timeout=120)
