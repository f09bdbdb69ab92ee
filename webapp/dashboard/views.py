"""The server at a glance: /api/stats/* and the dashboard with its cards."""

from typing import Annotated

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import Field

from webapp import cache
from webapp.dashboard import queries
from webapp.dashboard.answers import (
    Activity,
    ActivityAnswer,
    BlockedAddresses,
    BlockedAddressesAnswer,
    DashboardAnswer,
    Timeline,
    TimelineAnswer,
    Triggers,
    TriggersAnswer,
    VerdictShape,
)
from webapp.dashboard.cards import CARDS, RANKING
from webapp.dashboard.situation import verdict_answer
from webapp.errors import NotFound
from webapp.lists.page import given
from webapp.lists.params import Parameters, between
from webapp.tables.db import db
from webapp.web.cards import rendered
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, settings

api = Blueprint("dashboard_api", __name__)
pages = Blueprint("dashboard_pages", __name__)
CHART = "timeline"


class Hours(Parameters):
    """How far back a timeline goes."""

    hours: Annotated[int, between(1, queries.LONGEST_TIMELINE)] = Field(
        24, description="Number of hours to show"
    )


class Top(Parameters):
    """How many rows of a ranking."""

    limit: Annotated[int, between(1, 100)] = Field(10, description="Number of results")


class Latest(Parameters):
    """How many recent messages."""

    limit: Annotated[int, between(1, 500)] = Field(20, description="Number of results")


@api.get("/api/stats/dashboard")
@documented("Statistics", answer=DashboardAnswer)
def main_figures() -> ResponseReturnValue:
    """Main figures

    The same as the messages list counts: spam is `status=spam`, failed deliveries are `status=failed`
    (bounced or expired); blocked are bounced, rejected or spam.
    """
    return jsonify(queries.dashboard(db.session()))


@api.get("/api/stats/verdict")
@documented("Statistics", answer=VerdictShape)
def verdict() -> ResponseReturnValue:
    """Whether mail flows, and what else matters, worst first

    The dashboard's first line. While mailcow cannot be read, nothing is called good, and `as_of` is the
    moment of its last answer.
    """
    return jsonify(verdict_answer(db.session(), settings()))


@api.get("/api/stats/timeline")
@documented("Statistics", query=Hours, answer=TimelineAnswer)
def timeline() -> ResponseReturnValue:
    """Messages by the hour, the running hour last"""
    return jsonify(Timeline(queries.timeline(db.session(), given(Hours).hours)))


@api.get("/api/stats/top-spam-triggers")
@documented("Statistics", query=Top, answer=TriggersAnswer)
def top_spam_triggers() -> ResponseReturnValue:
    """Symbols that raised the score of spam most often"""
    return jsonify(Triggers(queries.top_spam_triggers(db.session(), given(Top).limit).rows))


@api.get("/api/stats/top-blocked-ips")
@documented("Statistics", query=Top, answer=BlockedAddressesAnswer)
def top_blocked_ips() -> ResponseReturnValue:
    """Addresses with most warnings and bans"""
    return jsonify(BlockedAddresses(queries.top_blocked_ips(db.session(), given(Top).limit).rows))


@api.get("/api/stats/recent-activity")
@documented("Statistics", query=Latest, answer=ActivityAnswer)
def recent_activity() -> ResponseReturnValue:
    """The newest messages"""
    rows = queries.recent(db.session(), given(Latest).limit)
    return jsonify(Activity([queries.arrival(row) for row in rows]))


def _options(name: str) -> dict[str, str]:
    return (
        {option: request.args[option] for option in ("span", "status") if request.args.get(option)}
        if name == CHART
        else {}
    )


@pages.get("/")
def home() -> ResponseReturnValue:
    """The first page."""
    return redirect(url_for("dashboard_pages.dashboard"))


@pages.get("/dashboard")
def dashboard() -> ResponseReturnValue:
    """All cards; for htmx the chart alone, which is the part that the URL changes."""
    if is_fragment():
        return str(rendered(db.session(), CARDS[CHART], **_options(CHART)))
    cache.expect(queries.kept_in_redis(RANKING))
    return render_template(
        "dashboard/dashboard.html",
        cards={name: rendered(db.session(), card, **_options(name)) for name, card in CARDS.items()},
    )


@pages.get("/dashboard/cards/<name>")
def one(name: str) -> ResponseReturnValue:
    """One card, for its refresh; opened directly, the whole page."""
    if name not in CARDS:
        raise NotFound("There is no such card")
    if not is_fragment():
        return dashboard()
    return str(rendered(db.session(), CARDS[name], **_options(name)))
