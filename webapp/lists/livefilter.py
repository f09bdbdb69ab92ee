"""What every live list can be filtered, sorted and grouped by; the list is in memory, so nothing here is
SQL."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import Field

from webapp.lists.params import Paging, Parameters, Text, between, one_of

NULL_SENDER = "<>"
Sort = Callable[[Any], Any]


class LiveEntry(Protocol):
    """One entry of a live list: mailcow's ids of it, and all that a search looks into, in lower case."""

    @property
    def ids(self) -> tuple[str, ...]:
        """What mailcow is told to name the entry."""
        ...

    @property
    def text(self) -> str:
        """What a search looks into."""
        ...


Entry = TypeVar("Entry", bound=LiveEntry)


class LiveFilter(Parameters, Generic[Entry]):
    """Which entries of a live list, and in which order; `sorts` are the keys, `usual_sort` the order where
    none is asked for."""

    sorts: ClassVar[Mapping[str, Sort]]
    usual_sort: ClassVar[str]

    search: Text = Field(None, title="Search")
    sort: str | None = None

    def select(self, entries: Sequence[Entry]) -> list[Entry]:
        """The entries that fit, in the order asked for."""
        order = self.sort or self.usual_sort
        found = [entry for entry in entries if self.fits(entry)]
        return sorted(found, key=self.sorts[order.lstrip("-")], reverse=order.startswith("-"))

    def fits(self, entry: Entry) -> bool:
        """True where the entry is one that is looked for; a list adds its own fields."""
        return self.search is None or self.search.lower() in entry.text


class LivePaging(Paging):
    """Which page of a live list, and by what its entries are put together."""

    limit: Annotated[int, between(1, 500)] = Field(100, description="Items per page")
    group: str | None = None


class LivePageFilter(LiveFilter[Entry], LivePaging):
    """The parameters of a live list's page."""


@dataclass(frozen=True)
class Grouping(Generic[Entry]):
    """One way to put entries together: the words of its tab and of its column, what a group without a value
    is called, and the values of an entry, which is counted for each of them."""

    tab: str
    head: str
    nameless: str
    values: Callable[[Entry], tuple[str, ...]]


@dataclass(frozen=True)
class Group:
    """Entries with something in common; `figures` is what the list tells of them together."""

    value: str
    count: int
    figures: Any


def groups(
    entries: Sequence[Entry], grouping: Grouping[Entry], figures: Callable[[Sequence[Entry]], Any]
) -> list[Group]:
    """The entries put together, largest group first."""
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        for value in grouping.values(entry):
            members.setdefault(value, []).append(entry)
    found = [Group(value, len(group), figures(group)) for value, group in members.items()]
    return sorted(found, key=lambda group: (-group.count, group.value))


def order_field(sorts: Mapping[str, Sort]) -> Any:
    """The description of the parameter `sort`."""
    return Field(None, description=f"{', '.join(sorts)}; with - before it descending")


def one_of_orders(sorts: Mapping[str, Sort]) -> Any:
    """The rule of the parameter `sort`: a key, or one with a minus before it."""
    return one_of(*(sign + name for name in sorts for sign in ("", "-")))


def is_sender(asked: str | None, sender: str) -> bool:
    """True where nobody is asked for, or this sender; <> is the null sender."""
    return asked is None or ("" if asked == NULL_SENDER else asked).lower() == sender.lower()
