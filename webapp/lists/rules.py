"""Rules of query parameters, each a sentence where it is broken and a schema in the API's description."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BeforeValidator, GetJsonSchemaHandler
from pydantic_core import CoreSchema

TRUE, FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class Rule(BeforeValidator):
    """A check of what was typed, and the JSON Schema that says the same."""

    schema: Mapping[str, Any] = field(default_factory=dict)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """What the API's description says of the parameter."""
        return dict(self.schema)


def between(lowest: int, highest: int) -> Rule:
    """A whole number within bounds."""

    def check(value: Any) -> int:
        text = str(value).strip()
        if not text.isascii() or not text.lstrip("-").isdecimal() or not lowest <= int(text[:20]) <= highest:
            raise ValueError(f"must be a whole number between {lowest} and {highest}")
        return int(text)

    return Rule(check, schema={"type": "integer", "minimum": lowest, "maximum": highest})


def one_of(*words: str) -> Rule:
    """One of the documented words, or nothing; `all` is nothing."""

    def check(value: Any) -> str | None:
        word = str(value).strip().lower()
        if word == "all":
            return None
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    schema = {"type": "string", "enum": [*words, *(["all"] if "all" not in words else [])]}
    return Rule(lambda value: None if value is None else check(value), schema=schema)


def word_of(*words: str) -> Rule:
    """One of these words, always."""

    def check(value: Any) -> str:
        word = str(value).strip().lower()
        if word not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return word

    return Rule(check, schema={"type": "string", "enum": list(words)})


def number_within(largest: int) -> Rule:
    """A number of at most that size, or nothing."""

    def check(value: Any) -> float | None:
        try:
            number = float(str(value))
        except ValueError:
            number = float("nan")
        if abs(number) <= largest:
            return number
        raise ValueError("must be a number")

    schema = {"type": "number", "minimum": -largest, "maximum": largest}
    return Rule(lambda value: None if value is None else check(value), schema=schema)


def _truth(value: Any) -> bool | None:
    word = str(value).strip().lower()
    if value is None or word in TRUE or word in FALSE:
        return None if value is None else word in TRUE
    raise ValueError("must be true or false")


TRUTH = Rule(_truth, schema={"type": "string", "enum": [*TRUE, *FALSE]})


def _never(value: Any) -> None:
    if value is not None:
        raise ValueError("is not one that this list has given")


NEVER = Rule(_never, schema={"type": "string", "enum": [""]})


def moment_by(read: Callable[[Any], Any]) -> Rule:
    """A date or time in ISO 8601, as `read` understands it."""
    forms = [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
    return Rule(read, schema={"anyOf": forms, "examples": ["2026-01-31", "2026-01-31T10:00:00Z"]})
