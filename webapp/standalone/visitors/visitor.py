"""One connection: what it is at, since when, and how long it may stay so."""

import socket
import threading
import time
from enum import StrEnum
from typing import Any

from webapp.standalone.visitors.incoming import Incoming
from webapp.standalone.visitors.limits import HEAD_SECONDS, LINGER_SECONDS, allowance
from webapp.standalone.visitors.outgoing import Outgoing
from webapp.standalone.visitors.spool import Room


class Stage(StrEnum):
    """What a connection is at; in the order in which connections give way to newer ones."""

    LINGERING = "lingering"  # the answer is sent and nothing more is read; the visitor may close
    IDLE = "idle"  # between two requests
    HEAD = "head"  # of a request is on its way
    SENDING = "sending"  # the answer
    BODY = "body"  # of a request is on its way
    WORKING = "working"  # a thread answers


GIVES_WAY = tuple(stage for stage in Stage if stage is not Stage.WORKING)


class Visitor:
    """A connection. `sock`, `client` and `server` are what gunicorn's request handling asks for."""

    def __init__(
        self,
        connection: socket.socket,
        client: Any,
        server: Any,
        configuration: Any,
        room: Room,
        waiting: threading.Semaphore,
    ) -> None:
        self.connection, self.client, self.server = connection, client, server
        self.incoming = Incoming(configuration, client, room)
        self.outgoing = self.sock = Outgoing(connection, room, waiting)
        self.keepalive = float(configuration.keepalive)
        self.stage, self.since = Stage.HEAD, time.monotonic()
        self.watched = 0  # the events that the poller looks for
        self.stays = False  # for another request

    def enter(self, stage: Stage) -> None:
        """Be at another stage from now on."""
        if stage is not self.stage:
            self.stage, self.since = stage, time.monotonic()
            self.outgoing.moved = 0

    @property
    def deadline(self) -> float | None:
        """The moment (of the monotonic clock) at which it is too late; None while we are at work."""
        allowed = {
            Stage.IDLE: self.keepalive,
            Stage.HEAD: HEAD_SECONDS,
            Stage.BODY: allowance(self.incoming.moved),
            Stage.SENDING: allowance(self.outgoing.moved),
            Stage.LINGERING: LINGER_SECONDS,
        }
        return None if self.stage is Stage.WORKING else self.since + allowed[self.stage]

    def take(self, data: bytes) -> None:
        """Take what came of a request; raises as `Incoming.take`."""
        if self.stage is Stage.IDLE:
            self.enter(Stage.HEAD)
        self.incoming.take(data)
        self._note()

    def next(self) -> None:
        """Turn to the next request, of which a part may be here already; raises as `Incoming.take`."""
        self.enter(Stage.IDLE)
        if self.incoming.next():
            self.enter(Stage.HEAD)
            self._note()

    def close(self) -> None:
        """Let go of everything."""
        self.incoming.close()
        self.outgoing.close()
        self.connection.close()

    def _note(self) -> None:
        if self.incoming.request is not None:
            self.enter(Stage.BODY)
        if self.incoming.expects_to_be_called:
            self.outgoing.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
