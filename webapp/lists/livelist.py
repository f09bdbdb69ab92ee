"""A list that mailcow holds itself, declared once: its entries, filter, groups, actions and page."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from webapp.lists.daylist import Found
from webapp.lists.livefilter import Entry, Grouping, LiveFilter, LivePageFilter, groups
from webapp.lists.params import labels
from webapp.mailcow.actions import Action, ActionTarget
from webapp.mailcow.live import Listing, LiveSource, is_fresh
from webapp.web.filters import count

RECIPIENTS = 3  # of a message that is named as an example
Answer = TypeVar("Answer", bound="LiveAnswer")


@dataclass(frozen=True)
class Example:
    """An entry as the question before an action names it; `sender` ('' for the null sender) stands before the
    details where the entry is mail."""

    title: str
    detail: tuple[str, ...]
    sender: str | None = None


def remembered(
    read: Callable[[Iterable[dict[str, Any]]], list[Entry]],
) -> Callable[[Iterable[dict[str, Any]]], list[Entry]]:
    """The reader, which gives the same entries for the same rows as the last time: they know by then what
    took time to find out."""
    last: tuple[Iterable[dict[str, Any]], list[Entry]] = ([], [])

    def entries(rows: Iterable[dict[str, Any]]) -> list[Entry]:
        nonlocal last
        known, found = last
        if rows is not known:
            found = read(rows)
            last = rows, found
        return found

    return entries


def no_filter(_state: str) -> Mapping[str, str]:
    """No filter finds the entries in a state."""
    return {}


def no_caution(_entries: Sequence[Any]) -> None:
    """Nothing has to be said before one acts."""


def excludes_nothing(_action: Action, _entries: Sequence[Any]) -> None:
    """An action's meaning says all that it rules out."""


@dataclass(frozen=True)
class LiveAnswer:
    """A live list as the API gives it. `stale` tells that mailcow gave no newer list in time, `error` why;
    `age_seconds` is the list's age."""

    total: int
    data: Sequence[Any]
    stale: bool
    taken_at: datetime | None
    age_seconds: float | None
    error: str | None


def live_answer(
    shape: type[Answer], source: LiveSource, listing: Listing, data: Sequence[Any], **more: Any
) -> Answer:
    """The answer of that shape; `more` is what it tells besides."""
    return shape(
        total=len(data),
        data=data,
        stale=not is_fresh(source, listing),
        taken_at=listing.taken_at,
        age_seconds=None if listing.age is None else round(listing.age, 1),
        error=listing.error,
        **more,
    )


@dataclass(frozen=True)
class LiveList(Generic[Entry]):
    """A live list with its page and its actions.

    `template` is the page's part; `state` is an entry's state in words, counted in the headline, and
    `state_filter` the parameters that find the entries in it, none where no filter does; `figures`
    what is told of a group; `caution` a sentence for those who may act, `excludes` one of what an action
    rules out for these entries. `extent` says in words what an action is done to, by ids and entries; without
    it, how many ids there are. `deeds` are the words of what is on record besides actions, `pages` further
    tabs (words, URL).
    """

    path: str
    title: str
    noun: str
    template: str
    target: ActionTarget[Any]
    actions: Mapping[str, Action]
    read: Callable[[Iterable[dict[str, Any]]], list[Entry]]
    filter: type[LiveFilter[Entry]]
    page_filter: type[LivePageFilter[Entry]]
    groupings: Mapping[str, Grouping[Entry]]
    figures: Callable[[Sequence[Entry]], Any]
    state: Callable[[Entry], str]
    example: Callable[[Entry], Example]
    state_filter: Callable[[str], Mapping[str, str]] = no_filter
    caution: Callable[[Sequence[Entry]], str | None] = no_caution
    excludes: Callable[[Action, Sequence[Entry]], str | None] = excludes_nothing
    deeds: Mapping[str, str] = field(default_factory=dict)
    extent: Callable[[Sequence[str], Sequence[Entry]], str] | None = None
    pages: Sequence[tuple[str, str]] = ()

    @property
    def thing(self) -> str:
        """Its title inside a sentence."""
        return self.title.lower()

    @property
    def entry_actions(self) -> list[Action]:
        """What can be done to picked entries."""
        return [action for action in self.actions.values() if action.on_whole is None]

    @property
    def whole_actions(self) -> list[Action]:
        """What can be done to the whole list."""
        return [action for action in self.actions.values() if action.on_whole is not None]

    @property
    def labels(self) -> dict[str, str]:
        """The label of every field that narrows the list down, by its name."""
        return labels(self.page_filter)

    def states(self, entries: Sequence[Entry]) -> dict[str, int]:
        """How many entries are in each state, most first."""
        return dict(Counter(map(self.state, entries)).most_common())

    def grouping(self, chosen: LivePageFilter[Entry]) -> Grouping[Entry] | None:
        """The way that the filter puts entries together, None where it lists them one by one."""
        return self.groupings.get(chosen.group) if chosen.group else None

    def search(self, entries: Sequence[Entry], chosen: LivePageFilter[Entry]) -> Found:
        """The page of entries, or of groups, that the filter names."""
        found: Sequence[Any] = chosen.select(entries)
        grouping = self.grouping(chosen)
        if grouping:
            found = groups(found, grouping, self.figures)
        page = found[chosen.offset : chosen.offset + chosen.limit]
        return Found(page, len(found), False, chosen.page, chosen.limit)

    def of_ids(self, entries: Sequence[Entry], ids: Sequence[str]) -> list[Entry]:
        """The entries that the ids name, in their order; ids that are gone name none."""
        owner = {one: entry for entry in entries for one in entry.ids}
        named = {id(owner[one]): owner[one] for one in ids if one in owner}
        return list(named.values())

    def extent_words(self, ids: Sequence[str], entries: Sequence[Entry]) -> str:
        """What an action is done to, in words."""
        return self.extent(ids, entries) if self.extent else count(len(ids), self.noun)
