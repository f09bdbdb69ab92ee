"""What a list is filtered by, as SQL; and the rare pieces of a search term, by which alone an index is
asked."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from webapp.tables.gin import TRIGRAM

WORD = re.compile(rf"[A-Za-z0-9]{{{TRIGRAM},}}")
PARAMETER = re.compile(r"(?<!:):([a-z_0-9]+)")
LONGEST_PIECE = 8  # characters; longer words are cut
PIECE = 6
MOST_PIECES = 6


@dataclass
class Conditions:
    """SQL conditions over one table with their parameters.

    `texts` can use the trigram index. `pieces` are (column and operator, pattern) that follow from them;
    `narrow` are those by which the index is asked in their place. `terms` are what a line must have in its
    text, where a table is searched by the words of stretches; `word` is the piece by which that is done, and
    `expected` about how many rows have it.
    `names_few` where one of `plain` names an address, whose rows an index gives; `is_compared` where texts
    are then looked for in what `plain` leaves, and no index is asked for them.
    `ways` are conditions of which a row fulfils one, and only one, each with an index of its own; `excluded`
    are such as hardly any index helps with, looked at in the rows that the others give.
    `is_skewed` where a value decides how much has to be read: then the lists are planned for it. What is one
    of a few words stands in the SQL itself, where the planner sees it.
    """

    plain: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    start: datetime | None = None
    end: datetime | None = None
    pieces: list[tuple[str, str]] = field(default_factory=list)
    narrow: list[str] = field(default_factory=list)
    terms: list[str] = field(default_factory=list)
    word: str | None = None
    expected: float = math.inf
    is_skewed: bool = False
    names_few: bool = False
    is_compared: bool = False
    ways: tuple[str, ...] = ()
    excluded: list[str] = field(default_factory=list)

    @property
    def where(self) -> str:
        """All of them, joined."""
        return " AND ".join([*self.firm, *self.texts]) or "true"

    @property
    def firm(self) -> list[str]:
        """Those that are not about texts."""
        return [*self.plain, *either(self.ways), *self.excluded]

    @property
    def is_whole(self) -> bool:
        """True where every row fits."""
        return self.where == "true" and self.start is None and self.end is None

    @property
    def by_index(self) -> str:
        """What the index is asked for."""
        return (
            " AND ".join([*self.firm, *self.narrow]) or "true"
            if self.narrow or self.is_compared
            else self.where
        )

    @property
    def beyond_index(self) -> str:
        """What is left to look at in the rows that the index gives."""
        return " AND ".join(self.texts) if self.narrow or self.is_compared else "true"

    @property
    def by_way(self) -> "list[Conditions]":
        """One for each way, of which no two find the same row; itself where an index is asked for texts."""
        if not self.ways or (self.texts and not self.is_compared):
            return [self]
        return [replace(self, plain=[*self.plain, way], ways=()) for way in self.ways]

    def one_of(self, *ways: str) -> None:
        """Add: one of these, of which a row fulfils one at most."""
        if self.ways or len(ways) == 1:
            self.plain += either(ways)
        else:
            self.ways = ways

    def contains(self, column: str, name: str, term: str, like: str = "LIKE") -> None:
        """Add: the column has the term in it. LIKE is for a lower-case term in a column of lower case; for a
        term without letters it finds what ILIKE does in a third of the time."""
        if term.isascii() and term.lower() == term.upper():
            like = "LIKE"
        self.texts.append(f"{column} {like} :{name}")
        self.values[name] = f"%{literal(term)}%"
        self.pieces += [(f"{column} {like}", f"%{piece}%") for piece in pieces_of(term)]
        self.terms.append(term)

    def take(self, other: "Conditions", prefix: str, excluded: bool = False) -> None:
        """Add another's conditions, or that a row does not fulfil them; its values get names of their own."""
        plain, ways, beyond, texts = (
            [_renamed(each, other.values, prefix) for each in part]
            for part in (other.plain, other.ways, other.excluded, other.texts)
        )
        self.values.update({prefix + name: value for name, value in other.values.items()})
        self.is_skewed |= other.is_skewed
        if excluded:
            every = [*plain, *either(ways), *beyond, *texts]
            self.excluded.append(f"NOT coalesce({' AND '.join(every)}, false)")
            return
        if ways:
            self.one_of(*ways)
        self.names_few |= other.names_few
        self.plain += plain
        self.excluded += beyond
        self.texts += texts
        self.pieces += other.pieces
        self.terms += other.terms

    def narrowed(self, chosen: Sequence[tuple[str, str]]) -> "Conditions":
        """The same, with the index asked for these pieces only."""
        patterns = {f"narrow_{number}": pattern for number, (_, pattern) in enumerate(chosen)}
        narrow = [f"{compared} :{name}" for (compared, _), name in zip(chosen, patterns, strict=True)]
        return replace(self, values={**self.values, **patterns}, narrow=narrow)


def either(ways: Sequence[str]) -> list[str]:
    """The condition that a row fulfils one of them; none where there are none."""
    return [f"({' OR '.join(ways)})"] if ways else []


def literal(term: str) -> str:
    """The term with LIKE's wildcards made plain."""
    return term.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _renamed(condition: str, values: Mapping[str, Any], prefix: str) -> str:
    return PARAMETER.sub(lambda found: f":{prefix}{found[1]}" if found[1] in values else found[0], condition)


def pieces_of(term: str) -> list[str]:
    """Parts of a term, at most six, each of three to eight letters and digits; none of a term that is a short
    word.

    Looking up a term costs as many lists of the index as it has trigrams, each almost to its end; the pieces
    that hardly any row has are enough. They are ASCII, so that their case changes alone as it does within the
    term.
    """
    found: list[str] = []
    for word in WORD.findall(term):
        while len(word) > LONGEST_PIECE:
            found.append(word[:PIECE])
            word = word[PIECE:]
        if len(word) >= TRIGRAM:
            found.append(word)
    return [] if found == [term] else found[:MOST_PIECES]
