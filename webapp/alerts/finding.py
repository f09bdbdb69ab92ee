"""What a rule finds, and what a rule is. The functions that judge are pure: facts in, findings out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from webapp.alerts.notice import Severity
from webapp.alerts.words import TITLES, RuleName
from webapp.config import Settings

Facts = TypeVar("Facts")
Numbers = Mapping[str, int | float | str]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MOST = 5_000  # findings of one rule that are looked at
LONGEST_SUBJECT, LONGEST_TEXT = 250, 500  # characters; strangers choose some of these


@dataclass(frozen=True)
class Finding:
    """One trouble as it is now. `text` is one sentence without its times.

    `aspect` tells several of one subject apart. `since` is when it began, where that is known. One that
    `is_weak` lies below the threshold but not clearly: it keeps an event open and begins none.
    """

    subject: str
    text: str
    numbers: Numbers = field(default_factory=dict)
    aspect: str = ""
    since: datetime | None = None
    link: str = ""
    severity: Severity | None = None
    is_weak: bool = False


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """One kind of trouble. `load` gives what `judge` needs, None where it is not known: then nothing changes.

    `says` tells threshold and end in words, `settings` which settings they are. What is found must last for
    `patience` before it counts, and be gone for `calm` before it is over. `every` is how often it is looked
    at. Of one that `is_momentary` the end is not told: it was over as it happened. Without a threshold a rule
    is not `is_wanted`.
    """

    name: RuleName
    severity: Severity
    load: Callable[[Session, Settings, datetime], Facts | None]
    judge: Callable[[Facts, Settings, datetime], Sequence[Finding]]
    says: Callable[[Settings], str]
    settings: tuple[str, ...] = ()
    patience: Callable[[Settings], timedelta] = lambda _: timedelta()
    calm: timedelta = timedelta()
    every: timedelta = timedelta()
    reminder: Callable[[Settings], timedelta] = lambda settings: HOUR * settings.alert_reminder_hours
    is_momentary: bool = False
    is_wanted: Callable[[Settings], bool] = lambda _: True

    def is_on(self, settings: Settings) -> bool:
        """False where it is switched off."""
        return self.is_wanted(settings) and self.name.value not in settings.alert_rules_off

    @property
    def title(self) -> str:
        """Its name for people."""
        return TITLES[self.name]


AnyRule = Rule[Any]


def plain(text: object, longest: int = LONGEST_TEXT) -> str:
    """Foreign text as it is stored: without NUL, which PostgreSQL cannot hold, and of bounded length."""
    shown = str(text).replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"
