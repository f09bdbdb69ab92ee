"""Where a mail was put, in one sentence."""

import pytest

from webapp.messages.filed import filed, gathered


@pytest.mark.parametrize(
    ("folder", "acts", "sentence"),
    [
        (None, None, None),
        ("INBOX", None, "Delivered to INBOX"),
        ("Junk", "fileinto", "Delivered to Junk"),
        ("Archive/2026", "fileinto", "Delivered to Archive/2026 by a filter rule"),
        (None, "discard", "Discarded by a filter rule"),
        (None, "redirect x@c.example", "Forwarded to x@c.example by a filter rule"),
        (
            "INBOX",
            "redirect x@c.example; vacation s@c.example",
            "Delivered to INBOX; forwarded to x@c.example by a filter rule; a vacation answer was sent to "
            "s@c.example",
        ),
        (
            None,
            "duplicate redirect x@c.example",
            "Not forwarded to x@c.example once more: it had been before",
        ),
        (None, "reject s@c.example", "Refused by a filter rule, which tells the sender"),
        (None, "failed INBOX: Quota exceeded", "Not stored in INBOX: Quota exceeded"),
    ],
)
def test_one_recipient(folder, acts, sentence):
    assert filed(folder, acts) == sentence


def test_a_discarded_copy_whose_other_copy_is_there():
    assert filed(None, "discard", True) == "Discarded by a filter rule: it came into this mailbox twice"


@pytest.mark.parametrize(
    ("places", "was_marked", "words"),
    [
        ([("INBOX", None)], False, ""),
        ([("INBOX", None)], True, ": it lies in INBOX although it was marked as spam"),
        ([("Junk", "fileinto")], True, ", marked as spam: it lies in the Junk folder"),
        ([("Junk", "fileinto")], False, ": it lies in the Junk folder"),
        ([(None, "discard")], False, " and discarded by a filter rule"),
        ([("Lists", "fileinto")], False, ", into Lists by a filter rule"),
        ([("INBOX", None), ("INBOX", None)], False, ""),
        (
            [("Junk", "fileinto"), ("Junk", "fileinto"), (None, "discard")],
            True,
            ": 2 in Junk, 1 discarded by a filter rule",
        ),
        ([(None, None), (None, None)], True, ""),
    ],
)
def test_the_sentence_of_a_message(places, was_marked, words):
    assert gathered(places, was_marked) == words
