"""A time for a whole exchange.

requests knows time-outs of single reads only, which a server that drips a byte a second never meets; so the
connection itself is shut when the time is over.
"""

import os
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

_here = threading.local()


class Deadline:
    """The time of one exchange in this thread; connections made or used inside are shut when it is over."""

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _here.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _here.deadline = None
        self._timer.cancel()
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()

    def watch(self, connection: socket.socket) -> None:
        """Shut this connection, too, by a handle of our own: TLS takes the other one over."""
        handle = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._sockets.append(handle)
        if self.is_over:
            self._shut()

    def _shut(self) -> None:
        with self._lock:
            self.is_over = True
            for one in self._sockets:
                with suppress(OSError):  # the other side was quicker
                    one.shutdown(socket.SHUT_RDWR)


def watch(connection: socket.socket | None) -> None:
    """Tell the exchange of this thread, where there is one, of a connection that it uses."""
    deadline: Deadline | None = getattr(_here, "deadline", None)
    if deadline is not None and connection is not None:
        deadline.watch(connection)
