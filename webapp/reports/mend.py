"""Slips in XML that leave its meaning certain, mended on the way: a stray `<` or `&`, control characters,
lost foreign tags.

Only the tags of a report stay tags, without prefixes and attributes, in which no report carries meaning.
"""

import re
from collections.abc import Iterable, Iterator

from webapp.reports.grammar import VOCABULARY

LONGEST_TAG = 2000  # characters; a `<` without its `>` after so many is a stray one
NAME = r"[A-Za-z_][A-Za-z0-9_.-]{0,60}"
ATTRIBUTES = r"""(?:\s{1,50}[A-Za-z_:][\w:.-]{0,60}\s{0,9}=\s{0,9}(?:"[^"<]{0,1000}"|'[^'<]{0,1000}'))*"""
TAG = re.compile(rf"<(/?)(?:{NAME}:)?({NAME}){ATTRIBUTES}\s{{0,50}}(/?)>")
SKIPPED = re.compile(r"<(?:\?[^<>]{0,1000}\?>|!--(?:[^<-]|-(?!->)){0,1500}-->|!DOCTYPE [^<>\[]{0,500}>)")
DATA = re.compile(r"<!\[CDATA\[([^\]]{0,300})\]\]>")
ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")
SPECIAL = re.compile(r"[<&\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def mended(pieces: Iterable[str]) -> Iterator[str]:
    """The same text as well-formed pieces, as far as single slips go; tags that do not match stay so."""
    kept = ""
    for piece in pieces:
        text = kept + piece
        cut = _safe_end(text)
        kept = text[cut:]
        yield _mend(text[:cut])
    yield _mend(kept)


def _safe_end(text: str) -> int:
    """Where the text can be cut without cutting a tag or an entity."""
    last = max(text.rfind("<"), text.rfind("&"))
    data = text.rfind("<![CDATA[")
    end = text.find("]]>", data) if data >= 0 else -1
    if data >= 0 and end < 0 and len(text) - data < LONGEST_TAG:
        return data
    if end > last:
        return end + 3
    return len(text) if last < 0 or len(text) - last > LONGEST_TAG else last


def _mend(text: str) -> str:
    """One piece, its tags bare and what is no tag escaped."""
    out, at = [], 0
    while found := SPECIAL.search(text, at):
        start = found.start()
        out.append(text[at:start])
        written, at = _instead(text, start)
        out.append(written)
    out.append(text[at:])
    return "".join(out)


def _instead(text: str, start: int) -> tuple[str, int]:
    """What stands for the special character at `start`, and where reading goes on."""
    if text[start] == "<":
        if skipped := SKIPPED.match(text, start):
            return "", skipped.end()
        if (tag := TAG.match(text, start)) and tag[2].lower() in VOCABULARY:
            return f"<{tag[1]}{tag[2]}{tag[3]}>", tag.end()
        if data := DATA.match(text, start):
            return data[1].replace("&", "&amp;").replace("<", "&lt;"), data.end()
        return "&lt;", start + 1
    if text[start] == "&":
        entity = ENTITY.match(text, start)
        if entity and _is_character(entity[0]):
            return entity[0], entity.end()
        return "&amp;", start + 1
    return "", start + 1


def _is_character(entity: str) -> bool:
    """True for a named entity of XML and for a reference to a character that XML allows."""
    if entity[1] != "#":
        return True
    code = int(entity[3:-1], 16) if entity[2] in "xX" else int(entity[2:-1])
    return (
        code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    )
