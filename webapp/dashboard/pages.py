"""The dashboard page and its cards."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.dashboard.cards import CARDS, card
from webapp.errors import NotFound
from webapp.tables.db import db
from webapp.web.page import is_fragment

pages = Blueprint("dashboard_pages", __name__)
CHART = "timeline"


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
        return str(card(db.session(), CHART, **_options(CHART)))
    return render_template(
        "dashboard/dashboard.html", cards={name: card(db.session(), name, **_options(name)) for name in CARDS}
    )


@pages.get("/dashboard/cards/<name>")
def one(name: str) -> ResponseReturnValue:
    """One card, for its refresh; opened directly, the whole page."""
    if name not in CARDS:
        raise NotFound("There is no such card")
    if not is_fragment():
        return dashboard()
    return str(card(db.session(), name, **_options(name)))
