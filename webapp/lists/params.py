"""Query parameters: paging, periods and texts, each with its rule in one sentence."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from webapp.errors import BadParameter
from webapp.lists.conditions import Conditions
from webapp.lists.rules import TRUTH, moment_by, number_within
from webapp.lists.rules import between as between
from webapp.lists.rules import one_of as one_of
from webapp.lists.terms import is_short

LONGEST_TEXT = 500  # characters of a search term
DEEPEST_PAGE = 10_000_000
LARGEST_NUMBER = 1_000_000
GIVEN = "^([0-9]{1,17}_[0-9]{1,18})?$"  # a cursor as lists give it
PLACE = re.compile(r"-?[0-9]{1,18}_-?[0-9]{1,19}")


def _moment(value: Any, of_a_date: Callable[[date], datetime]) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    text = str(value).strip().replace(" ", "+") if "T" in str(value) else str(value).strip()
    try:
        if len(text) == 10:
            return of_a_date(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            "must be a date or time in ISO 8601, such as 2026-01-31 or 2026-01-31T10:00:00Z"
        ) from error
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is out of range") from error


def _day_start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _day_end(day: date) -> datetime:
    return _day_start(day) + timedelta(days=1, seconds=-1)


Number = Annotated[float | None, number_within(LARGEST_NUMBER)]
Truth = Annotated[bool | None, TRUTH]
StartDate = Annotated[datetime | None, moment_by(lambda value: _moment(value, _day_start))]
EndDate = Annotated[datetime | None, moment_by(lambda value: _moment(value, _day_end))]
Text = Annotated[str | None, Field(max_length=LONGEST_TEXT)]


class Parameters(BaseModel):
    """Base of all filters: an empty parameter is an absent one, blanks around a value do not count."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        stripped = {name: _bare(value) for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value not in (None, "")}


def _bare(value: Any) -> Any:
    if isinstance(value, list):
        value = value[-1] if value else None
    return value.replace("\0", "").strip() if isinstance(value, str) else value


class Paging(Parameters):
    """Which page of a list, or the place after which to go on."""

    page: Annotated[int, between(1, DEEPEST_PAGE)] = Field(1, description="Page number")
    limit: Annotated[int, between(1, 500)] = Field(50, description="Items per page")
    cursor: Annotated[str | None, Field(max_length=100)] = Field(
        None,
        description="Go on after this place (from next_cursor)",
        json_schema_extra={"pattern": GIVEN},
    )

    @property
    def offset(self) -> int:
        """Rows to leave out before the page."""
        return (self.page - 1) * self.limit

    @classmethod
    def chips(cls, _name: str, label: str, typed: str) -> Sequence[tuple[str, str, str | None]]:
        """(label, text, what stays of the parameter without it) of what was typed into one filter."""
        return [(label, typed, None)]


class Period(Parameters):
    """A span of time, both ends included."""

    start_date: StartDate = Field(None, title="From", description="Start date (ISO 8601; without zone: UTC)")
    end_date: EndDate = Field(
        None, title="To", description="End date (ISO 8601; a date alone means the whole day)"
    )


class ListFilter(Paging, Period):
    """What every list over day partitions can be filtered by. A field's title is its label on the page."""

    search: Text = Field(None, title="Search")

    @property
    def is_short(self) -> bool:
        """True where the search term is too short for a substring search."""
        return is_short(self.search)

    @property
    def is_plain(self) -> bool:
        """True where nothing is filtered."""
        return all(getattr(self, name) is None for name in labels(type(self)))

    def conditions(self) -> Conditions:
        """The filter in SQL."""
        return Conditions(start=self.start_date, end=self.end_date)


def labels(model: type[BaseModel]) -> dict[str, str]:
    """The label of every field that narrows a list down, by its name."""
    return {name: field.title for name, field in model.model_fields.items() if field.title}


def unpaged(model: type[Parameters], *kept: str) -> type[Parameters]:
    """The parameters of a list without those of its pages, save those kept, to describe what has other pages
    or gives all of its rows."""
    own = model.model_fields.keys() - (Paging.model_fields.keys() - set(kept))
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in model.model_fields.items() if name in own
    }
    name = f"{model.__name__}{'Paged' if kept else 'OfAll'}"
    return create_model(name, __base__=Parameters, **fields)


Filter = TypeVar("Filter", bound=Parameters)


def place(cursor: str) -> tuple[datetime, int]:
    """The (time, id) that a cursor names; raises BadParameter."""
    try:
        if not PLACE.fullmatch(cursor):
            raise ValueError(cursor)
        micros, _, number = cursor.partition("_")
        return datetime.fromtimestamp(int(micros) / 1_000_000, UTC), int(number)
    except (ValueError, OverflowError, OSError) as error:
        raise BadParameter("cursor is not one that this list has given") from error


def cursor_of(time: datetime, number: int) -> str:
    """The cursor that names a row's place."""
    return f"{round(time.timestamp() * 1_000_000)}_{number}"
