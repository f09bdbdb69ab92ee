"""What a list shows of a stored row, declared once: a dataclass whose fields name their columns.

The statement's select list, the JSON answer (orjson writes dataclasses as they are), the API's description,
the page and the CSV file all take their names from it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel, ConfigDict, create_model

from webapp.lists.daylist import Found

Shape = TypeVar("Shape")
BESIDE = {"beside": True}  # metadata of a field that is no column: it is worked out from others


LONGEST_SHOWN = 1000  # characters of a text that a stranger chose; a subject may have megabytes


def cut(text: str | None) -> str | None:
    """The text as lists and pages show it, with an ellipsis where it is longer than can be read."""
    return text if text is None or len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"


def column(name: str) -> dict[str, str]:
    """The metadata of a field that shows the column of that name; without it, the one of its own name."""
    return {"column": name}


@cache
def columns_of(shape: Hashable) -> tuple[str, ...]:
    """The columns that a shape shows, in the order of its fields."""
    return tuple(
        part.metadata.get("column", part.name)
        for part in fields(cast(Any, shape))
        if "beside" not in part.metadata
    )


@cache
def _reader(shape: Hashable) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*columns_of(shape))


def read(shape: type[Shape], row: Any) -> Shape:
    """A row that has the shape's columns, among others, in that shape."""
    return shape(*_reader(cast(Hashable, shape))(row))


class CsvColumn(NamedTuple):
    """One column of a CSV file: its head, and the attribute of the shape that it holds."""

    head: str
    name: str


@dataclass(slots=True)
class ListAnswer:
    """One page of rows, newest first. Above 10,000 the total is an estimate."""

    total: int
    total_is_estimate: bool
    page: int
    limit: int
    pages: int
    next_cursor: str | None
    data: Sequence[Any]


def list_answer(found: Found[Any]) -> ListAnswer:
    """The page as the API gives it."""
    return ListAnswer(
        found.total,
        found.total_is_estimate,
        found.page,
        found.limit,
        found.pages,
        found.following,
        found.rows,
    )


def page_of(shape: type, example: dict[str, Any]) -> type[BaseModel]:
    """The description of a page of such rows, for OpenAPI, with an example row."""
    page = {"total": 500, "total_is_estimate": False, "page": 1, "limit": 50, "pages": 10}
    shown: dict[str, Any] = {**page, "next_cursor": "1769337000000000_42", "data": [example]}
    parts: dict[str, Any] = {part.name: (part.type, ...) for part in fields(ListAnswer)}
    model: type[BaseModel] = create_model(
        f"{shape.__name__}Page",
        __config__=ConfigDict(json_schema_extra={"example": shown}),
        __doc__=ListAnswer.__doc__,
        **{**parts, "data": (list[shape], ...)},  # type: ignore[valid-type]
    )
    return model
