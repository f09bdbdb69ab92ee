"""The words of an HTML mail as plain text: nothing is rendered, nothing is loaded. Pure.

Each step goes forward only, so that a hostile text costs no more than its length.
"""

import html
import re

ENTITY = re.compile(r"&(?:#\d{1,7}(?!\d)|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]{0,15})")
TARGET = re.compile(r"""\bhref=("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
LONGEST_TAG = 2000  # characters of a tag that are looked at
LINES = frozenset(
    ("blockquote", "br", "div", "h1", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre", "table", "tr")
)
HIDDEN = ("script", "style", "title")  # what a mail program shows nothing of


def plain_of(source: str) -> str:
    """The text of the HTML, with the address of each link behind it in brackets."""
    pieces, place, lower, target = list[str](), 0, source.lower(), ""
    while (start := source.find("<", place)) >= 0:
        pieces.append(source[place:start])
        name, end = _tag(source, start)
        if end < 0:
            break
        place = end
        tag = source[start : min(end, start + LONGEST_TAG)]
        if name in HIDDEN:
            place = lower.find(f"</{name}", end)
            if place < 0:
                break
        elif name in LINES:
            pieces.append("\n")
        elif name == "td":
            pieces.append(" ")
        elif name == "a" and (found := TARGET.search(tag)):
            target = found[1].strip("\"'")
        elif name == "/a" and target:
            pieces.append(f" [{target}]")
            target = ""
        elif not name:
            pieces.append(tag)
    else:
        pieces.append(source[place:])
    return _tidied(told("".join(pieces)))


def _tag(source: str, start: int) -> tuple[str, int]:
    """(name in lower case, /a for the end of a link; where the tag ends, -1 for never) of what begins at a <;
    without a name where it is no tag."""
    if source.startswith("<!--", start):
        end = source.find("-->", start + 4)
        return "!", end + 3 if end >= 0 else -1
    found = NAME.match(source, start + 1)
    if found is None and source[start + 1 : start + 2] not in ("!", "?"):
        return "", start + 1
    end = source.find(">", start + 1)
    if found is None:
        return "!", end + 1 if end >= 0 else -1
    name = found[1].lower()
    closes = source[start + 1] == "/"
    return ("/a" if closes and name == "a" else name if not closes or name in LINES else "!"), (
        end + 1 if end >= 0 else -1
    )


def told(text: str) -> str:
    """The text with every character reference replaced by its character."""
    return ENTITY.sub(lambda found: html.unescape(found[0]), text)


def restored(text: str) -> str:
    """The mail as it came: mailcow keeps what is not ASCII as references, and leaves the references that the
    mail itself had."""
    return ENTITY.sub(_not_ascii, text)


def _not_ascii(found: re.Match[str]) -> str:
    meant = html.unescape(found[0])
    return meant if found[0].endswith(";") and len(meant) == 1 and ord(meant) > 127 else found[0]


def _tidied(text: str) -> str:
    """The lines without needless blanks, and no two empty lines in a row."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return "\n".join(
        line for number, line in enumerate(lines) if line or (number and lines[number - 1])
    ).strip()
