"""What a worker does beside running jobs: a sync of the mailbox that was stopped goes on."""

from types import SimpleNamespace

import pytest
from rq import Queue

import jobs.run
from jobs import worker
from webapp.jobqueue import ASKED
from webapp.reports.imap import syncs
from webapp.reports.imap.queries import JOB
from webapp.tables.db import db


@pytest.fixture
def queue(redis_client):
    return Queue("default", connection=redis_client)


@pytest.mark.parametrize("was_stopped", [True, False])
def test_a_worker_that_starts_asks_for_the_sync_that_was_stopped(app, settings, queue, was_stopped):
    with app.app_context():
        number = syncs.begin(db.session.connection(), settings, syncs.Kind.AUTO)
        if not was_stopped:
            syncs.end(db.session.connection(), number)
        db.session.commit()
        worker.go_on_with_mailbox(settings)
    assert (ASKED + JOB in queue.job_ids) == was_stopped


@pytest.mark.parametrize("name", ["dmarc_imap_sync", "dns_check"])
def test_only_a_sync_whose_process_was_killed_is_asked_for_anew(app, queue, monkeypatch, redis_client, name):
    monkeypatch.setattr(worker, "application", lambda: app)
    monkeypatch.setattr(jobs.run, "application", lambda: app)
    killed = SimpleNamespace(id="1", func_name=f"jobs.tasks.{name}")
    worker.ForkedWorker([queue], connection=redis_client).handle_work_horse_killed(killed, 1, 9, None)
    assert (ASKED + JOB in queue.job_ids) == (name == JOB)


def test_a_worker_starts_without_its_database(make_app, make_settings, queue, caplog):
    config = make_settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    with make_app(database_url="postgresql://nobody@127.0.0.1:1/none").app_context():
        worker.go_on_with_mailbox(config)
    assert "was stopped is not known" in caplog.text
    assert queue.job_ids == []
