"""A search as it is typed, taken apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.lists.typed import MOST_TERMS, terms_of, without

FIELDS = ("from", "to", "subject", "before", "after")


def told(typed):
    return [
        ("-" if term.excluded else "") + (term.field and term.field + ":") + term.text
        for term in terms_of(typed, FIELDS)
    ]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("", []),
        ("   ", []),
        ("invoice", ["invoice"]),
        ("invoice  4711 ", ["invoice", "4711"]),
        ('"invoice 4711" paid', ["invoice 4711", "paid"]),
        ("from:anna to:bob", ["from:anna", "to:bob"]),
        ("FROM:anna", ["from:anna"]),
        ("from: anna", ["from:anna"]),
        ('subject:"Re: your invoice"', ["subject:Re: your invoice"]),
        ("-newsletter -from:shop.example", ["-newsletter", "-from:shop.example"]),
        ("Re: invoice", ["Re:", "invoice"]),
        ("https://x.example/a:b", ["https://x.example/a:b"]),
        ("2001:db8::25", ["2001:db8::25"]),
        ("from:<>", ["from:<>"]),
        ('say "hello', ["say", '"hello']),
        ("-", ["-"]),
        ("from:", ["from:"]),
        ("from: to:bob", ["from:", "to:bob"]),
        ('""', []),
        ("10:00", ["10:00"]),
    ],
)
def test_words_quotes_fields_and_exclusions(typed, terms):
    assert told(typed) == terms


def test_too_many_terms_are_refused_with_a_way_out():
    with pytest.raises(ValueError, match="in quotes"):
        terms_of("a " * (MOST_TERMS + 1), FIELDS)


def test_a_term_can_be_taken_out_again():
    typed = 'from:anna  "invoice 4711" -paid'
    terms = terms_of(typed, FIELDS)
    assert without(typed, terms[1:2]) == "from:anna -paid"
    assert without(typed, terms) == ""


@given(st.text(st.sampled_from('ab:"- \tfrom'), max_size=24))
@settings(max_examples=60)
def test_any_text_gives_terms_that_lie_one_after_the_other_and_hold_all_that_was_typed(typed):
    try:
        terms = terms_of(typed, FIELDS)
    except ValueError:
        return
    places = [place for term in terms for place in (term.start, term.end)]
    assert places == sorted(places)
    assert not without(typed, terms).strip('"-: ') or '""' in typed
