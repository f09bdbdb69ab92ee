"""The newest rows of a table as far as they are searched: they tell how common a term is, before the table is
asked for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from webapp import cache
from webapp.tables.schema import MODELS

ROWS = 500
CHARACTERS = 500  # of each row
FRESH = 60  # seconds
USED = 2  # pieces of the terms that a trigram index is asked for


@dataclass(frozen=True)
class Sample:
    """The searched texts of the newest rows, in lower case."""

    texts: list[str]

    def having(self, *terms: str) -> int:
        """How many of the rows have all these terms."""
        first, *others = (term.lower() for term in terms)
        found = [text for text in self.texts if first in text]
        return sum(all(term in text for term in others) for text in found) if others else len(found)

    def share(self, *terms: str) -> float:
        """The part of the rows that have all these terms, from 0 to 1."""
        return self.having(*terms) / len(self.texts) if self.texts else 0.0

    def rarest(self, pieces: Iterable[str]) -> str:
        """The piece that the fewest of the rows have, of several the longest."""
        return min(pieces, key=lambda piece: (self.having(piece.strip()), -len(piece), piece))

    def rare(self, pieces: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Of pieces with what they are compared by, those that hardly any row has: the longest two."""
        found = [piece for piece in pieces if self.having(piece[1].strip("%")) <= 1]
        return sorted(found, key=lambda piece: len(piece[1]), reverse=True)[:USED]


def searched(table: str) -> str:
    """The column of a table that is searched."""
    return "search_text" if hasattr(MODELS[table], "search_text") else "message"


def sample_key(table: str) -> str:
    """Under which name the sample is cached."""
    return f"sample:{table}"


def sample_of(table: str, read: Callable[[], list[str]]) -> Sample:
    """The sample as it was within the last minute, else as it is read."""
    return cache.cached(sample_key(table), FRESH, lambda: Sample(read()), Sample)
