"""A page of a list costs at most three statements, however many rows it shows."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.fixtures import Viewer
from webapp import cache
from webapp.lists import remembered
from webapp.tables.db import db
from webapp.tables.schema import PARTITIONED

MOST = 3
LISTS = [
    "/messages",
    "/messages?search=nordlicht",
    "/messages?threads=flat&page=2&limit=10",
    "/api/messages?threads=folded&search=example&limit=20",
    "/messages?status=bounced&direction=outbound&page=2&limit=10",
    "/messages?recipient=example&page=3",
    "/api/messages",
    "/api/messages?search=example&limit=500",
    "/api/messages?search=no-such-thing",
    "/api/messages?limit=1&page=200",
    "/messages/by/senders",
    "/messages/by/recipients?search=example&sort=-last_seen&page=2&limit=10",
    "/messages/by/reasons?status=failed",
    "/api/messages/groups?by=hours&direction=outbound",
    "/logs/postfix",
    "/logs/rspamd",
    "/logs/dovecot",
    "/security",
    "/domains",
    "/api/domains/all",
    "/blocklists",
    "/api/blacklist/monitored",
    "/api/logs/postfix",
    "/api/logs/postfix?search=example",
    "/api/logs/postfix?search=no-such-thing",
    "/api/logs/rspamd",
    "/api/logs/dovecot",
    "/api/logs/netfilter",
    "/api/logs/connections",
    "/api/logs/sign-ins",
    "/security/sign-ins",
    "/security/connections",
    "/api/mailbox-stats/all",
    "/alerts/channels",
    "/api/alerts/notices",
    "/api/alerts",
    "/alerts?state=open&rule=dns&search=example",
    "/alerts/rules",
]


@contextmanager
def counted(viewer: Viewer) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        statements.append(statement)

    with viewer.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def client(recorded_viewer: Viewer):
    """A client of a viewer that has answered before, so that what is read once a minute is known."""
    made = recorded_viewer.app.test_client()
    made.get("/messages")
    return made


@pytest.mark.parametrize("path", LISTS)
def test_a_page_of_a_list_costs_at_most_three_statements(recorded_viewer: Viewer, client, path: str) -> None:
    if client.get(path).status_code == 404:
        pytest.skip("there is no such page yet")
    with recorded_viewer.app.app_context():
        cache.clear_stats_cache()
        cache.cached("gaps", 60, list, list)  # the banner's look at the gaps, shared by all pages
        for table in PARTITIONED:
            remembered.extent_of(db.session.connection(), table)  # so are the days
    if "search=" in path:
        client.get(path.partition("?")[0] + "?search=something-else")  # and the sample of what is searched
    with counted(recorded_viewer) as statements:
        assert client.get(path).status_code == 200
    assert len(statements) <= MOST, statements


def test_the_number_of_rows_does_not_change_the_number_of_statements(recorded_viewer: Viewer, client) -> None:
    with counted(recorded_viewer) as few:
        client.get("/api/messages?limit=5")
    with counted(recorded_viewer) as many:
        client.get("/api/messages?limit=300")
    assert len(many) == len(few)


def test_the_statements_of_a_fragment_are_counted_too(recorded_viewer: Viewer, client) -> None:
    with counted(recorded_viewer) as statements:
        client.get("/messages", headers={"HX-Request": "true"})
    assert 0 < len(statements) <= MOST, statements
