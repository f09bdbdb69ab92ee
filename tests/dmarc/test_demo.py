"""The demo's own mail brings reports, once."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.reports.imapbox import fields, sync
from webapp.demo import cast, postbox
from webapp.demo.mailbox import DAYS, ORDINARY, Mailbox
from webapp.demo.places import PLACES, place_of
from webapp.demo.server import serve
from webapp.demo.state import State
from webapp.geoip import locate, make_up
from webapp.reports import demo
from webapp.tables.db import db


@pytest.fixture
def demo_url() -> Iterator[str]:
    """A simulated mailcow."""
    server = serve(0, "key", "", State(history=0.01))
    yield server.url
    server.close()


def test_the_demos_mail_brings_reports_once(
    visitor: FlaskClient, make_app: Any, demo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postbox, "DAYS", 10)
    app = make_app(demo_mode=True, mailcow_url=demo_url, mailcow_api_key="key")
    try:
        with app.app_context():
            taken = demo.take(db.session(), app.config["SETTINGS"])
            db.session.commit()
            assert taken["reports"] > 130
            assert demo.take(db.session(), app.config["SETTINGS"]) == {}
        body = app.test_client().get("/api/dmarc/domains").json
        assert {domain["domain"] for domain in body["domains"]} == set(cast.LOCAL_DOMAINS)
        sources = app.test_client().get(f"/api/dmarc/domains/{cast.BOOKS}/sources").json["sources"]
        assert {"authorised sender", "forwarder", "unknown or threat"} <= {one["class"] for one in sources}
        assert len({one["country_code"] for one in sources}) > 4
        advice = app.test_client().get(f"/api/dmarc/domains/{cast.BOOKS}/overview").json["advice"]
        assert {"forwarder", "unknown"} <= {one["topic"] for one in advice}
    finally:
        make_up(None)


def test_outside_a_demo_nothing_is_asked(visitor: FlaskClient, app: Any) -> None:
    with app.app_context():
        assert demo.take(db.session(), app.config["SETTINGS"]) == {}


def test_the_same_day_brings_the_same_reports() -> None:
    assert len(postbox.mails(date(2026, 1, 31))) == len(postbox.mails(date(2026, 1, 31)))


def test_simulated_addresses_have_places_only_in_a_demo() -> None:
    assert locate("203.0.113.7").country is None
    make_up(place_of)
    assert locate("203.0.113.7").country in {place[0] for place in PLACES}
    assert locate("8.8.8.8").country == "US"
    make_up(None)
    assert locate("203.0.113.7").country is None


def test_the_demos_mailbox_has_reports_other_mail_and_a_broken_one(make_app: Any) -> None:
    with Mailbox(0, "secret") as mailbox:
        app = make_app(**fields(mailbox), demo_mode=True)
        with app.app_context():
            figures = sync(app.config["SETTINGS"]).figures
            again = sync(app.config["SETTINGS"]).figures
    assert figures["reports_created"] == 3 * (DAYS - 2)
    assert figures["seen"] == figures["reports_created"] + len(ORDINARY) + 1
    assert (again["seen"], again["reports_created"]) == (1, 0)
