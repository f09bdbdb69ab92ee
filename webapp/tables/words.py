"""The words of a text, as lines are indexed and terms are looked up by them. Pure.

`fold` maps each character by itself, and to the same as its lower case in any locale: what ILIKE finds in a
text, the folded term finds in the folded text.
"""

import re
import unicodedata
from collections.abc import Iterable

from webapp.tables.gin import TRIGRAM

INSIDE = "-._"  # of a word, besides letters and digits; any other ASCII character parts two words
ASCII = "".join(chr(n).lower() if chr(n).isalnum() or chr(n) in INSIDE + "\n" else " " for n in range(128))
RUN = re.compile(r"[^\W_]+")
DOTLESS = "\N{LATIN SMALL LETTER DOTLESS I}"  # the small I of Turkish


def fold(text: str) -> str:
    """Lower case in ASCII, blanks for what parts words; ends of lines stay. Accents are dropped, and so are
    letters of other scripts: of some, only newer tables than Python's know the lower case."""
    if not text.isascii():
        plain = unicodedata.normalize("NFD", text.casefold()).replace(DOTLESS, "i")
        text = plain.encode("ascii", "ignore").decode()
    return text.translate(ASCII)


def joined(words: Iterable[str]) -> str:
    """Words as they are stored: each between blanks."""
    return f" {' '.join(words)} "


def pieces_of(term: str) -> list[str]:
    """Of a term that stands somewhere in a text, what then stands in its joined words; only such pieces as
    trigrams tell of. A blank at an end of a piece is where its word begins or ends."""
    parts = re.split(r"\s+", fold(term))
    last = len(parts) - 1
    found = [" " * (n > 0) + part + " " * (n < last) for n, part in enumerate(parts) if part]
    return [piece for piece in found if any(len(run) >= TRIGRAM for run in _padded(piece))]


def runs_of(piece: str) -> list[str]:
    """The parts of a piece of which trigrams tell: runs of letters and digits, with the sign at each side,
    where a word begins or ends for the index; the piece where there is none."""
    runs = [piece[max(run.start() - 1, 0) : run.end() + 1] for run in RUN.finditer(piece)]
    return [run for run in runs if len(run) > TRIGRAM] or [piece]


def _padded(piece: str) -> list[str]:
    """Its runs of letters and digits; one that begins its word has a blank before it, which counts."""
    runs = RUN.findall(piece)
    if runs and piece.startswith(" " + runs[0]):
        runs[0] = " " + runs[0]
    return runs
