"""Several questions in one statement: the rows of each, with the types of their columns."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Date,
    Double,
    Text,
    bindparam,
    create_engine,
    select,
    text,
)

from webapp.tables.db import Moment
from webapp.tables.together import Together

NOON = datetime(2026, 1, 8, 12, 0, 0, 250_000, UTC)
GIVEN = text(
    "SELECT * FROM (VALUES (E'a\\'\"\\\\\\n€', 4611686018427387905, 3::float8, "
    "'2026-01-08 12:00:00.25+00'::timestamptz, '2026-01-08'::date, '{x,\"y, z\"}'::text[]), "
    "(NULL, -1, NULL, NULL, NULL, '{}')) AS rows (name, number, weight, at, day, names)"
).columns(name=Text, number=BigInteger, weight=Double, at=Moment, day=Date, names=ARRAY(Text))
NOTHING = text("SELECT now() AS at WHERE false").columns(at=Moment)
NUMBERS = text(
    "SELECT n FROM unnest(CAST(:numbers AS bigint[])) AS n WHERE CAST(:name AS text) IS NOT NULL "
    "AND CAST(:at AS timestamptz) <= now() AND :is_wanted"
).columns(n=BigInteger)
NAMES = select(bindparam("name", type_=Text).label("name"))


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    options = "-c timezone=UTC"
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://"), connect_args={"options": options}
    )
    with engine.connect() as made:
        yield made
    engine.dispose()


def test_each_part_has_its_rows_with_the_types_of_a_statement_of_its_own(connection: Connection) -> None:
    found = Together(given=GIVEN, nothing=NOTHING).ask(connection, {})
    alone = connection.execute(GIVEN).all()
    assert [tuple(row) for row in found["given"]] == [tuple(row) for row in alone]
    assert [type(part) for row in found["given"] for part in row] == [
        type(part) for row in alone for part in row
    ]
    assert found["given"][0].at == NOON
    assert found["nothing"] == []


def asked(name: str | None = "a", numbers: tuple[int, ...] = (1, 2**62), **other: Any) -> dict[str, Any]:
    return {"name": name, "numbers": list(numbers), "at": NOON, "is_wanted": True} | other


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (asked(), [1, 2**62]),
        (asked(numbers=()), []),
        (asked(name=None), []),
        (asked(is_wanted=False), []),
        (asked(at=None), []),
    ],
)
def test_a_value_is_given_once_to_all_parts(
    connection: Connection, values: dict[str, Any], numbers: list[int]
) -> None:
    found = Together(numbers=NUMBERS, names=NAMES).ask(connection, values)
    assert [row.n for row in found["numbers"]] == numbers
    assert [row.name for row in found["names"]] == [values["name"]]


def test_it_is_prepared_once_whatever_is_asked(connection: Connection) -> None:
    together = Together(numbers=NUMBERS, names=NAMES)
    for each in (asked(), asked(None), asked(numbers=()), asked(numbers=(1,)), asked(at=None)) * 6:
        together.ask(connection, each)
    prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert len([sql for sql in prepared if "json_agg" in sql]) == 1
