"""The viewer's own PostgreSQL for tools: as it runs, or started for a while where the viewer is at rest."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT

from webapp.standalone import StartError, datadir
from webapp.standalone.child import popen
from webapp.standalone.postgres import ENVIRONMENT, Cluster

SECONDS = 120  # a database that was killed reads its log again first
SOCKETS_LINE = 4  # of postmaster.pid: the folder of the socket


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that answers: the folder of its programs and that of its socket."""

    programs: Path
    sockets: Path
    cluster: Cluster


def running(root: Path) -> Server | None:
    """The server of a viewer that runs on this DATA_DIR, or None."""
    try:
        lines = (root / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    if len(lines) <= SOCKETS_LINE or not lines[SOCKETS_LINE]:
        return None
    sockets = Path(lines[SOCKETS_LINE])
    cluster = Cluster(root / "postgres", sockets)
    return Server(cluster.programs.folder, sockets, cluster) if cluster.answers() else None


@contextmanager
def at_rest(root: Path) -> Iterator[Server]:
    """The server, started for the length of the block; raises StartError where a viewer runs on DATA_DIR."""
    with datadir.opened(root) as place:
        cluster = Cluster(place.postgres, place.sockets)
        cluster.prepare()
        with (place.logs / "postgres.log").open("ab") as log:
            process = popen(
                cluster.command,
                cluster.identity,
                dies_with_us=SIGINT,
                stdout=log,
                stderr=log,
                env={**os.environ, **ENVIRONMENT},
            )
        try:
            _await(cluster, process)
            yield Server(cluster.programs.folder, place.sockets, cluster)
        finally:
            process.send_signal(SIGINT)
            process.wait(timeout=SECONDS)


def _await(cluster: Cluster, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS
    while not cluster.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise StartError("PostgreSQL did not start; DATA_DIR/log/postgres.log may say why.")
        time.sleep(0.05)
