"""The names of a scan's symbols can be searched and counted in the text that is stored of them."""

from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from webapp.parse import symbols
from webapp.parse.symbols import coded, known, spellings, triggers

NAMES = ("ARC_NA", "MAILCOW_AUTH", "OURS", "A|B", "A B", "A", "B", "Ā", "%20", "", "|", "X" * 500, "\ud800")
RELEASED = {"symbols_1.txt": "5bf8beded58166a1"}  # what is stored refers to their lines


def scan(*names, score=0.0):
    return {name: {"score": score} for name in names}


def found(name, stored):
    return any(spelling in stored for spelling in spellings(name))


def test_each_name_is_found_where_it_is_and_nowhere_else():
    lists = {name: coded(scan(name)) for name in NAMES}
    matches = {(name, other) for name, other in product(NAMES, NAMES) if found(name, lists[other])}
    assert matches == {(name, name) for name in NAMES}
    everything = coded(scan(*NAMES))
    assert all(found(name, everything) for name in NAMES)
    assert not found("OUR", everything)


def test_a_name_that_was_not_known_yet_is_still_found(monkeypatch):
    monkeypatch.setattr(symbols, "_characters", dict)
    stored = coded(scan("ARC_NA"))
    monkeypatch.undo()
    assert stored == "| ARC_NA |"
    assert found("ARC_NA", stored)
    assert triggers([coded(scan("ARC_NA", score=1)), stored], 5) == [("ARC_NA", 2)]


def test_those_that_raise_the_score_are_counted_in_all_rows():
    rows = [
        scan("BAYES_SPAM", "OURS", score=2) | scan("MIME_GOOD", score=-0.1),
        scan("BAYES_SPAM", score=0) | {"OURS": {"score": True}, "NONE": None, "LIST": [1]},
        scan("MIME_GOOD", "A|B c", score=1.5),
    ]
    counted = [("BAYES_SPAM", 2), ("MIME_GOOD", 2), ("OURS", 2), ("A|B c", 1)]
    assert triggers(map(coded, rows), 10) == counted
    assert triggers(map(coded, rows), 1) == counted[:1]
    assert triggers([], 3) == []


@pytest.mark.parametrize("file", symbols.FILES)
def test_what_is_known_never_changes(file):
    content = (Path(symbols.__file__).parent / file).read_bytes()
    assert sha256(content).hexdigest()[:16] == RELEASED[file]


def test_every_known_name_has_a_character_of_two_bytes():
    names = [symbol.name for file in symbols.FILES for symbol in known(file)]
    assert len(set(names)) == len(names) > 400
    assert {len(spellings(name)[0].encode()) for name in names} == {2}
