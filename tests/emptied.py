"""A database that is emptied between two tests, over one connection, which so knows its catalog."""

import psycopg
from psycopg import sql

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'alembic_version'
    ORDER BY c.relname"""


def connected(url: str) -> psycopg.Connection:
    """A connection on which each statement is a transaction; `url` is a DATABASE_URL."""
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


class Emptied:
    """The tables of a database as they were at first, and the way back to them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connect()
        self._first = self._tables()
        asked = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name, sql.Identifier(name))
            for name in self._first
        ]
        self._filled = sql.SQL(" UNION ALL ").join(asked)

    def _connect(self) -> None:
        self._connection = connected(self._url)
        self._connection.execute("SET lock_timeout = '10s'")

    def empty(self) -> bool:
        """Drop the tables that a test added (day partitions) and all rows; False where it dropped others."""
        try:
            left = self._tables()
        except psycopg.OperationalError:  # a test ended all connections
            self._connect()
            left = self._tables()
        if set(self._first) - set(left):
            return False
        self._run("DROP TABLE {}", [name for name in left if name not in self._first])
        filled = [name for (name,) in self._connection.execute(self._filled)]
        self._run("TRUNCATE {} RESTART IDENTITY CASCADE", filled)
        return True

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _tables(self) -> list[str]:
        return [name for (name,) in self._connection.execute(_TABLES)]

    def _run(self, statement: str, tables: list[str]) -> None:
        if tables:
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            self._connection.execute(sql.SQL(statement).format(names))
