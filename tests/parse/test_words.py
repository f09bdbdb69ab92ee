"""A word of a closed vocabulary is its text to every writer."""

import orjson
import pytest
from sqlalchemy import text

from tests.conftest import MakeApp
from webapp.parse import words
from webapp.parse.words import Outcome, Word
from webapp.tables.db import copy_rows, db

ALL = [word for vocabulary in Word.__subclasses__() for word in vocabulary]


@pytest.mark.parametrize("word", ALL)
def test_a_word_is_written_as_its_text_everywhere(word: Word) -> None:
    plain = word.value
    assert type(plain) is str
    assert (str(word), repr(word), f"{word}", hash(word)) == (plain, repr(plain), plain, hash(plain))
    assert repr(([word], word)) == repr(([plain], plain))
    assert orjson.dumps({"word": word}) == orjson.dumps({"word": plain})


def test_words_are_stored_as_text(make_app: MakeApp) -> None:
    with make_app().app_context():
        connection = db.session.connection()
        connection.execute(text("CREATE TEMP TABLE told (word text, words text[]) ON COMMIT DROP"))
        copy_rows(connection, "told", ("word", "words"), [(Outcome.SPAM, [Outcome.BOUNCED, Outcome.EXPIRED])])
        connection.execute(
            text("INSERT INTO told VALUES (:word, :words)"), {"word": ALL[0], "words": [ALL[0]]}
        )
        found = connection.execute(text("SELECT word, words FROM told")).all()
    assert [tuple(row) for row in found] == [
        ("spam", ["bounced", "expired"]),
        (ALL[0].value, [ALL[0].value]),
    ]


def test_a_final_outcome_is_one_that_no_later_line_changes() -> None:
    assert set(Outcome) - set(words.FINAL) == {
        Outcome.SPAM,
        Outcome.DEFERRED,
        Outcome.MIXED,
        Outcome.PENDING,
    }
