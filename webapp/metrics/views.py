"""/metrics for Prometheus; the route exists only with METRICS_ENABLED, and is public then."""

from flask import Blueprint, Flask, Response
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from webapp.config import Settings
from webapp.metrics.figures import exposition
from webapp.metrics.requests import observe
from webapp.tables.db import db
from webapp.web.page import settings

pages = Blueprint("metrics", __name__)


@pages.get("/metrics")
def scrape() -> Response:
    """All figures in Prometheus' text format."""
    return Response(exposition(db.session(), settings()), content_type=CONTENT_TYPE_PLAIN_1_0_0)


def register(app: Flask, chosen: Settings) -> None:
    """Serve and measure, where it is wished."""
    if chosen.metrics_enabled:
        app.register_blueprint(pages)
        observe(app)
