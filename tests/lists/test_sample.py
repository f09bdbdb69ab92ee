"""The newest rows tell which terms are common, and which part of a term is rare."""

import pytest

from webapp.lists.sample import Sample
from webapp.tables.words import pieces_of, runs_of

LINES = Sample(
    ["4a1e: from=<anna@x.example>", "4a1f: from=<bert@x.example>", "4a20: message-id=<77.22.9@y.example>"]
)


def test_it_tells_how_many_rows_have_all_terms_in_any_case():
    assert LINES.share("X.Example") == 2 / 3
    assert LINES.share("anna", "x.example") == 1 / 3
    assert LINES.share("anna", "bert") == 0
    assert Sample([]).share("anna") == 0


def test_the_rarest_piece_is_the_longest_of_those_that_fewest_rows_have():
    assert LINES.rarest([" x.example ", "anna", "example"]) == "anna"
    assert LINES.rarest(["berta", "bertas", " from "]) == "bertas"


def test_the_index_is_asked_for_the_two_longest_pieces_that_hardly_any_row_has():
    pieces = [("message LIKE", f"%{piece}%") for piece in ("example", "anna", "nordli", "message")]
    assert LINES.rare(pieces) == [("message LIKE", "%message%"), ("message LIKE", "%nordli%")]


@pytest.mark.parametrize(
    ("term", "runs"),
    [
        ("1356f.2265b1f5.1342", ["1356f.", ".2265b1f5.", ".1342"]),
        ("<x.example>", [".example "]),
        ("anna@", ["anna "]),
        ("abc", ["abc"]),
        ("a.b.cde", [".cde"]),
        ("a._.bcd", [".bcd"]),
    ],
)
def test_a_piece_is_parted_where_the_index_parts_words(term, runs):
    (piece,) = pieces_of(term)
    assert runs_of(piece) == runs
    assert all(run in piece for run in runs_of(piece))
