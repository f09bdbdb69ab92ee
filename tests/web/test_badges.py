"""Every word of a closed vocabulary has a badge, and no badge stands for a word that is not one."""

from types import SimpleNamespace

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


@pytest.mark.parametrize(
    ("daemon", "reply", "word"),
    [
        ("local", "delivered to file: /dev/null", "discarded"),
        ("local", "delivered to mailbox", "delivered"),
        ("smtp", "250 2.0.0 Ok", "sent"),
    ],
)
def test_a_line_by_which_mail_went_to_nobody_is_not_called_delivered(
    daemon: str, reply: str, word: str
) -> None:
    figures = "relay=x, delay=0.7, delays=0.7/0.02/0/0, dsn=2.0.0"
    message = f"453932E6A17: to=<root@mx.example>, {figures}, status=sent ({reply})"
    line = SimpleNamespace(program=f"postfix/{daemon}", message=message, status="sent")
    assert badges.line_word(line) == word


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("status", "discarded", "Discarded"),
        ("status", "failed", "Bounced or expired"),
        ("outcome", "undelivered", "Not delivered"),
        ("sender", "<>", "Mail server (notice)"),
        ("direction", "inbound", "Inbound"),
        ("search", "spam", "spam"),
    ],
)
def test_a_filters_value_is_called_as_its_field_calls_it(name: str, typed: str, words: str) -> None:
    assert badges.value_words(name, typed) == words
