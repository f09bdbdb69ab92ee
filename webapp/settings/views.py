"""/api/settings/info, /api/settings/health, and the page with the whole configuration as it is in force."""

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from webapp.settings import queries
from webapp.settings.answers import HealthAnswer, InformationAnswer
from webapp.settings.catalogue import catalogue
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import is_fragment, page, settings

api = Blueprint("settings_api", __name__)
pages = Blueprint("settings_pages", __name__)


@api.get("/api/settings/info")
@documented("Settings", answer=InformationAnswer)
def info() -> ResponseReturnValue:
    """Configuration, imports, correlation and background jobs"""
    return jsonify(queries.information(db.session(), settings()))


@api.get("/api/settings/health")
@documented("Settings", answer=HealthAnswer, codes=(503,))
def health() -> ResponseReturnValue:
    """Whether the parts answer, and how fast

    `degraded`: Redis does not answer, or no worker does.
    """
    return jsonify(queries.health(db.session()))


@pages.get("/settings")
def overview() -> ResponseReturnValue:
    """Every setting, or only those that differ from their defaults."""
    sections = catalogue(settings())
    changed = request.args.get("only") == "changed"
    shown = [(name, [one for one in found if one.is_changed or not changed]) for name, found in sections]
    return render_template(
        "settings/settings.html",
        sections=[part for part in shown if part[1]],
        only_changed=changed,
        total=sum(len(found) for _, found in sections),
        changes=sum(one.is_changed for _, found in sections for one in found),
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_folder),
    )


@pages.get("/settings/health")
def health_part() -> ResponseReturnValue:
    """Whether the parts answer, and how fast; opened directly, the whole page."""
    if not is_fragment():
        return overview()
    return page(
        "settings/_health.html",
        "settings/_health.html",
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_folder),
    )
