"""The dashboard's cards: what each shows."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import methodcaller

from sqlalchemy.orm import Session

from webapp.alerts.queries import OpenEvents, open_events
from webapp.alerts.signs import NotedSign, current
from webapp.dashboard import queries
from webapp.dashboard.cube import Cell, Cube
from webapp.dashboard.queueline import QueueView, queue_view
from webapp.dashboard.situation import filled, verdict_now
from webapp.dashboard.verdict import Verdict
from webapp.mailcow import connection
from webapp.mailcow.connection import Answering
from webapp.mailcow.server import ALIASES, DOMAINS, MAILBOXES, Container, Storage, server_state
from webapp.mailcow.snapshots import Snapshot
from webapp.messages.answers import MessageRow
from webapp.parse.words import FAILED, JUNK, Direction, Outcome
from webapp.status.coverage import coverage
from webapp.tables.db import iso
from webapp.web.badges import STATUSES
from webapp.web.cards import Card
from webapp.web.page import link, settings

RANKING = 6  # rows of a ranking
RECENT = 11  # messages
TROUBLES = 5  # open events
OBJECTS = {DOMAINS: "domain", MAILBOXES: "mailbox", ALIASES: "alias"}
STACK = (
    Outcome.DELIVERED,
    Outcome.MIXED,
    JUNK,
    Outcome.DEFERRED,
    Outcome.PENDING,
    Outcome.DISCARDED,
    Outcome.EXPIRED,
    Outcome.BOUNCED,
    Outcome.REJECTED,
)  # from the zero line up


@dataclass(frozen=True)
class Figure:
    """One number with its period, the same span before (None: not recorded), its week, and the list of what
    it counts."""

    label: str
    value: int
    before: int | None
    week: int
    url: str
    week_url: str
    share: float | None = None
    good: str = "neutral"  # whether more is good, bad, or neither

    @property
    def change(self) -> int | None:
        """The difference to the same time before; None where that was not recorded."""
        return None if self.before is None else self.value - self.before


def _period(start: datetime, end: datetime) -> dict[str, str | None]:
    return {"start_date": iso(start), "end_date": iso(end)}


def _messages(
    cube: Cube,
    label: str,
    wanted: Callable[[Cell], bool],
    good: str = "neutral",
    told: bool = True,
    **chosen: str,
) -> Figure:
    value = cube.count("24h", wanted)

    def url(span: str) -> str:
        return link({**chosen, **_period(cube.since(span), cube.taken_at)}, base={}, path="/messages")

    share = queries.percentage(value, cube.count("24h")) if chosen else None
    return Figure(
        label,
        value,
        cube.count("24h", wanted, before=True) if told else None,
        cube.count("7d", wanted),
        url("24h"),
        url("7d"),
        share,
        good,
    )


@dataclass(frozen=True)
class Figures:
    """The numbers at the top, as of `taken_at`; `first` is the oldest message that is kept, `known_at` the
    moment that they tell of while mailcow cannot be read."""

    taken_at: datetime
    figures: Sequence[Figure]
    first: datetime | None
    known_at: datetime | None

    @property
    def week_since(self) -> datetime | None:
        """The first moment recorded, where that lies within the last seven days."""
        return self.first if self.first and self.first > self.taken_at - timedelta(days=7) else None


@dataclass(frozen=True)
class Timeline:
    """The chart. `totals` are what the list finds of each outcome, so that a mixed message counts for each of
    its own."""

    span: str
    status: str | None
    bars: Sequence[tuple[datetime, Counter[str]]]
    end: datetime
    totals: Counter[str]

    @property
    def asked(self) -> dict[str, str | None]:
        """The parameters of the chart."""
        return {"span": self.span, "status": self.status}

    @property
    def spans(self) -> Sequence[str]:
        """The spans that can be chosen."""
        return tuple(queries.CHARTS)

    @property
    def hourly(self) -> bool:
        """True where a column is shorter than a day."""
        return queries.CHARTS[self.span][0] < timedelta(days=1)

    def link(self, **changes: str | None) -> str:
        """The URL of the dashboard with changed parameters of the chart."""
        return link(changes, self.asked, "/dashboard")


@dataclass(frozen=True)
class Directions:
    """Messages by direction; `total` counts also those of `unknown` direction."""

    figures: Sequence[Figure]
    total: int
    unknown: int


@dataclass(frozen=True)
class RankedRow:
    """One row of a ranking: its name, how often it was counted, the list of that, and the last time where
    that is known."""

    name: str
    count: int
    url: str
    last_seen: datetime | None = None


@dataclass(frozen=True)
class Server:
    """Containers and storage; `objects` are (one, many, how many) for what mailcow holds, `filled` is in
    per cent."""

    containers: Snapshot[dict[str, Container]]
    storage: Snapshot[Storage]
    stopped: Sequence[Container]
    running: int
    filled: int | None
    objects: Sequence[tuple[str, str, int]]


def queue(session: Session) -> QueueView:
    """The queue over 24 hours and where it goes."""
    return queue_view(session)


def figures(session: Session) -> Figures:
    """The numbers at the top: messages, spam, rejected, not deliverable, deferred, failed logins."""
    cube, auth = queries.figures(session)
    recorded = coverage(session, cube.taken_at - timedelta(days=2), cube.since("24h"))
    whole = recorded.first is not None and recorded.first <= cube.taken_at - timedelta(days=2)
    told = whole and not recorded.gaps
    state = connection.state()
    away = state.state is Answering.FAILING

    def events(days: int) -> str:
        period = _period(auth.taken_at - timedelta(days=days), auth.taken_at)
        return link({"action": "attempt", **period}, base={}, path="/security/events")

    return Figures(
        cube.taken_at,
        [
            _messages(cube, "Messages", lambda cell: cell.count > 0, told=told),
            *(
                _messages(
                    cube,
                    STATUSES[word].label,
                    lambda cell, word=word: cell.found_by(word),  # type: ignore[misc]
                    "neutral" if word == Outcome.REJECTED else "bad",
                    told,
                    status=word,
                )
                for word in (Outcome.SPAM, Outcome.REJECTED, FAILED, Outcome.DEFERRED)
            ),
            Figure(
                "Failed logins",
                auth.day,
                auth.before if told else None,
                auth.week,
                events(1),
                events(7),
                None,
                "bad",
            ),
        ],
        recorded.first,
        (state.last_success or recorded.read_at) if away else None,
    )


def timeline(session: Session, span: str = "24h", status: str | None = None) -> Timeline:
    """Messages by outcome over time: all of them, or only what the list's filter `status` finds."""
    span, status = span if span in queries.CHARTS else "24h", status if status in STACK else None
    counted, tz = queries.cube(session), settings().tz
    everything = queries.chart(counted, span, tz)
    totals = Counter({word: counted.count(span, methodcaller("found_by", word)) for word in STACK})
    return Timeline(
        span,
        status,
        bars=everything if status is None else queries.chart(counted, span, tz, status),
        end=counted.taken_at + timedelta(seconds=1),
        totals=totals,
    )


def direction(session: Session) -> Directions:
    """Messages of 24 hours by direction."""
    cube = queries.cube(session)
    ways = [
        _messages(cube, way.capitalize(), lambda cell, way=way: cell.direction == way, direction=way)  # type: ignore[misc]
        for way in Direction
    ]
    return Directions(ways, cube.count("24h"), cube.count("24h", lambda cell: cell.direction is None))


def symbols(session: Session) -> Sequence[RankedRow]:
    """The symbols that raised the score of spam most often."""
    found = queries.top_spam_triggers(session, RANKING)
    chosen = {"is_spam": "true", **_period(found.start, found.end)}
    return [
        RankedRow(row.symbol, row.count, link({"symbol": row.symbol, **chosen}, base={}, path="/logs/rspamd"))
        for row in found.rows
    ]


def addresses(session: Session) -> Sequence[RankedRow]:
    """The addresses with most attempts."""
    found = queries.busiest_addresses(session, RANKING)
    chosen = {"action": "attempt", **_period(found.start, found.end)}
    return [
        RankedRow(
            row.ip, row.count, link({"ip": row.ip, **chosen}, base={}, path="/security/events"), row.last_seen
        )
        for row in found.rows
    ]


def alerts(session: Session) -> OpenEvents:
    """The open events, those that began last."""
    return open_events(session, TROUBLES)


def signs(session: Session) -> Sequence[NotedSign]:
    """The signs of trouble of mailboxes that there are now."""
    return current(session)


def recent(session: Session) -> Sequence[MessageRow]:
    """The newest messages."""
    return queries.recent(session, RECENT)


def server(session: Session) -> Server:
    """Containers and storage as mailcow had them last, and how many domains, mailboxes and aliases it has."""
    state = server_state(session)
    services = list((state.containers.data or {}).values())
    stopped = [one for one in services if one.state != "running"]
    return Server(
        state.containers,
        state.storage,
        stopped,
        running=len(services) - len(stopped),
        filled=filled(state.storage.data),
        objects=[
            (OBJECTS[name], name, found.data.total) for name, found in state.counted.items() if found.data
        ],
    )


def verdict(session: Session) -> Verdict:
    """Whether mail flows, and what else matters."""
    return verdict_now(session, settings())


FAILED_CARD = "dashboard/_failed.html"
CARDS = {
    card.name: card
    for card in (
        Card("verdict", "How things stand", "dashboard/_verdict.html", verdict, FAILED_CARD),
        Card("figures", "Last 24 hours", "dashboard/_figures.html", figures, FAILED_CARD),
        Card("timeline", "Messages by outcome", "dashboard/_timeline.html", timeline, FAILED_CARD),
        Card("queue", "Queue, 24 hours", "dashboard/_queue.html", queue, FAILED_CARD),
        Card("direction", "Direction", "dashboard/_direction.html", direction, FAILED_CARD),
        Card("symbols", "Spam symbols", "dashboard/_symbols.html", symbols, FAILED_CARD),
        Card("addresses", "Busiest addresses", "dashboard/_addresses.html", addresses, FAILED_CARD),
        Card("alerts", "Alerts", "dashboard/_alerts.html", alerts, FAILED_CARD),
        Card("signs", "Signs of trouble", "dashboard/_signs.html", signs, FAILED_CARD),
        Card("recent", "Newest messages", "dashboard/_recent.html", recent, FAILED_CARD),
        Card("server", "Server", "dashboard/_server.html", server, FAILED_CARD),
    )
}
