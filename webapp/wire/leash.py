"""A connection that ends at a moment, whatever its two sides are doing.

The timeout of a socket counts from one byte to the next: a server that sends one now and then never runs into
it. A leash holds a second descriptor of the same connection, which stays good when TLS is put over the first,
and shuts the connection down when its time is over.
"""

import socket
import threading
import time
from types import TracebackType
from typing import Any, Self

QUIET = 20.0  # seconds that a server may say nothing
MOST_ADDRESSES = 4  # of one host that are tried


class Leash:
    """Use as a context manager; what was connected inside is shut down after `seconds`, and at the end."""

    def __init__(self, seconds: float, quiet: float = QUIET) -> None:
        self._quiet = quiet
        self._held: list[socket.socket] = []
        self._lock = threading.Lock()
        self._set(seconds)

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def renew(self, seconds: float) -> None:
        """Count anew, from now: for a connection whose single steps are bounded."""
        self._timer.cancel()
        self._set(seconds)
        self._timer.start()

    def _set(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._cut()

    @property
    def remaining(self) -> float:
        """Seconds that are left, 0 at least."""
        return max(self._end - time.monotonic(), 0.0)

    @property
    def is_over(self) -> bool:
        """True once the time is over."""
        return self.remaining == 0.0

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to one of the host's addresses; raises OSError with the reason of the last one."""
        failure: OSError = TimeoutError("timed out")
        for family, kind, protocol, _, address in self._addresses(host, port)[:MOST_ADDRESSES]:
            if self.is_over:
                break
            made = socket.socket(family, kind, protocol)
            try:
                made.settimeout(max(min(self._quiet, self.remaining), 0.01))
                made.connect(address)
            except OSError as error:
                made.close()
                failure = error
            else:
                self._hold(made)
                return made
        raise failure

    def _addresses(self, host: str, port: int) -> list[Any]:
        """The addresses of a host; the system's resolver knows no limit of its own."""
        found: list[Any] = []
        failed: list[OSError] = []

        def resolve() -> None:
            try:
                found.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except OSError as error:
                failed.append(error)
            except UnicodeError:  # a label that is empty or too long
                failed.append(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))

        asking = threading.Thread(target=resolve, name="resolve", daemon=True)
        asking.start()
        asking.join(min(self._quiet, self.remaining))
        if failed:
            raise failed[0]
        if not found:
            raise TimeoutError(f"the name {host} was not resolved in time")
        return found

    def _hold(self, made: socket.socket) -> None:
        with self._lock:
            self._held.append(made.dup())
        if self.is_over:
            self._cut()

    def _cut(self) -> None:
        """Shut down and let go of every connection."""
        with self._lock:
            held, self._held = self._held, []
        for one in held:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was first
            finally:
                one.close()
