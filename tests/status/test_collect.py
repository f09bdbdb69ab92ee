"""mailcow's state is taken route by route; one that fails costs the others nothing."""

import pytest

from jobs.tasks import collect_status
from tests.replay import KEY, Replay
from webapp.mailcow import snapshots
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.mailcow.server import Bans, Container, server_state
from webapp.status import collect
from webapp.tables.db import db

OBJECTS = {
    "get/mailq/all": [],
    "get/quarantine/all": [{"id": 1}],
    "get/status/containers": {
        "postfix-mailcow": {
            "state": "running",
            "started_at": "2026-11-20T08:00:00.123456789Z",
            "image": "postfix:1",
        },
        "clamd-mailcow": {"state": "exited", "started_at": "0001-01-01T00:00:00Z"},
    },
    "get/status/vmail": {"disk": "/dev/sda1", "used": "45G", "total": "100G", "used_percent": "45%"},
    "get/status/version": {"version": "2026-07a"},
    "get/mailbox/reduced": [{"active": 1}, {"active": "0"}],
    "get/alias/all": {},
    "get/domain/all": [{"active": 2}],
    "get/fail2ban": {"active_bans": [{"network": "192.0.2.1/32"}], "perm_bans": ["192.0.2.2/32"]},
}


@pytest.fixture
def server():
    running = Replay(objects=OBJECTS)
    yield running
    running.close()


def take(app, server, timeout=10):
    with app.app_context():
        for _ in collect.take(db.session(), Mailcow(server.url, KEY, timeout)):
            db.session.commit()


def kept(app, *names):
    with app.app_context():
        return snapshots.load(db.session(), *names)


def test_every_route_becomes_a_snapshot(app, server):
    take(app, server)
    found = kept(app, *collect.ROUTES)
    assert {name: one.error for name, one in found.items()} == dict.fromkeys(collect.ROUTES)
    assert found["containers"].data["postfix-mailcow"] == {
        "name": "postfix",
        "state": "running",
        "started_at": "2026-11-20T08:00:00Z",
        "image": "postfix:1",
    }
    assert found["storage"].data["used_percent"] == "45%"
    assert found["mailboxes"].data == {"total": 2, "active": 1}
    assert found["aliases"].data == {"total": 0, "active": 0}
    assert found["domains"].data == {"total": 1, "active": 1}
    with app.app_context():
        assert server_state(db.session()).bans.data == Bans(active=1, permanent=1)


def test_the_live_lists_are_taken_first_so_that_nobody_waits_for_the_others(app, server):
    take(app, server)
    assert server.requests[:3] == ["get/mailq/all", "get/quarantine/all", "get/fail2ban"]
    assert {name: one.data for name, one in kept(app, "queue", "quarantine").items()} == {
        "queue": [],
        "quarantine": [{"id": 1}],
    }


def test_a_container_that_never_started_has_no_start(app, server):
    take(app, server)
    assert kept(app, "containers")["containers"].data["clamd-mailcow"]["started_at"] is None


@pytest.mark.parametrize("fault", ["500", "html", "empty"])
def test_a_failing_route_is_told_and_the_others_are_taken(app, server, fault):
    server.fault, server.broken_route = fault, "status/containers"
    with pytest.raises(MailcowError, match=r"^containers: "):
        take(app, server)
    found = kept(app, *collect.ROUTES)
    assert found["containers"].error
    assert all(one.taken_at for name, one in found.items() if name != "containers")


def test_the_last_good_answer_stays_beside_the_failure(app, server):
    with app.app_context():
        snapshots.keep(
            db.session.connection(),
            "containers",
            {"old-mailcow": Container("old", None, "running", None)},
        )
        db.session.execute(db.text("UPDATE snapshots SET taken_at = now() - interval '10 minutes'"))
        db.session.commit()
    server.fault, server.broken_route = "500", "status/containers"
    with pytest.raises(MailcowError):
        take(app, server)
    answer = app.test_client().get("/api/status/containers").json
    assert list(answer["containers"]) == ["old-mailcow"]
    assert answer["age_seconds"] >= 600
    assert "error 500" in answer["error"]


def test_a_hanging_route_costs_only_its_own_time(app, server):
    server.fault, server.broken_route = "hang", "status/vmail"
    with pytest.raises(MailcowError, match="did not answer within"):
        take(app, server, timeout=0.2)
    assert kept(app, "version")["version"].data == {"version": "2026-07a"}


def test_young_answers_are_not_asked_for_again_but_the_live_lists_are(app, server):
    take(app, server)
    asked = len(server.requests)
    take(app, server)
    assert server.requests[asked:] == ["get/mailq/all", "get/quarantine/all", "get/fail2ban"]


def test_mailboxes_are_asked_only_where_nobody_has_counted_them_for_hours(app, server):
    take(app, server)
    for minutes, times in ((61, 1), (121, 2)):
        with app.app_context():
            db.session.execute(
                db.text(f"UPDATE snapshots SET taken_at = now() - interval '{minutes} minutes'")
            )
            db.session.commit()
        take(app, server)
        assert sum("mailbox/reduced" in route for route in server.requests) == times


def test_a_failed_route_is_asked_again_but_not_at_once(app, server):
    server.fault, server.broken_route = "500", "mailbox"
    for minutes, times in ((0, 1), (15, 1), (21, 2)):
        with app.app_context():
            db.session.execute(
                db.text(
                    f"UPDATE snapshots SET failed_at = now() - interval '{minutes} minutes' WHERE name = "
                    f"'mailboxes'"
                )
            )
            db.session.commit()
        if times > sum("mailbox/reduced" in route for route in server.requests):
            with pytest.raises(MailcowError):
                take(app, server)
        else:
            take(app, server)
        assert sum("mailbox/reduced" in route for route in server.requests) == times


def test_once_mailcow_hangs_the_rest_of_the_run_is_hasty(app, server, monkeypatch):
    monkeypatch.setattr(collect, "HURRY", 0.1)
    server.fault = "hang"
    with pytest.raises(MailcowError) as told:
        take(app, server, timeout=0.5)
    assert str(told.value).startswith("queue: mailcow did not answer within 0.5 s")
    assert str(told.value).count("within 0.1 s") == len(collect.ROUTES)


def test_a_live_list_that_cannot_be_taken_is_named_and_costs_nothing(app, server):
    server.fault, server.broken_route = "500", "mailq"
    with pytest.raises(MailcowError, match=r"^queue: mailcow[^;]*$"):
        take(app, server)
    found = kept(app, "queue", "quarantine", "version")
    assert found["queue"].error
    assert found["quarantine"].taken_at
    assert found["version"].taken_at


def test_the_job_takes_the_simulated_mailcow(site):
    assert collect_status() == "success"
    answer = site.test_client().get("/api/status/summary").json
    assert (answer["containers"]["running"], answer["containers"]["total"]) == (17, 18)
    assert answer["storage"]["used_percent"] == "39%"
    assert all(answer["system"].values())


def test_the_job_fails_with_its_reason_while_mailcow_is_broken(site, mailcow):
    mailcow.break_down("500")
    assert collect_status().startswith("failed: ")
    assert "error 500" in site.test_client().get("/api/status/storage").json["error"]


def test_what_fails_for_one_reason_is_told_once():
    told = {"queue": "refused", "version": "too long", "bans": "refused"}
    assert collect.told_once(told) == "queue, bans: refused; version: too long"
