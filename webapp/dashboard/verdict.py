"""The verdict over the mail server: whether mail flows, then all else that matters, worst first. Pure.

Nothing is called good that is not known now: while mailcow or the log cannot be read, every part tells of the
moment of the last answer, and none is good.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from webapp.config import Settings
from webapp.dashboard.waiting import Destination, Standing
from webapp.mailcow.connection import Answering, ConnectionState
from webapp.web.filters import MINUS, count, number, query_url

UNREAD = timedelta(minutes=10)  # a log or an answer that is older says nothing of the present
QUIET = timedelta(hours=1)  # without mail, which is worth a word
SILENT_HOURS = 6  # where the settings name none
NAMED = 3  # containers by name
RUNNING = "running"
EFFECTS = {  # what is missing while a container of mailcow does not run
    "postfix": "no mail comes in or goes out",
    "dovecot": "nobody reads mail, and none reaches a mailbox",
    "rspamd": "no spam check",
    "clamd": "no virus scan",
    "mysql": "no mailbox is known",
    "redis": "no log is written",
    "unbound": "no name is resolved",
    "netfilter": "nobody is banned",
    "nginx": "no web interface",
    "php-fpm": "no web interface",
    "sogo": "no webmail",
    "acme": "no certificate is renewed",
    "olefy": "no scan of macros",
    "postfix-tlspol": "no TLS policy is looked up",
    "watchdog": "nothing watches the containers",
    "dockerapi": "nothing is known of the containers",
    "ofelia": "no job of mailcow runs",
}
NEEDED = {"postfix", "dovecot", "rspamd", "mysql", "redis", "unbound"}  # without which no mail is delivered
Clock = Callable[[datetime | None], str]


class Grade(StrEnum):
    """How a part of the verdict is meant, the worst first."""

    BAD = "bad"
    WARNING = "warning"
    NOTE = "note"
    GOOD = "good"


ORDER = list(Grade)


@dataclass(frozen=True, slots=True)
class Part:
    """One clause with the page that shows more, and the number of what that lists; `more` continues it with a
    page of its own."""

    text: str
    grade: Grade
    url: str
    more: str | None = None
    more_url: str | None = None
    figure: int | None = None

    @property
    def words(self) -> str:
        """The whole clause."""
        return f"{self.text}, {self.more}" if self.more else self.text


@dataclass(frozen=True)
class Gap:
    """Lines of Postfix's log that were lost between two times."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Facts:
    """What the verdict is made of. `read_at` is when Postfix's log was last read to its end, `newest` when
    the newest mail began; `containers` are their states by name, None where mailcow never told; `filled` is
    in per cent; `banned` and `alerts` are counts."""

    moment: datetime
    connection: ConnectionState
    read_at: datetime | None
    newest: datetime | None
    queue: Standing
    containers: Mapping[str, str] | None
    gaps: Sequence[Gap]
    banned: int
    banned_for_good: int
    alerts: int
    filled: float | None

    @property
    def known_at(self) -> datetime | None:
        """The moment that all is told of; None where that is the present, or where nothing is known."""
        if self.connection.state is Answering.FAILING:
            return self.connection.last_success or self.read_at
        return self.read_at if self.is_unread else None

    @property
    def is_unread(self) -> bool:
        """True where the log was read once, and not for some minutes."""
        return self.read_at is not None and self.moment - self.read_at > UNREAD


@dataclass(frozen=True)
class Verdict:
    """The parts in their order; `as_of` is the moment that they tell of, where that is not the present."""

    parts: Sequence[Part]
    as_of: datetime | None

    @property
    def grade(self) -> Grade:
        """The worst of its parts."""
        return min((part.grade for part in self.parts), key=ORDER.index)

    @property
    def sentence(self) -> str:
        """All parts as one text."""
        return " ".join(f"{part.words}." for part in self.parts)


def verdict(facts: Facts, settings: Settings, clock: Clock) -> Verdict:
    """The verdict; `clock` writes a moment in the zone of the pages."""
    flows = flow(facts, settings, clock)
    others = [
        queue(facts, settings),
        *containers(facts, settings),
        *gaps(facts, clock),
        *volume(facts, settings),
        *bans(facts),
        *alerts(facts),
    ]
    as_of = facts.known_at
    is_present = as_of is None and flows.grade is not Grade.BAD
    told = others if is_present else [_of_the_past(part) for part in others]
    return Verdict([flows, *sorted(told, key=lambda part: ORDER.index(part.grade))], as_of)


def _of_the_past(part: Part) -> Part:
    return replace(part, grade=Grade.NOTE) if part.grade is Grade.GOOD else part


def flow(facts: Facts, settings: Settings, clock: Clock) -> Part:
    """Whether mail flows, as far as that can be known."""
    if facts.connection.state is Answering.FAILING:
        return _failing(facts, clock)
    if facts.read_at is None:
        return Part("Nothing is known yet: mailcow's log is read for the first time", Grade.NOTE, "/status")
    if facts.is_unread:
        text = f"Whether mail flows is not known: the log was last read at {clock(facts.read_at)}"
        return Part(text, Grade.WARNING, "/status")
    if (state := (facts.containers or {}).get("postfix", RUNNING)) != RUNNING:
        return Part(f"Mail does not flow: postfix is {_down(state)}", Grade.BAD, "/status")
    if facts.newest is None:
        return Part("No mail has been seen yet", Grade.NOTE, "/messages")
    silence = facts.moment - facts.newest
    if silence > timedelta(hours=settings.alert_no_mail_hours or SILENT_HOURS):
        return Part(f"No mail since {clock(facts.newest)}", Grade.WARNING, "/messages")
    if silence > QUIET:
        return Part(f"The newest mail is of {clock(facts.newest)}", Grade.NOTE, "/messages")
    return Part("Mail flows", Grade.GOOD, "/messages")


def _failing(facts: Facts, clock: Clock) -> Part:
    since = f" since {clock(facts.connection.since)}" if facts.connection.since else ""
    rest = f"all else is as of {clock(facts.known_at)}" if facts.known_at else "nothing is known of its mail"
    return Part(f"mailcow cannot be read{since}: {rest}", Grade.BAD, "/status")


def queue(facts: Facts, settings: Settings) -> Part:
    """The queue's length, its growth, and where most of it goes."""
    found = facts.queue
    if found.taken_at is None:
        return Part("The queue is not known yet", Grade.NOTE, "/queue")
    if not found.mails:
        return Part("The queue is empty", Grade.GOOD, "/queue")
    main = found.main
    return Part(
        f"Queue {number(found.mails)}{_growth(found)}",
        Grade.WARNING if _is_long(found, settings) else Grade.NOTE,
        "/queue",
        f"mostly to {main.domain}{_why(main)}" if main else None,
        query_url("/queue", domain=main.domain) if main else None,
        found.mails,
    )


def _growth(found: Standing) -> str:
    if found.growth is None:
        return f", {number(found.young)} of them of the last hour" if found.young else ""
    if not found.growth:
        return ", as an hour ago"
    sign = "+" if found.growth > 0 else MINUS
    return f", {sign}{number(abs(found.growth))} in an hour"


def _why(main: Destination) -> str:
    return f" ({main.reason_words})" if main.reason_words else ""


def _is_long(found: Standing, settings: Settings) -> bool:
    hours = timedelta(hours=settings.alert_queue_hours)
    return (
        found.mails - found.held > settings.alert_queue_mails
        or (found.growth or 0) >= settings.alert_queue_growth
        or (found.oldest is not None and found.taken_at is not None and found.taken_at - found.oldest > hours)
    )


def containers(facts: Facts, settings: Settings) -> list[Part]:
    """The containers that do not run, and what is missing for it, but for those that may be stopped."""
    if not facts.containers:
        return [Part("The containers are not known yet", Grade.NOTE, "/status")]
    ignored = {name.removesuffix("-mailcow") for name in settings.alert_containers_ignored}
    stopped = {
        name: state
        for name, state in facts.containers.items()
        if state != RUNNING and name not in ignored and name != "postfix"
    }
    if not stopped:
        return []
    grade = Grade.BAD if NEEDED & stopped.keys() else Grade.WARNING
    if len(stopped) > NAMED:
        return [Part(f"{len(stopped)} containers do not run: {', '.join(sorted(stopped))}", grade, "/status")]
    return [_stopped(name, state) for name, state in stopped.items()]


def _stopped(name: str, state: str) -> Part:
    effect = f": {EFFECTS[name]}" if name in EFFECTS else ""
    grade = Grade.BAD if name in NEEDED else Grade.WARNING
    return Part(f"{name} is {_down(state)}{effect}", grade, "/status")


def _down(state: str) -> str:
    return "down" if state in ("exited", "dead") else state[:50]


def gaps(facts: Facts, clock: Clock) -> list[Part]:
    """The newest of the gaps in Postfix's log, with how many there are."""
    if not facts.gaps:
        return []
    newest = facts.gaps[0]
    others = f" and {count(len(facts.gaps) - 1, 'other time')}" if len(facts.gaps) > 1 else ""
    text = f"Lines of the log were lost {clock(newest.start)}\N{EN DASH}{clock(newest.end)}{others}"
    return [Part(text, Grade.WARNING, "/status#gaps")]


def volume(facts: Facts, settings: Settings) -> list[Part]:
    """The mail volume, where it is nearly full."""
    if facts.filled is None or facts.filled <= settings.alert_disk_percent:
        return []
    return [Part(f"The mail volume is {facts.filled:g} % full", Grade.BAD, "/status")]


def bans(facts: Facts) -> list[Part]:
    """The addresses that netfilter has banned for a time."""
    if not facts.banned:
        return []
    words = count(facts.banned, "address", "addresses")
    return [
        Part(
            f"{words} banned",
            Grade.NOTE,
            query_url("/security/bans", kind="temporary" if facts.banned_for_good else None),
            figure=facts.banned,
        )
    ]


def alerts(facts: Facts) -> list[Part]:
    """The alerts that are open."""
    if not facts.alerts:
        return []
    text = f"{count(facts.alerts, 'alert')} open"
    return [Part(text, Grade.WARNING, "/alerts?state=open", figure=facts.alerts)]
