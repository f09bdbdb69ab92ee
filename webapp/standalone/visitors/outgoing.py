"""What a visitor has yet to take. A thread that answers hands its bytes over and goes on."""

import select
import socket
import threading
import time
from typing import IO

from webapp.standalone.visitors.limits import ON_DISK, RATE, WAIT_SECONDS
from webapp.standalone.visitors.spool import NoRoom, Room, Spool

PIECE = 64 * 2**10  # bytes that are sent at once


class Outgoing:
    """What gunicorn's response writes to instead of a socket. Used by one thread at a time: the one that
    answers, then the one that polls."""

    def __init__(self, sock: socket.socket, room: Room, waiting: threading.Semaphore) -> None:
        self._socket, self._waiting = sock, waiting
        self._spool = Spool(room)
        self.moved = 0  # bytes of this answer that the visitor's machine has taken
        self.ended = False  # nothing can be sent any more

    def __len__(self) -> int:
        return len(self._spool)

    def sendall(self, data: bytes) -> None:
        """Send what can be sent at once, keep the rest. Raises OSError where the visitor is gone or too slow
        for a very long answer."""
        if self.ended:
            raise BrokenPipeError("the answer was cut off")
        self.flush()
        sent = 0 if self._spool else self._send(data)
        if sent < len(data):
            self._keep(memoryview(data)[sent:])

    def send(self, data: bytes) -> int:
        """As `sendall`, for those who count."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: IO[bytes], offset: int, count: int) -> None:
        """Send that part of a file; raises as `sendall`."""
        file.seek(offset)
        while count > 0 and (data := file.read(min(count, PIECE))):
            self.sendall(data)
            count -= len(data)

    def gettimeout(self) -> float:
        """gunicorn asks for it before it writes an error; nothing here blocks."""
        return 0.0

    def shutdown(self, _how: int) -> None:
        """gunicorn breaks an answer off that failed in its middle; the worker closes the connection."""
        self.ended = True
        raise BrokenPipeError("the answer was cut off")

    def flush(self) -> None:
        """Send what the visitor takes now; raises OSError."""
        while self._spool:
            sent = self._send(self._spool.look(PIECE))
            self._spool.drop(sent)
            if not sent:
                return

    def close(self) -> None:
        """Forget what has not been taken."""
        self._spool.close()

    def _send(self, data: bytes) -> int:
        try:
            sent = self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        self.moved += sent
        return sent

    def _keep(self, data: memoryview) -> None:
        try:
            self._spool.put(data)
        except NoRoom:
            self._wait()
            self._spool.put(data)
        if len(self._spool) > ON_DISK:
            self._wait()

    def _wait(self) -> None:
        """Wait until the visitor has taken all. Half of the threads may wait, only for readers that go on."""
        if not self._waiting.acquire(blocking=False):
            raise TimeoutError("too many slow readers of long answers")
        try:
            began, before = time.monotonic(), self.moved
            poll = select.poll()
            poll.register(self._socket, select.POLLOUT)
            while self._spool:
                allowed = WAIT_SECONDS + (self.moved - before) / (16 * RATE)
                left = began + allowed - time.monotonic()
                if left <= 0 or not poll.poll(left * 1000):
                    raise TimeoutError("the reader of a long answer is too slow")
                self.flush()
        finally:
            self._waiting.release()
