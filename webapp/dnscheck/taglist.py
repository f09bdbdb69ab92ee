"""Reads tag lists: the `name=value; name=value` of DKIM, DMARC, TLS-RPT, MTA-STS and BIMI (RFC 6376 3.2)."""

from dataclasses import dataclass, field

LONGEST = 65_535  # characters: more than one TXT record can hold
MOST_TAGS = 100  # more in one record is nobody's policy
_BLANKS = " \t\r\n"


@dataclass(frozen=True)
class TagList:
    """The tags of one record in their order, values without outer blanks; the first of a repeated name.

    `broken` are the pieces that are no `name=value`, `repeated` the names that stand there again.
    """

    tags: dict[str, str]
    broken: tuple[str, ...] = field(default=())
    repeated: tuple[str, ...] = field(default=())

    @property
    def first(self) -> str:
        """The name of the first tag, '' without any."""
        return next(iter(self.tags), "")


def parse_tags(text: str) -> TagList:
    """The record as a tag list; names are case-sensitive and stay as they are."""
    tags: dict[str, str] = {}
    broken: list[str] = []
    repeated: list[str] = []
    for piece in text[:LONGEST].split(";")[:MOST_TAGS]:
        name, separator, value = (part.strip(_BLANKS) for part in piece.partition("="))
        if not separator or not is_tag_name(name):
            broken += [piece.strip(_BLANKS)] if piece.strip(_BLANKS) else []
        elif name in tags:
            repeated.append(name)
        else:
            tags[name] = value
    return TagList(tags, tuple(broken), tuple(repeated))


def is_tag_name(name: str) -> bool:
    """True for a letter followed by letters, digits and underscores, all ASCII (RFC 6376 3.2)."""
    return name.isascii() and name[:1].isalpha() and name.replace("_", "a").isalnum()


def without_blanks(value: str) -> str:
    """The value with its folding white space taken out, as base64 and colon lists want it."""
    return "".join(value.split())


def choices(value: str) -> tuple[str, ...]:
    """The words of a colon-separated list (`h=sha1:sha256`), in lower case."""
    return tuple(word.strip(_BLANKS).lower() for word in value.split(":") if word.strip(_BLANKS))


def shortened(text: str, most: int = 80) -> str:
    """The text for a sentence: control characters as '?', at most `most` characters with an ellipsis."""
    plain = "".join(character if character.isprintable() else "?" for character in text[: most + 1])
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def stored(text: str, most: int = 8_192) -> str:
    """A record as answers and the database keep it: without NUL, which JSONB refuses, and not too long."""
    plain = text[:most].replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return plain if len(text) <= most else plain[:-1] + "…"
