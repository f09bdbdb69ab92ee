"""What a list reads of other rows for those of a page."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from webapp.lists.conditions import Conditions


class Query(NamedTuple):
    """A statement whose rows have an id, with its values."""

    sql: str
    values: dict[str, Any]


class Beside(Protocol):
    """What a list reads of other rows for those of a page."""

    def query(self, rows: Sequence[Any], conditions: Conditions) -> Query | None:
        """The query for what concerns these rows, if any; `conditions` are those of the list."""
        ...

    def read(self, rows: Sequence[Any], more: Sequence[Any]) -> Any:
        """What the page shows of it: the page's rows, and the rows of the query."""
        ...
