"""Trouble and the rules that find it: /api/alerts and the page Alerts."""

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from webapp.alerts import queries
from webapp.alerts.answers import EventPage, Rules
from webapp.alerts.filter import EventFilter
from webapp.alerts.lists import EVENTS
from webapp.lists.page import json_answer, list_page
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import settings

TAG = "Alerts"
api = Blueprint("alerts_api", __name__)
pages = Blueprint("alerts_pages", __name__)


@api.get("/api/alerts")
@documented(TAG, query=EventFilter, answer=EventPage)
def events() -> ResponseReturnValue:
    """Trouble from its beginning to its end, open events first

    `text` and `numbers` are those of the last look at it; `begin_told_at`, `reminded_at` and `end_told_at`
    say when a notice told of it.
    """
    return json_answer(EVENTS)


@api.get("/api/alerts/rules")
@documented(TAG, answer=Rules)
def rules() -> ResponseReturnValue:
    """All rules with their thresholds, how they stand, and when they were told last"""
    return jsonify(queries.rules(db.session(), settings()))


@pages.get("/alerts")
def event_list() -> ResponseReturnValue:
    """The events with their filter."""
    return list_page(EVENTS)


@pages.get("/alerts/rules")
def rule_list() -> ResponseReturnValue:
    """Every rule with its threshold and how it stands."""
    return render_template("alerts/rules.html", found=queries.rules(db.session(), settings()))
