"""Hostile files are refused or read harmlessly; `python -m benchmarks.hostile` uploads all of them, the large
ones too.
"""

import pytest

from tests.reports.hostile import FILES
from tests.reports.hostile.file import Hostile
from tests.reports.samples import read
from webapp.reports.refusal import Refusal

QUICK = [file for file in FILES if not file.is_large]


def test_there_are_many_of_many_kinds() -> None:
    assert len(FILES) >= 165
    assert len({file.name for file in FILES}) == len(FILES)
    assert len(QUICK) > len(FILES) / 2


def refusal_of(file: Hostile) -> Refusal | None:
    """Why it is refused; None where it is read."""
    try:
        assert read(file.make(), file.filename)
    except Refusal as refusal:
        return refusal
    return None


@pytest.mark.parametrize("file", QUICK, ids=lambda file: file.name)
def test_a_hostile_file_is_refused_with_a_reason_or_read_harmlessly(file: Hostile) -> None:
    refused = refusal_of(file)
    if refused is None:
        assert file.may_be_stored
    else:
        assert 400 <= refused.status < 500
        assert 10 < len(str(refused)) < 300
