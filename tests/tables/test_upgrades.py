"""Every released schema, and every one between, comes up to date with rows in all its tables."""

from collections import Counter
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Connection, create_engine, text

from webapp.config import ROOT
from webapp.tables.db import db

RELEASED = {"1.0.0": "0002"}  # version -> the last migration that it came with
ROWS = 3
COLUMNS = text("""
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'alembic_version'
        AND a.attnotnull AND a.attidentity = '' AND a.attgenerated = '' AND d.adbin IS NULL ORDER BY c.oid""")
VALUES = {
    "text": "'x' || n",
    "bigint": "{first} + n",
    "integer": "{first} + n",
    "smallint": "1",
    "double precision": "n",
    "real": "n",
    "boolean": "true",
    "date": "current_date",
    "timestamp with time zone": "now() - interval '1 hour' * n",
    "jsonb": "'{{}}'",
    "inet": "'192.0.2.1'",
    "bytea": "'\\x00'",
    "text[]": "ARRAY['x' || n]",
    "bigint[]": "ARRAY[n]",
    "integer[]": "ARRAY[n]",
}


def revisions() -> list[str]:
    """All migrations, oldest first."""
    configuration = Config()
    configuration.set_main_option("script_location", str(ROOT / "migrations"))
    return [script.revision for script in ScriptDirectory.from_config(configuration).walk_revisions()][::-1]


def columns(connection: Connection) -> dict[str, list[tuple[str, str]]]:
    """What a row of each table must have."""
    found: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind in connection.execute(COLUMNS):
        found.setdefault(table, []).append((column, kind))
    return found


def add_rows(connection: Connection, first: int) -> Counter[str]:
    """Some rows in every table; returns how many each got. Numbers begin at `first`."""
    added: Counter[str] = Counter()
    for table, needed in columns(connection).items():
        names = ", ".join(f'"{name}"' for name, _ in needed)
        values = ", ".join(VALUES[kind].format(first=first) for _, kind in needed)
        insert = f'INSERT INTO "{table}" ({names}) SELECT {values} FROM generate_series({first}, :last) n'
        done = connection.execute(text(f"{insert} ON CONFLICT DO NOTHING"), {"last": first + ROWS - 1})
        added[table] = done.rowcount
    return added


def counted(connection: Connection) -> Counter[str]:
    """The rows of every table."""
    return Counter(
        {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in columns(connection)}
    )


@pytest.fixture
def old(empty_database_url: str, make_app: Any) -> tuple[Flask, Any]:
    """An application on a database without a table, and an engine of our own."""
    return make_app(database_url=empty_database_url), create_engine(empty_database_url)


def test_rows_of_every_schema_are_there_after_every_step(old):
    app, engine = old
    lost = {}
    with app.app_context():
        for number, revision in enumerate(revisions()):
            with engine.begin() as connection:
                before = counted(connection)
            upgrade(str(ROOT / "migrations"), revision)
            with engine.begin() as connection:
                after = counted(connection)
                lost |= {(revision, table): n for table, n in before.items() if after[table] < n}
                added = add_rows(connection, 1000 * (number + 1))
            assert added
        db.engine.dispose()
    engine.dispose()
    assert lost == {}
    assert sum(before.values()) > 10 * ROWS


def test_every_release_is_in_the_chain():
    assert set(RELEASED.values()) <= set(revisions())
    releases = [
        line
        for line in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("## [") and "Unreleased" not in line
    ]
    assert [line.split("[")[1].split("]")[0] for line in releases] == list(RELEASED)


def test_tables_of_a_newer_version_are_refused_with_a_sentence(old, caplog):
    app, engine = old
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version AS SELECT '9999'::text AS version_num"))
    with app.app_context(), pytest.raises(SystemExit) as stopped:
        upgrade(str(ROOT / "migrations"))
    assert stopped.value.code == 1
    assert "made by a newer version of the viewer (they are at 9999" in caplog.text
    engine.dispose()
