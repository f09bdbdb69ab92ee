"""A viewer whose addresses have been looked up."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures import Viewer, make_viewer, replay, viewer  # noqa: F401
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.lookup import Listing
from webapp.dnscheck.blocklist.save import Bounces, save
from webapp.dnscheck.blocklist.verdict import State, Verdict
from webapp.dnscheck.sources import Origin, Source
from webapp.tables.db import db, now

SERVER = Source(address="192.0.2.1", origin=Origin.SERVER)
RELAY = Source(address="192.0.2.9", origin=Origin.RELAYHOST, name="[relay.example]:587")
States = dict[tuple[str, str], State]


def look(viewer: Viewer, states: States, hours_ago: float = 0) -> None:  # noqa: F811
    """Stores a look: the states by address and name of the list; all other lists are clean."""
    listings = [
        Listing(
            address=source.address,
            blocklist=one,
            verdict=_verdict(states.get((source.address, one.name), State.CLEAN)),
            reason="see <b>there</b>" if (source.address, one.name) in states else "",
        )
        for source in (SERVER, RELAY)
        for one in LISTS
        if 4 in one.families
    ]
    at = now() - timedelta(hours=hours_ago)
    bounces = {"zen.spamhaus.org": Bounces(count=3, last=at)}
    with viewer.app.app_context():
        save(db.session.connection(), (SERVER, RELAY), listings, bounces, at)
        db.session.commit()


def _verdict(state: State) -> Verdict:
    why = {State.LISTED: "XBL: hacked", State.REFUSED: "not checked, ask through your own resolver"}
    codes = ("127.0.0.4",) if state is State.LISTED else ()
    return Verdict(state=state, codes=codes, why=why.get(state, ""))


@pytest.fixture
def client(viewer: Viewer) -> FlaskClient:  # noqa: F811
    return viewer.app.test_client()


def host(client: FlaskClient, address: str = SERVER.address) -> dict[str, Any]:
    """What the API says of one address."""
    found = client.get("/api/blacklist/monitored").json
    assert found is not None
    return next(one for one in found["hosts"] if one["hostname"] == address)
