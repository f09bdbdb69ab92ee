"""Foreign text mentions nobody and makes no link, whatever the channel's language is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fixtures import hypothesis_settings
from webapp.alerts.inert import LONGEST, for_chat, for_mail

MENTIONS = [
    "@everyone",
    "@here",
    "@channel",
    "@all",
    "<!everyone>",
    "<!here|x>",
    "<@U024BE7LH>",
    "<@&123>",
    "@bob",
]
LINKS = [
    "[safe](http://evil.example)",
    "<http://evil.example|safe>",
    "https://evil.example/x",
    "www.evil.example",
]
WORKS = re.compile(
    r"@everyone|@here|@channel|@all\b|<[!@#]|\]\(|://|(?<![\w.%+-])@\w|<|\bwww\.", re.IGNORECASE
)


@pytest.mark.parametrize("text", [*MENTIONS, *LINKS, "**bold** `code` ~~gone~~ ||hidden||"])
def test_nothing_works_in_a_chat(text: str) -> None:
    assert WORKS.search(text) or "**" in text
    assert not WORKS.search(for_chat(f"Subject: {text} x"))
    assert "**" not in for_chat(text)


@pytest.mark.parametrize("text", LINKS)
def test_no_mail_program_makes_a_link_of_it(text: str) -> None:
    assert not re.search(r"://|\bwww\.", for_mail(text))


def test_addresses_and_plain_words_stay_as_they_are() -> None:
    text = "alice+tag@example.com sent 4.2 MB to [192.0.2.1]:25 (5 * 3, a_b)"
    assert for_chat(text) == for_mail(text) == text


def test_a_text_is_one_line_without_tricks_and_not_long() -> None:
    assert for_mail("a\r\nBcc: x@example.com\t\u202eb") == "a Bcc: x@example.com \\u202eb"
    assert len(for_mail("x" * 10000)) == LONGEST


@hypothesis_settings(max_examples=60)
@given(st.text(alphabet="@<>[]()!|*`:/w.ehr onally\n\u202e", max_size=60))
def test_nothing_works_whatever_is_put_together(text: str) -> None:
    assert not WORKS.search(for_chat(text))
