"""The models and the migrated database are the same, and what a model says of its table is true."""

from datetime import date
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import check
from sqlalchemy import Column, Connection, Engine, Integer, MetaData, Table, create_engine, text

from webapp.tables.db import Base, db
from webapp.tables.partitions import ensure_days
from webapp.tables.schema import EMPTIED, FORGOTTEN, MODELS, PARTITIONED, natural_key, without_partitions

COLUMNS = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
        pg_get_expr(d.adbin, d.adrelid)
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d
        ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND a.attnum > 0 AND NOT a.attisdropped AND c.relname <> 'alembic_version' ORDER BY 1, 2"""
CONSTRAINTS = """
    SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid WHERE c.relnamespace = 'public'::regnamespace
        AND NOT c.relispartition AND c.relname <> 'alembic_version' ORDER BY 1, 2"""
INDEXES = """
    SELECT c.relname, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace
        AND NOT t.relispartition AND t.relname <> 'alembic_version' ORDER BY 1"""
PARTITIONING = """
    SELECT c.relname, pg_get_partkeydef(c.oid) FROM pg_class c
    WHERE c.relkind = 'p' AND c.relnamespace = 'public'::regnamespace ORDER BY 1"""
SEQUENCES = """
    SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1"""


@pytest.fixture
def connection(app: Flask) -> Any:
    """A connection to the migrated database, with a partition of one day in it."""
    with app.app_context(), db.engine.connect() as connection:
        ensure_days(connection, [date(2026, 1, 8)])
        yield connection
        connection.rollback()


def differences(connection: Connection, metadata: MetaData) -> list[Any]:
    """What a migration made now would do."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_name": without_partitions(connection),
    }
    return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)


def schema(connection: Connection) -> dict[str, list[Any]]:
    """The tables as PostgreSQL describes them."""
    asked = {
        "columns": COLUMNS,
        "constraints": CONSTRAINTS,
        "indexes": INDEXES,
        "partitioning": PARTITIONING,
        "sequences": SEQUENCES,
    }
    return {what: [tuple(row) for row in connection.execute(text(sql))] for what, sql in asked.items()}


@pytest.fixture
def made_from_models(empty_database_url: str) -> Any:
    """A database that the models alone have made."""
    engine: Engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        connection.execute(text("CREATE EXTENSION pg_trgm"))
        Base.metadata.create_all(connection)
        yield connection
    engine.dispose()


def test_the_migrated_database_and_the_models_are_equal(connection: Connection) -> None:
    assert differences(connection, Base.metadata) == []


def test_a_migration_made_now_would_be_empty(app: Flask) -> None:
    with app.app_context():
        check(directory="migrations")


def test_a_table_that_no_migration_makes_is_told(app: Flask) -> None:
    rooms = Table("rooms", Base.metadata, Column("n", Integer))
    try:
        with app.app_context(), pytest.raises(SystemExit):
            check(directory="migrations")
    finally:
        Base.metadata.remove(rooms)


def test_the_models_make_the_very_tables_that_the_migrations_make(
    connection: Connection, made_from_models: Connection
) -> None:
    migrated, made = schema(connection), schema(made_from_models)
    assert all(migrated.values())
    for what in migrated:
        assert migrated[what] == made[what], what


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda tables: tables["messages"].append_column(Column("colour", Integer)), "add_column"),
        (lambda tables: setattr(tables["messages"].c.subject, "nullable", False), "modify_nullable"),
        (lambda tables: setattr(tables["deliveries"].c.attempts, "type", db.Text()), "modify_type"),
        (lambda tables: tables["messages"].indexes.clear(), "remove_index"),
        (lambda tables: tables["snapshots"].metadata.remove(tables["snapshots"]), "remove_table"),
        (lambda tables: Table("rooms", tables["messages"].metadata, Column("n", Integer)), "add_table"),
    ],
)
def test_a_model_that_says_something_else_is_told(connection: Connection, change: Any, told: Any) -> None:
    copy = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copy)
    change(copy.tables)
    found = [each[0] if isinstance(each, tuple) else each[0][0] for each in differences(connection, copy)]
    assert set(found) == {told}


def test_every_model_says_how_its_rows_are_kept() -> None:
    assert set(MODELS) == set(Base.metadata.tables)
    for table, model in MODELS.items():
        known = set(Base.metadata.tables[table].columns.keys())
        assert {model.keeping.day or "", model.keeping.clock or ""} - {""} <= known


def test_the_lists_of_tables_come_from_the_models() -> None:
    assert PARTITIONED == {
        "postfix_logs": "time",
        "rspamd_logs": "time",
        "netfilter_logs": "time",
        "dovecot_logs": "time",
        "postfix_stretches": "time",
        "dovecot_stretches": "time",
        "messages": "first_seen",
        "deliveries": "message_time",
    }
    assert FORGOTTEN["log_gaps"] == "end"
    assert {"messages", "message_hours", "log_cursors", "mailcow_domains"} <= set(EMPTIED)
    assert {"job_runs", "audit_entries", "installation"}.isdisjoint(EMPTIED)


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("postfix_logs", ["time", "digest", "ordinal"]),
        ("messages", ["id", "first_seen"]),
        ("log_gaps", ["source", "start"]),
        ("log_cursors", ["source"]),
        ("postfix_stretches", ["time", "first", "above"]),
    ],
)
def test_a_row_is_named_by_what_stays_the_same_on_every_import(table: str, columns: list[str]) -> None:
    assert natural_key(table) == columns


def test_every_partitioned_table_is_partitioned_by_the_day_that_its_model_names(
    connection: Connection,
) -> None:
    told = {table: key.replace('"', "") for table, key in schema(connection)["partitioning"]}
    assert told == {table: f"RANGE ({day})" for table, day in PARTITIONED.items()}
