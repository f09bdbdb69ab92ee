"""How the database is asked: how long one waits for a connection and for an answer."""

import select
from dataclasses import dataclass
from typing import Any

import orjson
import psycopg
from sqlalchemy.exc import DisconnectionError


@dataclass(frozen=True)
class Patience:
    """Seconds for a connection, for a free one of the pool, and for one statement (0: without end)."""

    connect: int
    pool: float
    statement: int
    idle: int = 0  # after which a connection that nobody uses is ended by the server


WEB = Patience(connect=2, pool=2.0, statement=60, idle=60)  # somebody is waiting
JOB = Patience(connect=10, pool=30.0, statement=0)  # a day's figures may take minutes
KEEPALIVE = {  # of a connection over TCP: a peer that has gone is noticed within a minute
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


def engine_options(patience: Patience) -> dict[str, Any]:
    """The options of SQLAlchemy's engine."""
    session = f"-c timezone=UTC -c jit=off -c statement_timeout={patience.statement * 1000}"
    session += f" -c idle_session_timeout={patience.idle * 1000}"
    return {
        "pool_events": [(refuse_ended, "checkout")],
        "pool_size": 8,
        "max_overflow": 8,
        "pool_use_lifo": True,
        "pool_timeout": patience.pool,
        "json_deserializer": orjson.loads,
        "connect_args": {"options": session, "connect_timeout": patience.connect, **KEEPALIVE},
    }


def refuse_ended(connection: psycopg.Connection[Any], *_: object) -> None:
    """Raises DisconnectionError for a connection of the pool that the server has ended, upon which the pool
    makes a new one. What is there to read from a server that was asked nothing is its farewell: so nobody has
    to be asked, which costs 0.2 ms a request, and one that hangs would not answer either."""
    watched = select.poll()
    try:
        watched.register(connection.fileno(), select.POLLIN)
    except psycopg.OperationalError as error:
        raise DisconnectionError(str(error)) from error
    if watched.poll(0):
        raise DisconnectionError("the server has ended the connection")
