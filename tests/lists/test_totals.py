"""Totals: exact up to a bound, beyond it an estimate that is kept for a minute."""

import pytest

from webapp import cache
from webapp.lists.remembered import total_key
from webapp.messages.filter import MessageFilter
from webapp.messages.lists import MESSAGES
from webapp.tables.db import db

INBOUND = {"direction": "inbound", "limit": 5}


@pytest.fixture
def session(recorded_viewer):
    with recorded_viewer.app.app_context():
        yield db.session()


def kept(chosen, most):
    return cache.fetch(total_key("messages", chosen.conditions(), most), int)


def test_a_total_that_is_not_counted_is_kept_for_all_pages_of_a_list(session):
    first = MESSAGES.search(session, MessageFilter(**INBOUND), 20)
    assert first.total_is_estimate
    assert first.total == kept(MessageFilter(**INBOUND), 20) > 20
    cache.put(total_key("messages", MessageFilter(**INBOUND).conditions(), 20), 77, 60)
    second = MESSAGES.search(session, MessageFilter(**INBOUND, page=2), 20)
    assert (second.total, second.total_is_estimate) == (77, True)
    other = MESSAGES.search(session, MessageFilter(direction="outbound", limit=5), 20)
    assert other.total != 77


def test_what_is_counted_is_counted_each_time(session):
    chosen = MessageFilter(**INBOUND)
    found = MESSAGES.search(session, chosen, 10_000)
    every = MESSAGES.search(session, MessageFilter(direction="inbound", limit=500), 10_000)
    assert (found.total, found.total_is_estimate) == (len(every.rows), False)
    assert kept(chosen, 10_000) is None


@pytest.mark.parametrize("path", ["messages", "logs/rspamd", "logs/netfilter"])
@pytest.mark.parametrize("term", ["a", "example", "re", "warning"])
def test_however_common_a_term_is_its_rows_are_counted(recorded_viewer, path, term):
    client = recorded_viewer.app.test_client()
    few, many = (
        client.get(f"/api/{path}", query_string={"search": term, "limit": limit}).get_json()
        for limit in (1, 500)
    )
    assert few["total"] == many["total"] == len(many["data"])
