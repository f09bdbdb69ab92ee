"""Every word of a closed vocabulary has a badge, and no badge stands for a word that is not one."""

import pytest

from webapp.jobqueue import JobState
from webapp.parse.words import Direction, NetfilterAction, Outcome, RspamdAction
from webapp.web import badges


@pytest.mark.parametrize(
    ("table", "vocabulary", "more"),
    [
        (badges.OUTCOMES, Outcome, set()),
        (badges.DIRECTIONS, Direction, set()),
        (badges.VERDICTS, RspamdAction, set()),
        (badges.EVENTS, NetfilterAction, {"watched"}),
        (badges.JOB_STATES, JobState, {"waiting", "absent"}),
    ],
)
def test_every_word_has_a_badge(table: badges.Badges, vocabulary: type, more: set[str]) -> None:
    assert set(table) - more == set(vocabulary)
