"""The application without pages: settings, database, Redis. It is all that reading the logs needs, and loaded
in a third of the time."""

from typing import Any

from flask import Flask

import webapp.tables.schema  # noqa: F401 - every model is known to the application
from webapp import cache, geoip
from webapp.auth.key import secret_key
from webapp.config import Settings, load_settings
from webapp.demo.places import place_of
from webapp.settings.live import Live
from webapp.tables.db import db
from webapp.tables.engine import WEB, Patience, engine_options

COMPRESSED = ["text/html", "text/css", "text/javascript", "application/json", "image/svg+xml", "text/csv"]


def create_core(settings: Settings | None = None, patience: Patience = WEB) -> Flask:
    """The application; raises ConfigurationError where a setting is missing or wrong. `patience` is what its
    database is given."""
    settings = settings or load_settings()
    app = Flask("webapp")
    app.config.update(_configuration(settings, patience))
    app.extensions["settings"] = Live(settings, app.config)
    geoip.make_up(place_of if settings.demo_mode else None)
    db.init_app(app)
    cache.init_app(app)
    return app


def _configuration(settings: Settings, patience: Patience) -> dict[str, Any]:
    return {
        "SETTINGS": settings,
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url
        or "postgresql+psycopg://localhost/mailcow_logs_viewer",
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(patience),
        "SECRET_KEY": secret_key(settings),
        "SESSION_COOKIE_NAME": "mlv_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": settings.session_seconds,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "MAX_CONTENT_LENGTH": 32 * 1024 * 1024,
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
        "COMPRESS_MIMETYPES": COMPRESSED,
        "COMPRESS_LEVEL": 5,
    }
