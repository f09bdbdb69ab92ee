"""The pieces of a search term by which the index is asked."""

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.lists.conditions import Conditions, pieces_of
from webapp.lists.terms import by_key


@pytest.mark.parametrize(
    ("term", "pieces"),
    [
        ("40771.2265b1f5.1222", ["40771", "2265b1f5", "1222"]),
        ("invoice", []),
        ("ab", []),
        ("a.b.c", []),
        ("x@y.example", ["example"]),
        ("nordlicht-kontor", ["nordli", "cht", "kontor"]),
        ("abcdefghi", ["abcdef", "ghi"]),
        ("abcdefgh-", ["abcdefgh"]),
        ("Größe", []),
        ("größer-als", ["als"]),
    ],
)
def test_a_term_is_cut_into_words_and_long_words_into_parts(term, pieces):
    assert pieces_of(term) == pieces


@given(st.text(), st.text(alphabet=string.printable + "äÄßİſΣσς\N{KELVIN SIGN}", min_size=3), st.text())
def test_a_row_that_has_the_term_has_every_piece(before, term, after):
    row = (before + term + after).lower()
    assert all(piece.lower() in row for piece in pieces_of(term))


def test_narrowed_conditions_ask_the_index_for_the_pieces_and_the_rows_for_the_whole():
    found = Conditions(plain=["status = :status"], values={"status": "sent"})
    found.contains("message", "search", "abc.def%", "ILIKE")
    narrow = found.narrowed(found.pieces)
    assert narrow.by_index == "status = :status AND message ILIKE :narrow_0 AND message ILIKE :narrow_1"
    assert narrow.beyond_index == "message ILIKE :search"
    assert narrow.values == {
        "status": "sent",
        "search": "%abc.def\\%%",
        "narrow_0": "%abc%",
        "narrow_1": "%def%",
    }
    assert (found.by_index, found.beyond_index) == ("status = :status AND message ILIKE :search", "true")
    assert found.narrowed([]).by_index == found.by_index


def test_compared_conditions_ask_no_index_for_the_texts():
    found = Conditions(plain=["sender = :sender"], values={"sender": "anna@x.example"}, names_few=True)
    found.contains("message", "search", "offer")
    compared = replace(found, is_compared=True)
    assert (compared.by_index, compared.beyond_index) == ("sender = :sender", "message LIKE :search")


@pytest.mark.parametrize("excluded", [True, False])
def test_an_address_that_is_excluded_names_many(excluded):
    address, found = Conditions(), Conditions()
    by_key(address, "sender", "anna@x.example")
    found.take(address, "term0_", excluded)
    assert found.names_few is not excluded


def in_two_ways(name: str) -> Conditions:
    found = Conditions(values={name: 1})
    found.one_of(f"{name} = :{name}", f"{name} IS NULL")
    return found


def test_ways_are_one_condition_or_one_each():
    found = in_two_ways("key")
    found.plain.append("is_spam")
    assert found.where == "is_spam AND (key = :key OR key IS NULL)"
    assert [each.where for each in found.by_way] == ["is_spam AND key = :key", "is_spam AND key IS NULL"]
    assert Conditions().by_way == [Conditions()]


def test_only_the_first_ways_are_read_one_by_one():
    found = in_two_ways("key")
    found.take(in_two_ways("other"), "term0_")
    assert found.ways == ("key = :key", "key IS NULL")
    assert found.where == "(other = :term0_other OR other IS NULL) AND (key = :key OR key IS NULL)"


def test_excluded_ways_are_looked_at_last():
    found = Conditions(plain=["is_spam"])
    found.take(in_two_ways("key"), "term0_", excluded=True)
    assert not found.ways
    assert found.excluded == ["NOT coalesce((key = :term0_key OR key IS NULL), false)"]
    assert found.where == f"is_spam AND {found.excluded[0]}"
