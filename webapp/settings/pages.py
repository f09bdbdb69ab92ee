"""The settings page: the whole configuration as it is in force, and whether the parts answer."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.settings import queries
from webapp.settings.catalogue import catalogue
from webapp.tables.db import db
from webapp.web.page import page, settings

pages = Blueprint("settings_pages", __name__)


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
        maxmind=queries.maxmind(settings().geoip_db_dir),
    )


@pages.get("/settings/health")
def health() -> ResponseReturnValue:
    """Whether the parts answer, and how fast; opened directly, the whole page."""
    if not request.headers.get("HX-Request"):
        return overview()
    return page(
        "settings/_health.html",
        "settings/_health.html",
        health=queries.health(db.session()),
        maxmind=queries.maxmind(settings().geoip_db_dir),
    )
