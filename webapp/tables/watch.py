"""A database that hangs: noticed while a request waits for it, and told to all others at once.

A server that was stopped, or a network that swallows everything, never ends a statement. So while a request
takes long, the database is asked something easy on a connection of its own. Where that is not answered
either, all connections are hung up, which ends every waiting, and nothing is asked until it answers again.
"""

import logging
import os
import socket
import threading
from time import monotonic
from typing import Any
from weakref import WeakSet

import psycopg
from sqlalchemy import Engine, NullPool, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from webapp.errors import ExpectedError

TICK = 0.2  # seconds between two looks while a request is open
SUSPICIOUS = 0.6  # seconds a request may take until the database is asked whether it answers
ANSWER = 1.3  # seconds for that answer; with the two above less than the 3 s that a visitor may wait
EASED = 0.5  # seconds between two such questions
log = logging.getLogger(__name__)


class DatabaseAway(ExpectedError):
    """The database does not answer."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The database does not answer")


class DatabaseWatch:
    """Watches the database of one process while requests are open; its thread starts with the first one."""

    def __init__(self, engine: Engine) -> None:
        self.is_away = False
        self._open: dict[int, float] = {}
        self._wake = threading.Event()
        self._process: int | None = None
        self._connections: WeakSet[Any] = WeakSet()
        self._probe_engine = create_engine(
            engine.url, poolclass=NullPool, connect_args={"connect_timeout": 2}
        )
        event.listen(engine, "connect", self._remember)
        event.listen(engine, "do_connect", self._refuse)
        event.listen(self._probe_engine, "connect", self._remember)

    def begin(self) -> None:
        """A request begins; raises DatabaseAway while the database hangs."""
        if self._process != os.getpid():
            self._process = os.getpid()
            threading.Thread(target=self._look, name="database-watch", daemon=True).start()
        if self.is_away:
            raise DatabaseAway
        self._open[threading.get_ident()] = monotonic()
        self._wake.set()

    def end(self) -> None:
        """The request of this thread is over."""
        self._open.pop(threading.get_ident(), None)

    def _look(self) -> None:
        asked_at = 0.0
        while True:
            if not self._open and not self.is_away:
                self._wake.clear()
                self._wake.wait()
            threading.Event().wait(TICK)
            longest = monotonic() - min(list(self._open.values()), default=monotonic())
            if (longest > SUSPICIOUS or self.is_away) and monotonic() - asked_at > EASED:
                self._note(self._answers())
                asked_at = monotonic()

    def _note(self, answers: bool) -> None:
        if answers == (not self.is_away):
            return
        self.is_away = not answers
        log.error("The database answers again." if answers else "The database hangs: nothing is asked of it.")
        if not answers:
            for connection in list(self._connections):
                _hang_up(connection)

    def _answers(self) -> bool:
        """Whether the database can be asked now. One that refuses counts as answering: it keeps nobody
        waiting."""
        done = threading.Event()

        def ask() -> None:
            try:
                with self._probe_engine.connect() as connection:
                    connection.execute(text("SELECT 1"))
            except SQLAlchemyError as error:
                if isinstance(error.__cause__, psycopg.errors.ConnectionTimeout):
                    return
                log.info("the database refuses: %s", error)
            done.set()

        threading.Thread(target=ask, name="database-probe", daemon=True).start()
        return done.wait(ANSWER)

    def _remember(self, connection: Any, _record: Any) -> None:
        self._connections.add(connection)

    def _refuse(self, *_: Any) -> None:
        if self.is_away:
            raise psycopg.OperationalError("the database does not answer")


def _hang_up(connection: Any) -> None:
    """End whatever waits for an answer on this connection, in whichever thread it waits."""
    try:
        copy = socket.socket(fileno=os.dup(connection.fileno()))
    except (psycopg.Error, OSError):  # closed meanwhile
        return
    with copy:
        try:
            copy.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.debug("a connection was gone already: %s", error)
