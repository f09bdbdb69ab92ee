"""A database that is emptied between two tests, over one connection, which so knows its catalog."""

import psycopg
from psycopg import sql

_TABLES = """
    SELECT c.relname, c.relkind = 'r' AND pg_relation_size(c.oid) > 0
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
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
        self._first = set(self._tables())

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
        if self._first - left.keys():
            return False
        self._run("DROP TABLE {}", [name for name in left if name not in self._first])
        filled = [name for name, is_written in left.items() if is_written and name in self._first]
        self._run("TRUNCATE {} RESTART IDENTITY CASCADE", filled)
        return True

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def _tables(self) -> dict[str, bool]:
        """Each table, and whether anything was ever written to its file: cheaper than to ask for a row."""
        return dict(self._connection.execute(_TABLES).fetchall())

    def _run(self, statement: str, tables: list[str]) -> None:
        if tables:
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            self._connection.execute(sql.SQL(statement).format(names))
