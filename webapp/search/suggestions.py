"""How a search may go on: fields, outcomes, times, and what is known by its beginning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from webapp.lists.typed import MOST_TERMS
from webapp.messages.terms import STATUSES
from webapp.search.known import Known

MOST = 8  # suggestions
LEAST = 2  # characters by which names are looked for
LONGEST = 254  # characters of a beginning (RFC 5321 section 4.5.3.1)
FIELDS = {
    "from": "the sender",
    "to": "a recipient",
    "subject": "the subject",
    "status": "an outcome",
    "domain": "the domain of the sender or of a recipient",
    "ip": "the client's address or network",
    "id": "a queue id or Message-ID",
    "after": "from this time on",
    "before": "until this time",
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIMES = {
    "today": "since midnight",
    "yesterday": "the whole day",
    "10:00": "half an hour on both sides of a time",
    "9:00-11:00": "hours of a day; behind a day: yesterday 9-11",
    **dict.fromkeys(WEEKDAYS, "the last one that has been"),
}
KINDS = {
    "mailbox": "a mailbox of yours",
    "alias": "an alias of yours",
    "domain": "domain",
    "address": "seen lately",
    "ip": "a client seen lately",
}
WANTED = {  # kinds of names that a field can be told
    "": tuple(KINDS),
    "from": ("mailbox", "alias", "address", "domain"),
    "to": ("mailbox", "alias", "address", "domain"),
    "domain": ("domain",),
    "ip": ("ip",),
}
Lookup = Callable[[str], list[Known]]


@dataclass(frozen=True)
class Suggestion:
    """One way to go on: the whole search with it, the words that it adds, and what they mean. `is_open` where
    something has to follow."""

    search: str
    words: str
    meaning: str
    is_open: bool


@dataclass(frozen=True)
class Typed:
    """The search without its last word, and that word: an excluding minus, its field ('' for none), the
    beginning of its text."""

    before: str
    minus: str
    field: str
    beginning: str

    def with_word(self, word: str, meaning: str, is_open: bool = False) -> Suggestion:
        """The search that goes on with this word in the place of the last one."""
        return Suggestion(self.before + self.minus + word, word, meaning, is_open)


def last_word(typed: str) -> Typed:
    """What stands before the last word, and the word."""
    place = max(typed.rfind(blank) for blank in " \t") + 1
    word = typed[place:]
    minus, word = ("-", word[1:]) if word.startswith("-") else ("", word)
    field, colon, text = word.partition(":")
    if colon and field.lower() in FIELDS:
        return Typed(typed[:place], minus, field.lower(), text)
    return Typed(typed[:place], minus, "", word)


def suggestions(typed: str, lookup: Lookup) -> list[Suggestion]:
    """Up to eight ways in which the search may go on; none inside of quotes, and where it is full."""
    if typed.count('"') % 2 or len(typed.split()) > MOST_TERMS:
        return []
    word = last_word(typed.lstrip())
    found = [*_words(word), *_names(word, lookup)]
    return found[:MOST]


def _words(word: Typed) -> Iterator[Suggestion]:
    """Fields, outcomes and times that begin with the word."""
    beginning = word.beginning.lower()
    if word.field in ("after", "before"):
        times = [time for time in TIMES if "-" not in time]
        yield from (
            word.with_word(f"{word.field}:{time}", TIMES[time])
            for time in times
            if time.startswith(beginning)
        )
    elif word.field == "status" or (not word.field and beginning):
        for status in STATUSES:
            if status.startswith(beginning):
                yield word.with_word(f"status:{status}", FIELDS["status"])
    if word.field:
        return
    for field, meaning in FIELDS.items():
        if field.startswith(beginning):
            yield word.with_word(f"{field}:", meaning, is_open=True)
    if not word.minus and beginning:
        for time, meaning in TIMES.items():
            if time.startswith(beginning):
                yield word.with_word(time, meaning)


def _names(word: Typed, lookup: Lookup) -> Iterator[Suggestion]:
    """Names that begin with the word."""
    wanted = WANTED.get(word.field)
    if wanted is None or not LEAST <= len(word.beginning) <= LONGEST:
        return
    for known in lookup(word.beginning.lower()):
        if known.kind in wanted and not any(sign in known.name for sign in ' "\t'):
            field = word.field or ("domain" if known.kind == "domain" else "ip" if known.kind == "ip" else "")
            yield word.with_word(f"{field}:{known.name}" if field else known.name, KINDS[known.kind])
