"""The dashboard page and its cards."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.dashboard.cards import CARDS, card
from webapp.db import db
from webapp.errors import NotFound

pages = Blueprint("dashboard_pages", __name__)


def _options(name: str) -> dict[str, str]:
    span = request.args.get("span")
    return {"span": span} if name == "timeline" and span else {}


@pages.get("/dashboard")
def home() -> ResponseReturnValue:
    """All cards."""
    return render_template("dashboard/dashboard.html", cards={name: card(db.session(), name, **_options(name)) for name in CARDS})


@pages.get("/dashboard/cards/<name>")
def one(name: str) -> ResponseReturnValue:
    """One card, for its refresh; opened directly, the whole page."""
    if name not in CARDS:
        raise NotFound("There is no such card")
    if request.headers.get("HX-Request") != "true":
        return home()
    return str(card(db.session(), name, **_options(name)))
