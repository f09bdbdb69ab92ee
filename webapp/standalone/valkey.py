"""A Valkey of our own, on a unix socket: the job queue, the job status and the stats cache."""

import socket
from pathlib import Path
from urllib.parse import quote

from redis import Redis

from webapp.standalone.binaries import find_valkey

SOCKET = "valkey.sock"


class Server:
    """A data folder and the folder of its socket; raises StartError when this machine has no Valkey."""

    def __init__(self, folder: Path, sockets: Path, throwaway: bool = False) -> None:
        self.folder, self.throwaway = folder, throwaway
        self.socket = sockets / SOCKET
        self.program = find_valkey()

    @property
    def command(self) -> list[str]:
        """The command line of the server. What it holds can be made again, so a full disk must not stop
        it."""
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "save": "" if self.throwaway else "300 1",
            "appendonly": "no",
            "stop-writes-on-bgsave-error": "no",
            "maxmemory": "256mb",
            "maxmemory-policy": "volatile-lru",
            "loglevel": "warning",
            "daemonize": "no",
        }
        return [
            str(self.program),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ]

    def answers(self) -> bool:
        """Whether the server has loaded its data and takes commands."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def forget(self, database: int) -> None:
        """Empty a database."""
        with Redis.from_url(self.url(database)) as client:
            client.flushdb()

    def url(self, database: int) -> str:
        """The server as REDIS_URL."""
        return f"unix://{quote(str(self.socket), safe='/')}?db={database}"
