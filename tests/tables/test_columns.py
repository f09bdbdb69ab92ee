"""Lists are written as PostgreSQL reads them, whatever is in their texts."""

import pytest
from sqlalchemy import text

from webapp.tables.columns import as_array

LISTS = (
    [],
    ["a@example.org", "b@example.org"],
    ['say "hi"', "back\\slash", "{braces}", "a,b", "NULL", "", " blank ", "line\nbreak", "\\\"both'"],
)


@pytest.mark.parametrize("values", LISTS, ids=["empty", "addresses", "signs"])
def test_a_list_comes_back_as_it_was(db_session, values):
    found = db_session.scalar(text("SELECT CAST(:list AS text[])"), {"list": as_array(values)})
    assert found == values


def test_numbers_and_nothing_are_told_apart(db_session):
    found = db_session.scalar(text("SELECT CAST(:list AS bigint[])"), {"list": as_array([-(2**63), 0, 7])})
    assert found == [-(2**63), 0, 7]
    assert as_array(None) is None
