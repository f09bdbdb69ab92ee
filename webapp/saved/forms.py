"""What the forms of saved searches take."""

import re
from enum import StrEnum
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from webapp.lists.params import Paging
from webapp.messages.filter import MessageListFilter
from webapp.web.errors import parameter_sentence

LONGEST_NAME, LONGEST_QUERY = 60, 2000  # characters
PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")
KEPT = tuple(name for name in MessageListFilter.model_fields if name not in Paging.model_fields)


def _name(value: str) -> str:
    text = value.strip()
    if not PRINTABLE.fullmatch(text) or len(text) > LONGEST_NAME:
        raise ValueError(f"must be 1 to {LONGEST_NAME} characters on one line")
    return text


def _query(value: str) -> str:
    if len(value) > LONGEST_QUERY:
        raise ValueError(f"must be at most {LONGEST_QUERY:,} characters")
    given = dict(parse_qsl(value))
    kept = {name: given[name] for name in KEPT if given.get(name)}
    try:
        MessageListFilter.model_validate(kept)
    except ValidationError as error:
        raise ValueError(f"cannot be kept: {parameter_sentence(error)}") from error
    if not kept:
        raise ValueError("must hold a filter: all messages need no name")
    return urlencode(kept)


Name = Annotated[str, AfterValidator(_name)]


class SearchForm(BaseModel):
    """A name for a search, and its parameters as in the URL of the list; its page is left out."""

    model_config = ConfigDict(extra="ignore")

    name: Name
    query: Annotated[str, AfterValidator(_query)]


class NameForm(BaseModel):
    """Another name for a saved search."""

    model_config = ConfigDict(extra="ignore")

    name: Name


class Change(StrEnum):
    """What can be done to a saved search."""

    RENAME = "rename"
    PIN = "pin"
    UNPIN = "unpin"
    DELETE = "delete"


class ChangeForm(BaseModel):
    """Which of them is asked for."""

    model_config = ConfigDict(extra="ignore")

    do: Change
