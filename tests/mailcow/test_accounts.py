"""The list of mailboxes and aliases is kept with its age; what is gone stays and says so."""

import time

import pytest
from sqlalchemy import text

from jobs.run import committed
from tests.replay import KEY
from webapp.mailcow import accounts
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.tables.db import db


@pytest.fixture
def refresh(viewer, replay):
    def run():
        with viewer.app.app_context():
            try:
                steps = accounts.refresh(db.session(), Mailcow(replay.url, KEY, 10), viewer.settings)
                return committed(steps).as_dict()
            finally:
                db.session.rollback()

    return run


def row(viewer, table, **values):
    (key,) = values
    (found,) = viewer.ask(f"SELECT * FROM {table} WHERE {key} = :value", value=values[key])
    return found


def test_the_recorded_lists_are_stored_whole(viewer, refresh):
    assert refresh() == {"mailboxes": 23, "aliases": 11, "deleted": 0}
    anna = row(viewer, "mailboxes", username="anna.schmidt@nordlicht-kontor.example")
    assert (anna["quota"], anna["rl_value"], anna["rl_frame"]) == (3221225472, 300, "h")
    alle = row(viewer, "mailbox_aliases", address="alle@nordlicht-kontor.example")
    assert alle["mailboxes"] == [
        "anna.schmidt@nordlicht-kontor.example",
        "b.jansen@nordlicht-kontor.example",
    ]
    assert viewer.count("mailbox_sizes") == 23
    assert viewer.ask("SELECT data FROM snapshots WHERE name = 'mailboxes'") == [
        {"data": {"total": 23, "active": 22}}
    ]  # so that nobody asks mailcow for the same list to count it


def test_the_light_route_is_asked_first_and_limits_come_from_theirs(viewer, refresh, replay):
    whole = replay.objects["get/mailbox/all"][0]
    reduced = {name: value for name, value in whole.items() if name not in ("rl", "rl_scope")}
    replay.objects["get/mailbox/reduced"] = [reduced]
    replay.objects["get/rl-mbox/all"] = [{"value": "5", "frame": "s", "mailbox": reduced["username"]}]
    refresh()
    assert "get/mailbox/all" not in replay.requests
    (only,) = viewer.ask("SELECT rl_value, rl_frame FROM mailboxes")
    assert only == {"rl_value": 5, "rl_frame": "s"}


def test_reading_again_changes_nothing_but_the_time(viewer, refresh):
    refresh()
    before = viewer.ask("SELECT id, username, quota, deleted_at FROM mailboxes ORDER BY id")
    refresh()
    assert viewer.ask("SELECT id, username, quota, deleted_at FROM mailboxes ORDER BY id") == before
    assert viewer.count("mailbox_sizes") == 23


def test_what_is_deleted_stays_and_may_come_back(viewer, refresh, replay):
    refresh()
    every = replay.objects["get/mailbox/all"]
    gone = every[0]["username"]
    replay.objects["get/mailbox/all"] = every[1:]
    replay.objects["get/alias/all"] = replay.objects["get/alias/all"][1:]
    assert refresh()["deleted"] == 2
    assert row(viewer, "mailboxes", username=gone)["deleted_at"] is not None
    assert row(viewer, "mailboxes", username=gone)["active"] is False
    replay.objects["get/mailbox/all"] = every
    assert refresh()["deleted"] == 0
    assert row(viewer, "mailboxes", username=gone)["deleted_at"] is None
    assert row(viewer, "mailboxes", username=gone)["active"] is True


def test_a_failed_list_keeps_the_last_one_with_its_age_and_the_reason(viewer, refresh, replay):
    refresh()
    replay.fault, replay.broken_route = "500", "get/mailbox"
    with pytest.raises(MailcowError):
        refresh()
    assert viewer.count("mailboxes") == 23
    with viewer.app.app_context():
        read = accounts.last_read(db.session())
    assert read[accounts.MAILBOXES].data == {"count": 23}
    assert "error 500" in read[accounts.MAILBOXES].error
    assert read[accounts.ALIASES].error is None


def test_a_server_without_mailboxes_is_no_error(viewer, refresh, replay):
    for route in ("get/mailbox/all", "get/alias/all", "get/alias-domain/all"):
        replay.objects[route] = {}
    assert refresh() == {"mailboxes": 0, "aliases": 0, "deleted": 0}


def test_an_alias_in_an_alias_domain_is_counted_in_the_domain_it_stands_for(viewer, refresh, replay):
    replay.objects["get/alias/all"] = [
        {"address": "shop@nordlicht.example", "goto": "info@nordlicht-kontor.example", "active": 1}
    ]
    refresh()
    assert row(viewer, "mailbox_aliases", address="shop@nordlicht.example")["counted_as"] == (
        "shop@nordlicht-kontor.example"
    )


def test_five_thousand_mailboxes_and_ten_thousand_aliases_take_seconds(viewer, refresh, replay):
    whole = replay.objects["get/mailbox/all"][0]
    replay.objects["get/mailbox/all"] = [
        {**whole, "username": f"box{number}@big.example", "local_part": f"box{number}"}
        for number in range(5000)
    ]
    replay.objects["get/alias/all"] = [
        {"address": f"alias{number}@big.example", "goto": f"box{number % 5000}@big.example", "active": 1}
        for number in range(10_000)
    ]
    began = time.process_time()
    assert refresh() == {"mailboxes": 5000, "aliases": 10_000, "deleted": 0}
    assert time.process_time() - began < 30
    with viewer.app.app_context():
        found = db.session.scalar(
            text("SELECT count(*) FROM mailbox_aliases WHERE cardinality(mailboxes) = 1")
        )
    assert found == 10_000
