"""The web server's port: taken before anything starts, and asked whether the viewer answers."""

import errno
import socket
import time

from webapp.standalone import StartError

SECONDS_BETWEEN_QUESTIONS = 0.5


def listen(port: int, host: str = "0.0.0.0") -> socket.socket:  # noqa: S104 - APP_HOST's default
    """A listening socket on that address. gunicorn inherits it, so the port stays ours while gunicorn
    restarts.

    Raises StartError when the port is taken or not allowed.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} is taken by another program: stop that one, or set APP_PORT to a free port."
            ) from error
        if error.errno == errno.EACCES:
            raise StartError(f"This user may not open port {port}: set APP_PORT to 1024 or more.") from error
        raise StartError(f"Port {port} of {host} cannot be opened: {error.strerror}.") from error
    return listener


def inside(host: str) -> str:
    """The address at which this machine itself reaches what listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not listened on


def free_port() -> int:
    """A port on the loopback interface that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether something listens on that port of the loopback interface."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class HealthCheck:
    """GET /api/health that never blocks: call it again and again until it is true (status 200)."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._address = host, port
        self._connection: socket.socket | None = None
        self._not_before = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._not_before:
            return False
        try:
            healthy = self._ask().startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))
        except BlockingIOError:
            return False
        except OSError:
            self.close()
            healthy = False
        self._not_before = time.monotonic() + SECONDS_BETWEEN_QUESTIONS
        return healthy

    def close(self) -> None:
        """Give up the question that is open."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _ask(self) -> bytes:
        if self._connection is None:
            self._connection = socket.create_connection(self._address, timeout=1)
            self._connection.sendall(
                b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            self._connection.setblocking(False)
        answer = self._connection.recv(64)
        self.close()
        return answer
