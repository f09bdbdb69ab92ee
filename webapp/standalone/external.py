"""Databases that the administrator runs: asked once before anything starts."""

import psycopg
import redis
from psycopg.conninfo import conninfo_to_dict
from redis.exceptions import RedisError

from webapp.standalone import StartError

_EXAMPLE = "postgresql://user:password@host:5432/database"


def check_database(sqlalchemy_url: str) -> None:
    """Raises StartError with the server's reason when the database cannot be used. No password is ever
    shown."""
    scheme, _, rest = sqlalchemy_url.partition("://")
    if not scheme.startswith("postgres"):
        raise StartError(f"DATABASE_URL must be a PostgreSQL address such as {_EXAMPLE}.")
    try:
        place = conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError as error:
        # The reason would quote the address with its password.
        raise StartError(
            f"DATABASE_URL cannot be read: write it like {_EXAMPLE}, special characters percent-encoded."
        ) from error
    try:
        psycopg.connect(f"postgresql://{rest}", connect_timeout=5).close()
    except psycopg.Error as error:
        name = f"{place.get('dbname', '')} on {place.get('host', 'this machine')}"
        raise StartError(
            f"The database {name} of DATABASE_URL or POSTGRES_* cannot be used: {_first_line(error)}."
        ) from error


def check_redis(url: str) -> None:
    """Raises StartError when REDIS_URL is wrong or nothing answers there."""
    try:
        with redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5) as client:
            client.ping()
    except (ValueError, RedisError) as error:
        raise StartError(f"The server of REDIS_URL cannot be used: {_first_line(error)}.") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
