"""How requests use their connections."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, OperationalError

from webapp import cache
from webapp.tables.db import copy_rows, db, pipelined
from webapp.tables.faults import sentence_of, trouble


def test_reading_leaves_its_statements_prepared(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    client = app.test_client()
    for _ in range(8):
        assert client.get("/api/logs/postfix?search=removed").status_code == 200
    with app.app_context():
        prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("postfix_logs" in statement for statement in prepared)


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("/dashboard", "%message_hours%"),
        ("/api/logs/rspamd?min_score=14", "%score >=%"),
        ("/api/messages?ip=203.0.", "%ip LIKE%"),
    ],
)
def test_what_depends_on_its_values_is_planned_for_them_each_time(
    make_app: Callable[..., Flask], path: str, statement: str
) -> None:
    app = make_app()
    client = app.test_client()
    for _ in range(15):
        with app.app_context():
            cache.clear_stats_cache()
        assert client.get(path).status_code == 200
    with app.app_context():
        plans = db.session.execute(
            text(
                "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE "
                ":statement"
            ),
            {"statement": statement},
        ).all()
    assert [plan for plan in plans if plan.custom_plans]
    assert not [plan for plan in plans if plan.generic_plans]


def test_a_failed_request_leaves_a_usable_connection(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.get("/api/broken")
    def broken() -> str:
        db.session.execute(text("SELECT 1 / 0"))
        return ""

    client = app.test_client()
    assert client.get("/api/broken").status_code == 500
    assert client.get("/api/logs/postfix").status_code == 200


FULL = "BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END"
KEPT = text("CREATE TEMP TABLE kept (n int PRIMARY KEY, word text) ON COMMIT DROP")


@pytest.fixture
def connection(make_app: Callable[..., Flask]) -> Iterator[Connection]:
    with make_app().app_context():
        made = db.session.connection()
        made.execute(KEPT)
        yield made


def test_a_disk_that_is_full_while_rows_are_copied_is_told(connection: Connection) -> None:
    connection.execute(
        text(f"CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $${FULL}$$")
    )
    connection.execute(text("CREATE TRIGGER refused BEFORE INSERT ON kept EXECUTE FUNCTION pg_temp.refuse()"))
    with pytest.raises(OperationalError) as told:
        copy_rows(connection, "kept", ["n", "word"], [(1, "secret")])
    assert trouble(told.value) == "The disk of the database is full"


def fill_up(connection: Connection) -> None:
    with pipelined(connection):
        connection.execute(text("INSERT INTO kept VALUES (1, 'a')"))
        connection.execute(text(f"DO $${FULL}$$"))
        connection.execute(text("INSERT INTO kept VALUES (2, 'b')"))


def test_a_disk_that_is_full_while_nobody_waits_is_told(connection: Connection) -> None:
    with pytest.raises(OperationalError) as told:
        fill_up(connection)
    assert trouble(told.value) == "The disk of the database is full"


def test_what_a_row_holds_is_never_told(connection: Connection) -> None:
    with pytest.raises(IntegrityError) as told:
        copy_rows(connection, "kept", ["n", "word"], [(1, "secret"), (1, "secret")])
    assert trouble(told.value) is None
    assert "secret" not in sentence_of(told.value)
    assert "unique" in sentence_of(told.value)


def test_what_nobody_waits_for_is_done_when_it_is_left(connection: Connection) -> None:
    with pipelined(connection):
        for n in range(20):
            connection.execute(text("INSERT INTO kept VALUES (:n, 'a')"), {"n": n})
        connection.execute(text("DELETE FROM kept WHERE n < 5"))
    assert connection.scalar(text("SELECT count(*) FROM kept")) == 15
