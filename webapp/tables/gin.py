"""GIN indexes: over the trigrams of a text, and emptying their pending lists beside an import.

PostgreSQL collects what is new for such an index in a list, which every search reads through, and moves it
into the index when the list is full: in the middle of a COPY, half of whose time that takes. A large import
lets the lists grow and has them emptied on a connection of its own while it goes on with the next rows.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from sqlalchemy import Engine, Index, Text, literal_column, text

TRIGRAM = 3  # characters: a shorter term cannot be looked up in a trigram index
MANY = 300  # rows from which on the work is worth a thread; fewer are left to PostgreSQL
# the column of a SELECT: for the rest of its transaction the lists may grow; `emptied_beside` has to follow
LET_GROW = literal_column("set_config('gin_pending_list_limit', '64MB', true)", Text).label("grown")
EMPTY = text(
    "SELECT count(gin_clean_pending_list(i.indexrelid)) FROM pg_index i JOIN pg_class c ON c.oid = "
    "i.indexrelid "
    "JOIN pg_am a ON a.oid = c.relam AND a.amname = 'gin' "
    "WHERE i.indrelid IN (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name)"
)

Empty = Callable[[Iterable[str]], None]


def trigrams(name: str, column: str) -> Index:
    """An index by which a term of at least TRIGRAM characters is found anywhere in the column."""
    return Index(name, column, postgresql_using="gin", postgresql_ops={column: "gin_trgm_ops"})


@contextmanager
def emptied_beside(engine: Engine) -> Iterator[Empty]:
    """A function that has the lists of these tables emptied, one call after the other, and returns at once.

    Leaving waits for all of them and raises what went wrong.
    """
    begun: list[Future[None]] = []
    with ThreadPoolExecutor(1, "pending-lists") as executor:
        yield lambda tables: begun.append(executor.submit(_empty, engine, list(tables)))
    for each in begun:
        each.result()


def _empty(engine: Engine, tables: list[str]) -> None:
    with engine.connect() as connection:
        connection.execute(EMPTY, {"tables": tables})
        connection.commit()
