"""The names of a scan's symbols as a short text that SQL can search: one character for a name that is known,
the name itself for any other. Pure.

`symbols_1.txt` holds names, usual scores and descriptions as Rspamd and mailcow write them into the history,
one a line, the commonest last. What is stored refers to its lines, so it never changes; more names go into
one more file, whose characters follow.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

FILES = ("symbols_1.txt",)
FIRST = 0x100  # the first character that stands for a name; up to 0x7FF each takes two bytes in UTF-8
APART = "|"  # between the names that raise the score, those that do not, and those that tell nothing
LONGEST_NAME = 501  # characters: one more than can be asked for
SPELLED = re.compile(r" [!-{}~]+ ")  # a name in full; every other character is one, but APART


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol as it mostly is: its score and description as they stand in JSON."""

    name: str
    score: str
    description: str


@cache
def known(file: str) -> tuple[Symbol, ...]:
    """The symbols of one of the FILES, in its order."""
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()
    return tuple(Symbol(*line.split("|")) for line in lines)


@cache
def _characters() -> dict[str, str]:
    names = [symbol.name for file in FILES for symbol in known(file)]
    return {name: chr(FIRST + number) for number, name in enumerate(names)}


def spelled(name: str) -> str:
    """A name in full, between blanks, in ASCII: no other name and no character of one is within it."""
    return f" {quote(name[:LONGEST_NAME], safe='', errors='backslashreplace')} "


def spellings(name: str) -> tuple[str, ...]:
    """All texts by which a stored list of names tells that it has this one: it may be older than what is
    known of it."""
    character = _characters().get(name)
    return (character, spelled(name)) if character else (spelled(name),)


def coded(symbols: Mapping[str, Any]) -> str:
    """The names as they are stored: those that raise the score, those that do not, and those without a
    record, with APART between."""
    raising = other = odd = ""
    characters = _characters()
    for name, symbol in symbols.items():
        spelling = characters.get(name) or spelled(name)
        if not isinstance(symbol, dict):
            odd += spelling
        elif isinstance(score := symbol.get("score"), (float, int)) and score > 0 and score is not True:
            raising += spelling
        else:
            other += spelling
    return APART.join((raising, other, odd))


def triggers(stored: Iterable[str], most: int) -> list[tuple[str, int]]:
    """(name, in how many of these lists it is) of those symbols that raise the score in any, most frequent
    first."""
    parts = [names.split(APART) for names in stored]
    raising, others = (_spellings("".join([part[n] for part in parts])) for n in (0, 1))
    counts = raising + others
    named: Counter[str] = Counter()
    for spelling, count in counts.items():
        named[_name(spelling)] += count
    ranked = ((name, named[name]) for name in {_name(spelling) for spelling in raising})
    return sorted(ranked, key=lambda item: (-item[1], item[0]))[:most]


def _spellings(names: str) -> Counter[str]:
    """How often each stands there: characters are counted at once, and few names are in full."""
    counts = Counter(SPELLED.sub("", names)) + Counter(SPELLED.findall(names))
    del counts[" "], counts[APART]
    return counts


@cache
def _names() -> dict[str, str]:
    return {character: name for name, character in _characters().items()}


def _name(spelling: str) -> str:
    return _names().get(spelling) or unquote(spelling.strip())
