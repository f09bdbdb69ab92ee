"""/api/settings/info and /api/settings/health."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp.settings import queries
from webapp.settings.answers import SettingsHealth, SettingsInfo
from webapp.tables.db import db
from webapp.web.openapi import documented
from webapp.web.page import settings

api = Blueprint("settings_api", __name__)


@api.get("/api/settings/info")
@documented("Settings", answer=SettingsInfo)
def info() -> ResponseReturnValue:
    """Configuration, imports, correlation and background jobs"""
    return jsonify(queries.information(db.session(), settings()))


@api.get("/api/settings/health")
@documented("Settings", answer=SettingsHealth, codes=(503,))
def health() -> ResponseReturnValue:
    """Whether the parts answer, and how fast

    `degraded`: Redis does not answer, or no worker does.
    """
    return jsonify(queries.health(db.session()))
