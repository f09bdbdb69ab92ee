"""A search as it is typed: words, "quoted text", `field:value` and `-excluded`. Pure.

All terms have to match. A name that is no field is text (`Re:`, `https://...`), and so is a quote without its
end.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

MOST_TERMS = 12
TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<name>[A-Za-z]{1,12}):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S*))')


@dataclass(frozen=True)
class Term:
    """One term: its field ('' for any), its text without quotes, and where in the search it was typed."""

    field: str
    text: str
    excluded: bool
    quoted: bool
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """True for a plain word, which may mean a time."""
        return not self.field and not self.excluded and not self.quoted


def terms_of(typed: str, fields: Collection[str]) -> list[Term]:
    """The terms of a search, in their order. Raises ValueError where there are more than MOST_TERMS."""
    found: list[Term] = []
    place = 0
    while place < len(typed):
        if typed[place].isspace():
            place += 1
            continue
        term = _term(typed, place, fields)
        place = term.end
        if term.text:
            found.append(term)
    if len(found) > MOST_TERMS:
        raise ValueError(f"may have {MOST_TERMS} terms at the most; put what belongs together in quotes")
    return found


def _term(typed: str, place: int, fields: Collection[str]) -> Term:
    token = TOKEN.match(typed, place)
    if token is None or token.end() == place:
        return Term("", typed[place], False, False, place, place + 1)
    name = (token["name"] or "").lower()
    if token["name"] and name not in fields:
        return _text(typed, place, bool(token["minus"]))
    if name and token["quoted"] is None and not token["bare"] and (rest := typed[token.end() :].lstrip()):
        return _after_blank(typed, len(typed) - len(rest), place, name, bool(token["minus"]))
    if token["quoted"] is not None:
        text = token["quoted"].strip()
        return Term(name, text, bool(token["minus"]), True, place, token.end())
    if not token["bare"]:
        return Term("", typed[place : token.end()], False, False, place, token.end())
    return Term(name, token["bare"], bool(token["minus"]), False, place, token.end())


def _text(typed: str, place: int, excluded: bool) -> Term:
    """A word with a colon that names no field."""
    begin = place + excluded
    end = begin
    while end < len(typed) and not typed[end].isspace():
        end += 1
    return Term("", typed[begin:end], excluded, False, place, end)


def _after_blank(typed: str, begin: int, place: int, name: str, excluded: bool) -> Term:
    """`from: anna` means what `from:anna` does."""
    token = TOKEN.match(typed, begin)
    if token is None or token["name"] or token["minus"]:
        return Term("", typed[place:begin].strip(), False, False, place, begin)
    text = (token["bare"] if token["quoted"] is None else token["quoted"]).strip()
    return Term(name, text, excluded, token["quoted"] is not None, place, token.end())


def without(typed: str, terms: Sequence[Term]) -> str:
    """The search without these of its terms."""
    kept, place = [], 0
    for term in sorted(terms, key=lambda each: each.start):
        kept.append(typed[place : term.start])
        place = term.end
    return " ".join("".join([*kept, typed[place:]]).split())
