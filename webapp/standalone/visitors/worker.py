"""The worker: one thread accepts, reads and sends for all visitors; the others answer whole requests."""

import resource
import selectors
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn.errors import ConfigError
from gunicorn.http.errors import ParseException
from gunicorn.util import write_error
from gunicorn.workers.gthread import ThreadWorker

from webapp.garbage import give_back
from webapp.standalone.visitors.limits import TOGETHER
from webapp.standalone.visitors.spool import Room
from webapp.standalone.visitors.visitor import GIVES_WAY, Stage, Visitor

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
PIECE = 64 * 2**10  # bytes that are read at once
TICK = 1.0  # seconds between two looks at the deadlines
REST = 5.0  # seconds without a request after which memory is given back
STOP_LINGER = 2.0  # seconds that a stopping worker waits for the next request on an open connection
OWN_FILES = 200  # that a process needs besides its connections
MANY_FILES = 16_384
HEALTH = "/api/health"  # has a thread of its own, so that it answers while all others are at work


class VisitorWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's gthread, with threads only for requests that are whole, none for answers on their way."""

    visitors: set[Visitor]
    worker_connections: int

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Raises ConfigError for TLS, which is the reverse proxy's."""
        if cfg.is_ssl:
            raise ConfigError("TLS ends at the reverse proxy: certfile and keyfile cannot be set here")
        super().check_config(cfg, log)

    def init_process(self) -> None:
        """Make what belongs to this process, then run."""
        self.visitors, self._looked = set(), 0.0
        self._tired, self._worked = True, time.monotonic()
        self.room = Room(TOGETHER)
        self.waiting = threading.Semaphore(max(1, self.cfg.threads // 2))
        self.health = ThreadPoolExecutor(max_workers=1, thread_name_prefix="health")
        self.worker_connections = min(self.worker_connections, _files() - OWN_FILES)
        super().init_process()

    def run(self) -> None:
        """Serve until told to stop, then finish what is begun."""
        self.poller.register(self.method_queue.fileno(), READ, self.method_queue.run_callbacks)
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self.set_accept_enabled(self.nr_conns < self.worker_connections or self._may_make_room())
            self._turn(TICK)
        self.set_accept_enabled(False)
        patience = time.monotonic() + self.cfg.graceful_timeout
        while self.visitors and time.monotonic() < patience:
            for visitor in self.visitors:
                visitor.keepalive = min(visitor.keepalive, STOP_LINGER)
            self._turn(0.1)
        self._end()

    def accept(self, listener: socket.socket) -> None:
        """Let one visitor in; the one that has waited longest for itself gives way where it is full."""
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        try:
            connection, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        connection.setblocking(False)
        server = listener.getsockname()
        visitor = Visitor(connection, client, server, self.cfg, self.room, self.waiting)
        self.visitors.add(visitor)
        self.nr_conns += 1
        self._read(visitor)

    def _turn(self, seconds: float) -> None:
        self.notify()
        self.wait_for_and_dispatch_events(seconds)
        self._rest()
        if (now := time.monotonic()) < self._looked + min(seconds, TICK):
            return
        self._looked = now
        for visitor in [one for one in self.visitors if one.deadline is not None and one.deadline < now]:
            self._too_late(visitor)

    def _rest(self) -> None:
        """Give memory back once nothing has been asked for a while."""
        if self._tired and time.monotonic() > self._worked + REST:
            self._tired = False
            give_back()

    def _read(self, visitor: Visitor) -> None:
        try:
            data = visitor.connection.recv(PIECE)
        except (BlockingIOError, InterruptedError):
            self._watch(visitor, READ)
            return
        except OSError:
            data = b""
        if not data:
            self._leave(visitor)
        elif visitor.stage is not Stage.LINGERING:
            self._take(visitor, partial(visitor.take, data))

    def _take(self, visitor: Visitor, taking: "partial[None]") -> None:
        """Take a request's bytes; answer it when it is whole, and at once where it is none."""
        try:
            taking()
        except ParseException as error:
            self.handle_error(visitor.incoming.request, visitor.outgoing, visitor.client, error)
            self._end_with(visitor)
            return
        except ConnectionError:
            self._leave(visitor)
            return
        except OSError as error:
            self.log.warning("A request cannot be kept: %s", error)
            self._refuse(visitor, 503, "Service Unavailable", "There is no room for this request now.")
            return
        if visitor.incoming.whole:
            self._work(visitor)
        else:
            self._watch(visitor, READ)

    def _work(self, visitor: Visitor) -> None:
        self._watch(visitor, 0)
        visitor.enter(Stage.WORKING)
        self._tired, self._worked = True, time.monotonic()
        request = visitor.incoming.request
        pool = self.health if request.path.endswith(HEALTH) else self.tpool
        future = pool.submit(self.handle_request, request, visitor)
        future.add_done_callback(lambda done: self.method_queue.defer(self._answered, visitor, done))

    def _answered(self, visitor: Visitor, done: "Future[bool]") -> None:
        error = done.exception()
        if isinstance(error, (OSError, StopIteration)):
            self.log.debug("A visitor went away, or an answer broke off: %s", error)
            visitor.outgoing.ended = True
        elif error is not None:
            self.handle_error(visitor.incoming.request, visitor.outgoing, visitor.client, error)
        visitor.stays = error is None and done.result() and not visitor.incoming.last
        self._send(visitor)

    def _send(self, visitor: Visitor) -> None:
        visitor.enter(Stage.SENDING)
        if visitor.outgoing.ended:
            self._leave(visitor)
            return
        try:
            visitor.outgoing.flush()
        except OSError:
            self._leave(visitor)
            return
        if visitor.outgoing:
            self._watch(visitor, WRITE)
        elif visitor.stays:
            self._take(visitor, partial(visitor.next))
        else:
            self._linger(visitor)

    def _linger(self, visitor: Visitor) -> None:
        """Say that nothing follows, and let the visitor read the answer: closing at once would take it away
        where bytes of the visitor are still on their way (RFC 9112 section 9.6)."""
        visitor.enter(Stage.LINGERING)
        try:
            visitor.connection.shutdown(socket.SHUT_WR)
        except OSError:
            self._leave(visitor)
            return
        self._watch(visitor, READ)

    def _refuse(self, visitor: Visitor, status: int, reason: str, sentence: str) -> None:
        write_error(visitor.outgoing, status, reason, sentence)
        self._end_with(visitor)

    def _end_with(self, visitor: Visitor) -> None:
        """Send the answer that is written, then close."""
        visitor.stays = False
        self._send(visitor)

    def _too_late(self, visitor: Visitor) -> None:
        if visitor.stage in (Stage.HEAD, Stage.BODY) and visitor.incoming.begun:
            self._refuse(visitor, 408, "Request Timeout", "The request took too long to arrive.")
        else:
            self._leave(visitor)

    def _may_make_room(self) -> bool:
        return any(visitor.stage is not Stage.WORKING for visitor in self.visitors)

    def _make_room(self) -> None:
        waiting = [visitor for visitor in self.visitors if visitor.stage is not Stage.WORKING]
        if waiting:
            self._leave(min(waiting, key=lambda one: (GIVES_WAY.index(one.stage), one.since)))

    def _watch(self, visitor: Visitor, events: int) -> None:
        if events == visitor.watched:
            return
        if not visitor.watched:
            self.poller.register(visitor.connection, events, partial(self._on_event, visitor))
        elif events:
            self.poller.modify(visitor.connection, events, partial(self._on_event, visitor))
        else:
            self.poller.unregister(visitor.connection)
        visitor.watched = events

    def _on_event(self, visitor: Visitor, _connection: socket.socket) -> None:
        if visitor not in self.visitors:
            return  # it left in this same turn
        if visitor.watched & WRITE:
            self._send(visitor)
        else:
            self._read(visitor)

    def _leave(self, visitor: Visitor) -> None:
        self._watch(visitor, 0)
        visitor.close()
        self.visitors.discard(visitor)
        self.nr_conns = len(self.visitors)

    def _end(self) -> None:
        for visitor in [one for one in self.visitors if one.stage is not Stage.WORKING]:
            self._leave(visitor)
        self.tpool.shutdown(wait=False)
        self.health.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()
        for listener in self.sockets:
            listener.close()


def _files() -> int:
    """How many files this process may have open; the usual 1,024 are raised as far as that is allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MANY_FILES if hard == resource.RLIM_INFINITY else min(hard, MANY_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return MANY_FILES if soft == resource.RLIM_INFINITY else min(soft, MANY_FILES)
