"""The dashboard's cards: each is made on its own, and one that fails does not take the page along."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template
from markupsafe import Markup
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp import snapshots
from webapp.dashboard import queries
from webapp.dashboard.cube import Cell, Cube
from webapp.db import utc
from webapp.web import iso, link

log = logging.getLogger(__name__)
RANKING = 8  # rows of a ranking
RECENT = 11  # messages


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


def _messages(cube: Cube, label: str, wanted: Callable[[Cell], bool], good: str = "neutral", **chosen: str) -> Figure:
    value = cube.count("24h", wanted)

    def url(span: str) -> str:
        period = {"start_date": iso(cube.since(span)), "end_date": iso(cube.taken_at)}
        return link({**chosen, **period}, base={}, path="/messages")

    share = queries.percentage(value, cube.count("24h")) if chosen else None
    return Figure(label, value, cube.count("24h", wanted, before=True), cube.count("7d", wanted), url("24h"), url("7d"), share, good)


def figures(session: Session) -> dict[str, Any]:
    """The numbers at the top: messages, spam, refused, failed, waiting, failed logins."""
    cube, auth = queries.figures(session)
    moment = utc(auth["taken_at"])

    def events(days: int) -> str:
        period = {"start_date": iso(moment - timedelta(days=days)), "end_date": iso(moment)}
        return link({"action": "attempt", **period}, base={}, path="/security/events")

    return {"taken_at": cube.taken_at, "figures": [
        _messages(cube, "Messages", lambda cell: cell.count > 0),
        _messages(cube, "Spam", lambda cell: cell.spam, "bad", status="spam"),
        _messages(cube, "Refused", lambda cell: cell.has("rejected"), status="rejected"),
        _messages(cube, "Not deliverable", lambda cell: cell.failed, "bad", status="failed"),
        _messages(cube, "Waiting", lambda cell: cell.has("deferred"), "bad", status="deferred"),
        Figure("Failed logins", auth["24h"], auth["before"], auth["7d"], events(1), events(7), None, "bad"),
    ]}


def timeline(session: Session, span: str = "24h") -> dict[str, Any]:
    """Messages by outcome over time."""
    span = span if span in queries.CHARTS else "24h"
    step, _ = queries.CHARTS[span]
    bars = [(time, counts, link({"start_date": iso(time), "end_date": iso(time + step - timedelta(seconds=1))}, base={}, path="/messages"))
            for time, counts in queries.chart(session, span)]
    words = sorted({word for _, counts, _ in bars for word in counts})
    return {"span": span, "spans": tuple(queries.CHARTS), "step": step, "bars": bars, "words": words}


def direction(session: Session) -> dict[str, Any]:
    """Messages of 24 hours by direction."""
    cube, _ = queries.figures(session)
    return {"figures": [_messages(cube, way.capitalize(), lambda cell, way=way: cell.direction == way, direction=way)  # type: ignore[misc]
                        for way in queries.DIRECTIONS]}


def symbols(session: Session) -> dict[str, Any]:
    """The symbols that raised the score of spam most often."""
    return {"triggers": queries.top_spam_triggers(session, RANKING)}


def addresses(session: Session) -> dict[str, Any]:
    """The addresses with most warnings and bans."""
    return {"blocked": queries.top_blocked_ips(session, RANKING)}


def recent(session: Session) -> dict[str, Any]:
    """The newest messages."""
    return {"rows": queries.recent(session, RECENT)}


def server(session: Session) -> dict[str, Any]:
    """Containers and storage, as mailcow said last."""
    return snapshots.load(session, "containers", "storage")


CARDS: dict[str, Callable[..., dict[str, Any]]] = {
    "figures": figures, "timeline": timeline, "direction": direction, "symbols": symbols, "addresses": addresses, "recent": recent,
    "server": server}


def card(session: Session, name: str, **options: str) -> Markup:
    """The HTML of one card; where its data cannot be had, the card says so."""
    try:
        data = CARDS[name](session, **options)
    except (SQLAlchemyError, RedisError) as error:
        session.rollback()
        log.warning("card %s failed: %s", name, error)
        return Markup(render_template("dashboard/_failed.html", name=name))  # noqa: S704 - a template of ours
    return Markup(render_template(f"dashboard/_{name}.html", name=name, **data))  # noqa: S704
