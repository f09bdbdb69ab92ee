"""Foreign text as data: in a chat it mentions nobody, and nowhere does it make a link or a format. Pure."""

import re

from webapp.web.filters import visible

GAP = "\N{ZERO WIDTH SPACE}"  # parts what a program would join, and is not seen
LONGEST = 500  # characters of one line
SCHEME = re.compile(r"(?<=[A-Za-z0-9+.-]):(?=//)|\b(?:www)(?=\.)", re.IGNORECASE)
EVERYBODY = re.compile(r"@(?=everyone|here|channel|all\b|room\b)", re.IGNORECASE)
SOMEBODY = re.compile(r"(?<![A-Za-z0-9._%+-])@(?=\w)")  # an address has something before its @
BRACKETS = str.maketrans(
    {
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
    }
)
FORMAT = re.compile(r"[\[\]`*_~|\\]{2,}|`|\](?=\()")


def on_one_line(text: str) -> str:
    """The text without line breaks and control characters, at most LONGEST characters long."""
    flat = visible(" ".join(text.split()))
    return flat if len(flat) <= LONGEST else flat[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"


def for_mail(text: str) -> str:
    """For a mail: one line in which no mail program sees an address of a page."""
    return SCHEME.sub(lambda match: match[0] + GAP, on_one_line(text))


def for_chat(text: str) -> str:
    """For a chat service: nobody is mentioned, and nothing is a link, a tag or a format, in whatever
    language the service has for these."""
    quiet = EVERYBODY.sub("@" + GAP, for_mail(text))
    quiet = SOMEBODY.sub("@" + GAP, quiet)
    return FORMAT.sub(lambda match: GAP.join(match[0]) + GAP, quiet).translate(BRACKETS)
