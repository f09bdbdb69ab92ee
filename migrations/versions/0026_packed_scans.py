"""Rspamd's rows packed: what no column tells as compressed bytes, the names of the symbols by a character each."""

from collections.abc import Callable
from typing import Any

from alembic import op
from psycopg.types.json import Jsonb
from sqlalchemy import text

from webapp.parse.symbols import coded
from webapp.tables.db import copy_rows
from webapp.tables.packed import packed, unpacked

revision = "0026"
down_revision = "0024"
MANY = 2_000  # rows that are converted at a time
FUNCTION = """
    CREATE FUNCTION pg_temp.new_{column}(timestamptz, bigint) RETURNS {kind} LANGUAGE sql STABLE AS
    'SELECT {column} FROM pg_temp.converted WHERE (time, id) = ($1, $2)'"""


def upgrade() -> None:
    _convert(("text", "bytea"), lambda names, rest: (coded(names), packed({**rest, "symbols": names})))


def downgrade() -> None:
    _convert(("jsonb", "jsonb"), _unpacked)


def _unpacked(_: str, raw: bytes) -> tuple[Jsonb, Jsonb]:
    rest = unpacked(raw)
    return Jsonb(rest.pop("symbols")), Jsonb(rest)


def _convert(kinds: tuple[str, str], convert: Callable[[Any, Any], tuple[Any, Any]]) -> None:
    """The new values go into a table beside, from where one rewriting takes them: no old row is left."""
    connection = op.get_bind()
    columns = dict(zip(("symbols", "raw"), kinds, strict=True))
    told = ", ".join(f"{column} {kind}" for column, kind in columns.items())
    op.execute(f"CREATE TEMP TABLE converted (time timestamptz, id bigint, {told}) ON COMMIT DROP")
    every = text("SELECT time, id, symbols, raw FROM rspamd_logs")
    rows = connection.execute(every, execution_options={"yield_per": MANY})
    for part in rows.partitions():
        new = ((row.time, row.id, *convert(row.symbols, row.raw)) for row in part)
        copy_rows(connection, "pg_temp.converted", ("time", "id", *columns), new)
    op.execute("ALTER TABLE pg_temp.converted ADD PRIMARY KEY (time, id)")
    for column, kind in columns.items():
        op.execute(FUNCTION.format(column=column, kind=kind))
    changes = (
        f"ALTER {column} TYPE {kind} USING pg_temp.new_{column}(time, id)" for column, kind in columns.items()
    )
    op.execute(f"ALTER TABLE rspamd_logs {', '.join(changes)}")
    op.execute("DROP TABLE pg_temp.converted CASCADE")
    for column in columns:
        op.execute(f"DROP FUNCTION pg_temp.new_{column}(timestamptz, bigint)")
