"""create_app: the core, extensions, the guard over every route, the error table, security headers, the
blueprints."""

import logging

from flask import Flask, Response, current_app, g, request
from flask_compress import Compress

from webapp import cache
from webapp.access.views import pages as access_pages
from webapp.alerts.views import api as alerts_api
from webapp.alerts.views import pages as alerts_pages
from webapp.auth import guard
from webapp.auth.views import pages as auth_pages
from webapp.blocklists.views import api as blocklists_api
from webapp.blocklists.views import pages as blocklists_pages
from webapp.config import Settings
from webapp.core import create_core
from webapp.dashboard.views import api as dashboard_api
from webapp.dashboard.views import pages as dashboard_pages
from webapp.dmarc.views import api as dmarc_api
from webapp.dmarc.views import pages as dmarc_pages
from webapp.domains.views import api as domains_api
from webapp.domains.views import pages as domains_pages
from webapp.export.views import api as export_api
from webapp.logs.views import api as logs_api
from webapp.logs.views import pages as logs_pages
from webapp.mailboxes.views import api as mailboxes_api
from webapp.mailboxes.views import pages as mailboxes_pages
from webapp.mailqueue.views import api as mailqueue_api
from webapp.mailqueue.views import pages as mailqueue_pages
from webapp.messages.views import api as messages_api
from webapp.messages.views import pages as messages_pages
from webapp.metrics.views import register as register_metrics
from webapp.notices.views import api as notices_api
from webapp.notices.views import pages as notices_pages
from webapp.quarantine.views import api as quarantine_api
from webapp.quarantine.views import pages as quarantine_pages
from webapp.saved.views import pages as saved_pages
from webapp.search.views import api as search_api
from webapp.search.views import pages as search_pages
from webapp.security.views import api as security_api
from webapp.security.views import pages as security_pages
from webapp.settings.views import api as settings_api
from webapp.settings.views import pages as settings_pages
from webapp.status.banners import READ, Frame
from webapp.status.views import api as status_api
from webapp.status.views import pages as status_pages
from webapp.tables.db import db
from webapp.tables.engine import WEB, Patience
from webapp.web import badges, cells, controls, errors, filters, openapi, outage, period
from webapp.web import page as web
from webapp.web.squeezed import squeeze
from webapp.weekly.views import api as weekly_api
from webapp.weekly.views import pages as weekly_pages

BLUEPRINTS = (
    saved_pages,
    search_pages,
    search_api,
    auth_pages,
    access_pages,
    messages_pages,
    messages_api,
    logs_pages,
    logs_api,
    security_pages,
    security_api,
    mailboxes_api,
    mailboxes_pages,
    mailqueue_pages,
    mailqueue_api,
    quarantine_pages,
    quarantine_api,
    domains_pages,
    domains_api,
    blocklists_pages,
    blocklists_api,
    dmarc_api,
    dmarc_pages,
    alerts_api,
    alerts_pages,
    notices_api,
    notices_pages,
    weekly_api,
    weekly_pages,
    export_api,
    dashboard_api,
    dashboard_pages,
    status_api,
    status_pages,
    settings_api,
    settings_pages,
    openapi.api,
)
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
UNCHANGED = ("static", "status_api.health")
OPEN_TO_ALL = (
    "Anyone who reaches this port can read all mail logs and act on them: "
    "set AUTH_ENABLED=true and AUTH_PASSWORD, or APP_HOST=127.0.0.1"
)
log = logging.getLogger(__name__)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(settings: Settings | None = None, patience: Patience = WEB) -> Flask:
    """The application; raises ConfigurationError where a setting is missing or wrong. `patience` is what its
    database is given."""
    app = create_core(settings, patience)
    settings = app.extensions["settings"].base
    app.before_request(_expect)
    app.before_request(_notice_changes)
    app.teardown_request(lambda _: cache.expect_nothing())
    outage.init_app(app)
    app.after_request(_end_reading)
    web.init_app(app)
    filters.register(app, settings)
    badges.register(app)
    cells.register(app, settings)
    errors.register(app)
    guard.init_app(app)
    controls.init_app(app)
    period.init_app(app)
    app.context_processor(lambda: {"ui": _frame()})
    Compress(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    register_metrics(app, settings)
    if settings.is_open_to_all:
        log.warning("%s", OPEN_TO_ALL)
    app.after_request(_secure)
    app.after_request(squeeze)
    return app


def _expect() -> None:
    """Have what every page tells of the state of things read along with what it reads itself."""
    is_page = request.method == "GET" and not request.path.startswith(("/api/", "/static/"))
    if is_page and not web.is_fragment():
        cache.expect(READ)


def _notice_changes() -> None:
    """Take over settings that were changed in the browser; files need none, health is asked too often."""
    if request.endpoint not in UNCHANGED:
        current_app.extensions["settings"].look(db.engine)


def _frame() -> Frame:
    """The frame of this request's page: a page of many cards is rendered from as many templates."""
    if "frame" not in g:
        g.frame = Frame(web.settings(), request.path, web.visitor())
    frame: Frame = g.frame
    return frame


def _end_reading(response: Response) -> Response:
    """End what a page has read by COMMIT: at a ROLLBACK psycopg forgets its prepared statements, and planning
    costs more than reading."""
    if request.method == "GET" and response.status_code < 400:
        db.session.commit()
    return response


def _secure(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
        response.vary.update(("HX-Request", "Cookie"))
    return response
