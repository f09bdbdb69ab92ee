"""Where mailcow has one thing now, and what can be done to it there: what pages of one thing show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.lists.livelist import LiveList
from webapp.mailcow.actions import Action


@dataclass(frozen=True)
class Standing:
    """One entry of a live list: where it is in words, since when and until when, as of when; mailcow's `ids`
    of it, and the actions that apply. `caution` is why none does; `reading` is where its text can be read."""

    live: LiveList[Any]
    ids: tuple[str, ...]
    words: str
    detail: str
    since: datetime | None
    taken_at: datetime | None
    url: str
    actions: Sequence[Action]
    caution: str | None = None
    until: datetime | None = None
    reading: str | None = None
