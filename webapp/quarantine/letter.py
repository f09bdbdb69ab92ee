"""A mail in the quarantine, taken apart to be read: headers and text as plain text, what is attached by name,
type and size. Pure.

The mail is a stranger's: its nesting, lines, headers and parts are counted before anything looks at them, and
of one that passes a limit the beginning is shown as it came.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message

from webapp.parse.bounds import cut
from webapp.quarantine.plain import plain_of, restored
from webapp.reports.members import mail_of, mail_parts, part_bytes, part_name
from webapp.reports.refusal import Limits, Refusal

MOST_TEXT = 100_000  # characters of a text that are shown
MOST_BYTES = 4 * MOST_TEXT
MOST_HEADERS = 200
LONGEST_HEADER = 4_000  # characters
FIRST = ("from", "to", "cc", "reply-to", "subject", "date")
LIMITS = Limits(members=200)
UNREADABLE = (
    "It is nested too deep, has too many parts or lines, or headers too long to be real: what follows is its "
    "beginning as it came."
)
# decoders that are slow on long texts, or understand more than letters
NO_CHARSETS = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"))


@dataclass(frozen=True)
class Header:
    """One header field, decoded."""

    name: str
    value: str


@dataclass(frozen=True)
class Attachment:
    """A part that is not the mail's text; `size` in bytes, decoded; `name` '' where it has none."""

    name: str
    kind: str
    size: int


@dataclass(frozen=True)
class Letter:
    """What there is to read. `text` is the plain text, `web_text` the words of the HTML, None where there is
    no such part; `source` is the beginning of the mail as it came, where `trouble` says why it was not taken
    apart. `is_cut` where a text goes on."""

    size: int
    headers: tuple[Header, ...] = ()
    more_headers: int = 0
    text: str | None = None
    web_text: str | None = None
    attachments: tuple[Attachment, ...] = ()
    is_cut: bool = False
    source: str | None = None
    trouble: str | None = None

    @property
    def first(self) -> list[Header]:
        """The headers that a mail program shows, in its order."""
        return [header for name in FIRST for header in self.headers if header.name.lower() == name]


def letter_of(kept: str) -> Letter:
    """The mail as mailcow keeps it, taken apart."""
    data = restored(kept).encode("utf-8", "replace")
    try:
        mail = mail_of(data, LIMITS)
        parts = mail_parts(mail, LIMITS)
    except Refusal:
        return Letter(len(data), source=decoded(data, None), is_cut=len(data) > MOST_TEXT, trouble=UNREADABLE)
    named = [(part, part_name(part)) for part in parts]  # a name is asked for once: its reader is slow
    plain, web = _body(named, "plain"), _body(named, "html")
    texts = [part for part in (plain, web) if part is not None]
    headers = list(_headers(mail))
    return Letter(
        size=len(data),
        headers=tuple(headers[:MOST_HEADERS]),
        more_headers=max(0, len(headers) - MOST_HEADERS),
        text=None if plain is None else _words(plain),
        web_text=None if web is None else plain_of(_words(web)),
        attachments=tuple(_attachment(part, name) for part, name in named if part not in texts),
        is_cut=any(len(part_bytes(part)) > MOST_TEXT for part in texts),
    )


def _body(named: list[tuple[Message, str]], kind: str) -> Message | None:
    """The first part that is the mail's own text of this kind."""
    return next(
        (
            part
            for part, name in named
            if not name
            and part.get_content_type() == f"text/{kind}"
            and part.get_content_disposition() != "attachment"
        ),
        None,
    )


def _words(part: Message) -> str:
    return decoded(part_bytes(part), _charset(part))


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def decoded(content: bytes, charset: str | None) -> str:
    """The beginning of a text in that charset; UTF-8 where there is none by that name."""
    beginning = content[:MOST_BYTES]
    try:
        name = codecs.lookup(charset or "utf-8").name
        text = beginning.decode("utf-8" if name in NO_CHARSETS else name, "replace")
    except (LookupError, ValueError):
        text = beginning.decode("utf-8", "replace")
    return text[:MOST_TEXT]


def _headers(mail: Message) -> Iterator[Header]:
    for name, raw in mail.raw_items():
        yield Header(cut(_readable(str(name))), decoded_header(_readable(str(raw)[:LONGEST_HEADER])))


def _readable(raw: str) -> str:
    """Text with bytes that the library could not read, as UTF-8."""
    return raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def decoded_header(value: str) -> str:
    """The words of a header (RFC 2047) on one line."""
    try:
        pieces = decode_header(" ".join(value.split()))
    except (HeaderParseError, ValueError):
        return value
    return "".join(piece if isinstance(piece, str) else decoded(piece, charset) for piece, charset in pieces)


def _attachment(part: Message, name: str) -> Attachment:
    name = decoded_header(_readable(name[:LONGEST_HEADER]))
    return Attachment(cut(name), cut(_readable(part.get_content_type())), len(part_bytes(part)))
