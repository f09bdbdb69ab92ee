"""The dashboard's cards: what each shows."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from webapp.alerts.signs import current
from webapp.dashboard import queries
from webapp.dashboard.cube import Cell, Cube
from webapp.mailcow.server import ALIASES, DOMAINS, MAILBOXES, server_state
from webapp.parse.words import FAILED, Direction, Outcome
from webapp.tables.db import iso, utc
from webapp.web.cards import Card
from webapp.web.page import link, settings

RANKING = 6  # rows of a ranking
RECENT = 11  # messages
OBJECTS = {DOMAINS: "domain", MAILBOXES: "mailbox", ALIASES: "alias"}
STACK = (
    Outcome.DELIVERED,
    Outcome.MIXED,
    Outcome.SPAM,
    Outcome.DEFERRED,
    Outcome.PENDING,
    Outcome.DISCARDED,
    Outcome.EXPIRED,
    Outcome.BOUNCED,
    Outcome.REJECTED,
)  # from the zero line up


@dataclass(frozen=True)
class Figure:
    """One number with its period, the same span before, its week, and the list of what it counts."""

    label: str
    value: int
    before: int
    week: int
    url: str
    week_url: str
    share: float | None = None
    good: str = "neutral"  # whether more is good, bad, or neither

    @property
    def change(self) -> int:
        """The difference to the same time before."""
        return self.value - self.before


def _messages(
    cube: Cube, label: str, wanted: Callable[[Cell], bool], good: str = "neutral", **chosen: str
) -> Figure:
    value = cube.count("24h", wanted)

    def url(span: str) -> str:
        period = {"start_date": iso(cube.since(span)), "end_date": iso(cube.taken_at)}
        return link({**chosen, **period}, base={}, path="/messages")

    share = queries.percentage(value, cube.count("24h")) if chosen else None
    return Figure(
        label,
        value,
        cube.count("24h", wanted, before=True),
        cube.count("7d", wanted),
        url("24h"),
        url("7d"),
        share,
        good,
    )


def figures(session: Session) -> dict[str, Any]:
    """The numbers at the top: messages, spam, refused, failed, waiting, failed logins."""
    cube, auth = queries.figures(session)
    moment = utc(auth["taken_at"])

    def events(days: int) -> str:
        period = {"start_date": iso(moment - timedelta(days=days)), "end_date": iso(moment)}
        return link({"action": "attempt", **period}, base={}, path="/security/events")

    return {
        "taken_at": cube.taken_at,
        "figures": [
            _messages(cube, "Messages", lambda cell: cell.count > 0),
            _messages(cube, "Spam", lambda cell: cell.spam, "bad", status="spam"),
            _messages(cube, "Refused", lambda cell: cell.has(Outcome.REJECTED), status=Outcome.REJECTED),
            _messages(cube, "Not deliverable", lambda cell: cell.failed, "bad", status=FAILED),
            _messages(
                cube, "Waiting", lambda cell: cell.has(Outcome.DEFERRED), "bad", status=Outcome.DEFERRED
            ),
            Figure(
                "Failed logins", auth["24h"], auth["before"], auth["7d"], events(1), events(7), None, "bad"
            ),
        ],
    }


def timeline(session: Session, span: str = "24h", status: str | None = None) -> dict[str, Any]:
    """Messages by outcome over time: all of them, or only what the list's filter `status` finds.

    `totals` are those of all outcomes, and `found` is how many messages the columns show together.
    """
    span, status = span if span in queries.CHARTS else "24h", status if status in STACK else None
    counted, tz = queries.cube(session), settings().tz
    everything = queries.chart(counted, span, tz)
    totals = sum((counts for _, counts in everything), Counter[str]())
    bars = everything if status is None else queries.chart(counted, span, tz, status)
    asked = {"span": span, "status": status}
    return {
        **asked,
        "spans": tuple(queries.CHARTS),
        "link": lambda **changes: link(changes, asked, "/dashboard"),
        "bars": bars,
        "end": counted.taken_at + timedelta(seconds=1),
        "hourly": queries.CHARTS[span][0] < timedelta(days=1),
        "words": [word for word in STACK if totals[word] or word == status],
        "totals": totals,
        "found": sum(counts.total() for _, counts in bars),
    }


def direction(session: Session) -> dict[str, Any]:
    """Messages of 24 hours by direction."""
    cube = queries.cube(session)
    return {
        "figures": [
            _messages(cube, way.capitalize(), lambda cell, way=way: cell.direction == way, direction=way)  # type: ignore[misc]
            for way in Direction
        ],
        "total": cube.count("24h"),
        "unknown": cube.count("24h", lambda cell: cell.direction is None),
    }


def _ranked(
    ranking: queries.Ranking, path: str, column: str, parameter: str, **chosen: str
) -> list[dict[str, Any]]:
    period = {"start_date": iso(ranking.start), "end_date": iso(ranking.end)}
    return [
        {**row, "url": link({parameter: row[column], **chosen, **period}, base={}, path=path)}
        for row in ranking.rows
    ]


def symbols(session: Session) -> dict[str, Any]:
    """The symbols that raised the score of spam most often."""
    return {
        "triggers": _ranked(
            queries.top_spam_triggers(session, RANKING), "/logs/rspamd", "symbol", "symbol", is_spam="true"
        )
    }


def addresses(session: Session) -> dict[str, Any]:
    """The addresses with most warnings and bans."""
    return {
        "blocked": _ranked(
            queries.top_blocked_ips(session, RANKING), "/security/events", "ip", "ip", action="offence"
        )
    }


def signs(session: Session) -> dict[str, Any]:
    """The signs of trouble of mailboxes that there are now."""
    return {"signs": current(session)}


def recent(session: Session) -> dict[str, Any]:
    """The newest messages."""
    return {"rows": queries.recent(session, RECENT)}


def server(session: Session) -> dict[str, Any]:
    """Containers and storage, as mailcow said last, and how many domains, mailboxes and aliases it has."""
    state = server_state(session)
    services = list((state.containers.data or {}).values())
    return {
        "containers": state.containers,
        "storage": state.storage,
        "stopped": [one for one in services if one["state"] != "running"],
        "running": sum(one["state"] == "running" for one in services),
        "filled": _percent(state.storage.data),
        "objects": [
            (OBJECTS[name], name, found.data["total"]) for name, found in state.counted.items() if found.data
        ],
    }


def _percent(storage: Any) -> int | None:
    digits = str((storage or {}).get("used_percent", "")).rstrip("%")
    return min(int(digits), 100) if digits.isdecimal() else None


FAILED_CARD = "dashboard/_failed.html"
CARDS = {
    card.name: card
    for card in (
        Card("figures", "Last 24 hours", "dashboard/_figures.html", figures, FAILED_CARD),
        Card("timeline", "Messages by outcome", "dashboard/_timeline.html", timeline, FAILED_CARD),
        Card("direction", "Direction", "dashboard/_direction.html", direction, FAILED_CARD),
        Card("symbols", "Spam symbols", "dashboard/_symbols.html", symbols, FAILED_CARD),
        Card("addresses", "Blocked addresses", "dashboard/_addresses.html", addresses, FAILED_CARD),
        Card("signs", "Signs of trouble", "dashboard/_signs.html", signs, FAILED_CARD),
        Card("recent", "Newest messages", "dashboard/_recent.html", recent, FAILED_CARD),
        Card("server", "Server", "dashboard/_server.html", server, FAILED_CARD),
    )
}
