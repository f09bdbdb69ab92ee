"""A mail in the quarantine as plain text, and mails that were made to hurt whoever takes them apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.quarantine.letter import MOST_TEXT, letter_of
from webapp.quarantine.plain import plain_of

MIXED = """From: =?utf-8?q?J=C3=BCrgen?= <j@x.example>
To: a@y.example
X-Note: one
 two
Subject: =?iso-8859-1?b?R3L832U=?=
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Gr=FC=DFe &amp; mehr
--y
Content-Type: text/html; charset=utf-8

<p>Hallo M&uuml;ller</p><a href="https://evil.example/?a=1&amp;b=2">Bank</a><script>steal()</script>
--y--
--x
Content-Type: application/pdf; name="=?utf-8?b?UmVjaG51bmcucGRm?="
Content-Transfer-Encoding: base64

QUJDRA==
--x
Content-Type: text/plain
Content-Disposition: attachment; filename*=utf-8''%e2%80%ae.txt

attached words
--x--
"""


def test_headers_text_and_attachments_are_told() -> None:
    letter = letter_of(MIXED)
    assert [(field.name, field.value) for field in letter.first] == [
        ("From", "J\u00fcrgen <j@x.example>"),
        ("To", "a@y.example"),
        ("Subject", "Gr\u00fc\u00dfe"),
    ]
    assert ("X-Note", "one two") in [(field.name, field.value) for field in letter.headers]
    assert letter.text == "Gr\u00fc\u00dfe &amp; mehr"
    assert letter.web_text == "Hallo M\u00fcller\nBank [https://evil.example/?a=1&b=2]"
    assert [(one.name, one.kind, one.size) for one in letter.attachments] == [
        ("Rechnung.pdf", "application/pdf", 4),
        ("\u202e.txt", "text/plain", 14),
    ]
    assert (letter.trouble, letter.is_cut) == (None, False)


def test_what_mailcow_wrote_as_references_is_read_as_it_came() -> None:
    letter = letter_of("Subject: &Auml;pfel &#8364;\n\nF&uuml;nf &lt; &amp;zehn &euro")
    assert letter.first[0].value == "\u00c4pfel \u20ac"
    assert letter.text == "F\u00fcnf &lt; &amp;zehn &euro"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a < b &lt; c <3", "a < b < c <3"),
        ("<p>one<p>two<br/>three</div>", "one\ntwo\nthree"),
        ("one<!-- no --> two <style>p {}</style>three", "one two three"),
        ("<ul><li>x<li>y</ul><td>1</td><td>2</td>", "x\ny 1 2"),
        ("<a href='javascript:x()'>here</a> <a name=x>there</a>", "here [javascript:x()] there"),
        ("open <b", "open"),
        ("shut <style> never", "shut"),
        ("&#x202e;&#99999999999;&nosuch;", "\u202e&#99999999999;&nosuch;"),
    ],
)
def test_html_becomes_its_words(source: str, words: str) -> None:
    assert plain_of(source) == words


NEST = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(90))
HOSTILE = {
    "nested": NEST,
    "nested by continued parameters": NEST.replace("boundary=", "boundary*=") * 4,
    "mails in mails": "Content-Type: message/rfc822\n\n" * 500,
    "a long header": f"X: {'a' * 300_000}\n\nx",
    "many headers": "X: y\n" * 70_000 + "\nx",
    "a slow parameter": f'Content-Type: text/plain; a="{";" * 5000}\n\nx',
    "many lines": "\n" * 250_002,
    "many parts": "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n" * 300,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_passes_a_limit_is_shown_as_it_came(kind: str) -> None:
    letter = letter_of(HOSTILE[kind])
    assert letter.trouble
    assert letter.source == HOSTILE[kind][:MOST_TEXT]
    assert letter.is_cut is (len(HOSTILE[kind]) > MOST_TEXT)


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "\0\0\n\n\0",
        "Subject: \udcff\n\n\ud800",
        "Subject: =?idna?q?abc?= =?utf-8?b?x?=\n\nx",
        "Content-Type: text/plain; charset=punycode\n\n" + "a" * 1000,
        "Content-Type: text/plain; charset=zlib\n\nx",
        "Content-Type: text/plain; charset=no\0such\n\nx",
        "Content-Type: text/plain; charset*=idna''%61\n\nx",
        "Content-Disposition: attachment; filename*=idna''%ff\n\nx",
        "Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n!!!",
        "Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 1\nM\n",
        "Content-Type: multipart/mixed\n\nno boundary",
        "Content-Type: multipart/mixed; boundary=\n\n--\n",
    ],
)
def test_odd_mails_are_read_as_far_as_they_go(kept: str) -> None:
    letter = letter_of(kept)
    assert letter.trouble is None
    assert len(letter.headers) <= kept.count(":")


def test_a_long_text_is_cut() -> None:
    letter = letter_of("Content-Type: text/plain\n\n" + "word " * 30_000)
    assert letter.is_cut
    assert letter.text is not None
    assert len(letter.text) == MOST_TEXT


WORDS = (
    "multipart/mixed;; boundary=b;text/html;; charset=;--b;--b--;=?utf-8?q?;?=;&#;&auml;;<a href=;</;<!--;>"
)
PIECES = st.sampled_from(
    ["Content-Type: ", "\n", "\n\n", "\0", "\udc80", "; name*0*=", "''%", *WORDS.split(";")]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=40))
def test_no_text_stops_the_reading(pieces: list[str]) -> None:
    letter = letter_of("".join(pieces))
    assert isinstance(letter.size, int)
    for text in (letter.text, letter.web_text, letter.source):
        assert text is None or len(text) <= MOST_TEXT * 2
