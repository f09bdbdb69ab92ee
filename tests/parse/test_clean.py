"""What mailcow sends can be stored and told, whatever it is; one odd row costs only itself."""

import json
import math

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as fewer
from hypothesis import strategies as st

from webapp.parse.clean import DEEPEST, HIGHEST, TOO_DEEP, clean, read_rows, read_value

DEEP = b"[" * 900 + b"]" * 900
BOTTOMLESS = b"[" * 100_000
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@fewer(max_examples=60)
@given(VALUES)
def test_any_value_becomes_one_that_json_and_the_database_hold(value):
    text = orjson.dumps(clean(value)).decode()
    assert "\\u0000" not in text
    assert clean(clean(value)) == clean(value)


@fewer(max_examples=60)
@given(VALUES)
def test_an_ordinary_value_is_not_touched(value):
    plain = json.dumps(value)
    if "\\u0000" not in plain and "\\ud" not in plain and not any(sign in plain for sign in ("Inf", "NaN")):
        kept = clean(value)
        if kept != value:
            assert any(abs(number) > HIGHEST for number in _numbers(value))


def _numbers(value):
    if isinstance(value, dict | list):
        return [n for part in (value.values() if isinstance(value, dict) else value) for n in _numbers(part)]
    return [value] if isinstance(value, int | float) else []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'"a\\u0000b"', "a\N{REPLACEMENT CHARACTER}b"),
        (b'"\\ud800"', "\N{REPLACEMENT CHARACTER}"),
        (b'{"\\udc00": 10000000000000000000000}', {"\N{REPLACEMENT CHARACTER}": HIGHEST}),
        (b"[1e400, -1e400, NaN]", [float(HIGHEST), -float(HIGHEST), None]),
        (b"1e308", float(HIGHEST)),
    ],
)
def test_what_cannot_be_held_is_replaced(text, value):
    assert read_value(text) == value


def test_what_nests_too_deep_is_cut():
    value = read_value(DEEP)
    for _ in range(DEEPEST):
        (value,) = value
    assert value == TOO_DEEP


REFUSED = [b"", b"<html>", b"[1", b'{"a": ', BOTTOMLESS, b"\xff", b'"\xff"']


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_json_is_refused(text):
    with pytest.raises(ValueError):
        read_value(text)
    with pytest.raises(ValueError):
        read_rows(text)


def test_rows_that_are_fine_are_given_as_they_are():
    rows = [{"time": "1", "message": "ü"}, None, {}, [], 7]
    assert read_rows(orjson.dumps(rows)) == rows
    assert read_rows(b"{}") == {}


def test_one_odd_row_costs_only_itself():
    odd = b'[{"a": "x]"}, ' + DEEP + b', {"b": "\\ud800", "n": ' + b"9" * 30 + b'}, {"c": ["\\"["]}]'
    first, deep, strange, last = read_rows(odd)
    assert first == {"a": "x]"}
    assert isinstance(deep, list)
    assert strange == {"b": "\N{REPLACEMENT CHARACTER}", "n": HIGHEST}
    assert last == {"c": ['"[']}


def test_a_row_that_no_reader_takes_is_given_as_its_text():
    bomb = BOTTOMLESS + b"]" * 100_000
    rows = read_rows(b'[{"a": 1},' + bomb + b',{"b": 2}]')
    assert (rows[0], rows[2]) == ({"a": 1}, {"b": 2})
    assert isinstance(rows[1], str)
    assert len(rows[1]) <= 2000


def test_a_number_that_is_none_is_nothing():
    assert clean(math.nan) is None
