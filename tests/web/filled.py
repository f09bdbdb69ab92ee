"""The recorded mail with something in every other room: lists of mailcow, alerts, reports, checks of domains,
blocklists, gaps, and a pinned search."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import conftest
from tests.blocklists.conftest import RELAY, SERVER, look
from tests.dmarc.conftest import metadata
from tests.fixtures import Viewer
from tests.replay import KEY, Replay
from tests.reports.samples import POLICY, as_json, record, tls, xml
from tests.reports.test_failure import ARF
from tests.samples import recorded
from webapp import cache
from webapp.dnscheck import inventory
from webapp.dnscheck.blocklist.verdict import State
from webapp.domains.detail import NOT_CHECKED
from webapp.mailcow import snapshots
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.reports.refusal import Limits
from webapp.reports.save import save_file
from webapp.status.collect import take
from webapp.tables.db import db

DOMAIN = "nordlicht-kontor.example"
BANS = {
    "active_bans": [
        {"network": "203.0.113.9/32", "banned_until": "0h 30m 0s", "queued_for_unban": 0},
        {"network": "203.0.113.10/32", "banned_until": "0h 40m 0s", "queued_for_unban": 1},
    ],
    "perm_bans": [{"network": "198.51.100.0/24"}],
}
MORE = {
    "get/fail2ban": BANS,
    "get/transport/all": [],
    "get/relayhost/all": [],
    "get/status/host/ip": {"ipv4": SERVER.address},
    **{f"get/dkim/{name}": {} for name in ("hafenlager.example", "nordlicht.example")},
}
ROWS = (
    "INSERT INTO log_gaps (source, start, \"end\", detected_at) SELECT 'postfix', now() - n * interval '3 "
    "hours', now() - n * interval '170 minutes', now() FROM generate_series(1, 3) AS n",
    "INSERT INTO set_aside_rows (source, digest, seen_at, reason, row) SELECT 'rspamd', n, now(), 'odd', "
    "'{}' FROM generate_series(1, 2) AS n",
    "INSERT INTO alert_events (rule, subject, aspect, severity, began_at, confirmed_at, last_seen, ended_at, "
    "text, numbers, link) SELECT rule, 'subject ' || n, '', 'warning', now() - n * interval '1 hour', "
    "now(), now(), CASE WHEN n > 8 THEN now() END, 'told', '{}', '/status' "
    "FROM unnest(ARRAY['dns', 'queue_length']) AS rule, generate_series(1, 10) AS n",
    "INSERT INTO netfilter_logs SELECT (jsonb_populate_record(n, jsonb_build_object('ordinal', 99, 'action', "
    "'banned'))).* FROM netfilter_logs AS n WHERE action = 'warning' AND ip IS NOT NULL "
    "ORDER BY time DESC LIMIT 2",
    "INSERT INTO domain_dns_checks (domain_name, checked_at, is_full_check, grades) "
    "VALUES (:domain, now(), true, CAST(:grades AS jsonb))",
)
GRADES = {"mta_sts": {**NOT_CHECKED, "status": "error", "message": "The policy cannot be read"}}


def _midnight(days_ago: int) -> datetime:
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def reports() -> Iterator[bytes]:
    """Reports of two days of the last month, of an earlier one, and of one to come (a wrong clock)."""
    policy = POLICY.replace("example.com", DOMAIN)
    for days_ago in (1, 3, 45, -20):
        for name in ("Receiver Inc.", "Other Ltd."):
            sent = [record(ip) for ip in ("192.0.2.1", f"192.0.2.{max(days_ago, 0) + 2}")]
            body = xml(
                *sent, record(spf="fail", dkim="fail"), metadata=metadata(days_ago, name), policy=policy
            )
            yield body.replace("example.com", DOMAIN).encode()
        span = {f"{end}-datetime": f"{_midnight(days_ago):%Y-%m-%dT}{clock}Z" for end, clock in
                (("start", "00:00:00"), ("end", "23:59:59"))}  # fmt: skip
        told = as_json(tls(**{"date-range": span, "report-id": f"tls-{days_ago}"}))
        yield told.replace(b"example.com", DOMAIN.encode())
    arrived = f"{_midnight(1):%a, %d %b %Y} 02:09:00 +0000".encode()
    yield ARF.replace(b"Tue, 25 Nov 2025 02:09:00 +0100", arrived).replace(b"example.com", DOMAIN.encode())


def _fill(viewer: Viewer) -> None:
    with viewer.app.app_context():
        cache.clear_stats_cache()
        client = Mailcow(viewer.replay.url, KEY, 10)
        try:
            for _ in take(db.session(), client):
                db.session.commit()
        except MailcowError:
            db.session.rollback()  # what the recorded server was not asked for
        known = inventory.read(lambda: Mailcow(viewer.replay.url, KEY, 10), "UTC")
        snapshots.keep(db.session.connection(), inventory.SNAPSHOT, known.stored())
        for body in reports():
            save_file(db.session.connection(), body, "report", Limits(), failures=True)
        db.session.commit()
    for statement in ROWS:
        viewer.do(statement, **({"domain": DOMAIN, "grades": json.dumps(GRADES)} if ":" in statement else {}))
    look(viewer, {(SERVER.address, "Spamhaus ZEN"): State.LISTED, (RELAY.address, "SpamCop"): State.LISTED})


def _pin(client: FlaskClient) -> None:
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/saved").text)
    assert token
    given = {"csrf_token": token[1], "name": "Bounces", "query": "status=bounced"}
    client.post("/saved", data=given)
    number = re.search(r'action="/saved/(\d+)"', client.get("/saved").text)
    assert number
    client.post(f"/saved/{number[1]}", data={"csrf_token": token[1], "name": "Bounces", "do": "pin"})


@pytest.fixture(scope="module")
def filled(
    recorded_viewer: Viewer, postgres: Any, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    """A viewer of a copy of the recorded set in which every room holds something; only for reading."""
    with recorded_viewer.app.app_context():
        db.session.remove()
        db.engine.dispose()
    places = {
        "database_url": conftest._copy_of_template(postgres, "filled", "recorded"),
        "redis_url": redis_url.replace("db=0", "db=3"),
        "data_dir": tmp_path_factory.mktemp("filled"),
    }
    mailcow = Replay(objects=MORE | recorded.objects())
    settings = recorded_viewer.settings.model_copy(update={**places, "mailcow_url": mailcow.url})
    app = conftest._application(settings)
    viewer = Viewer(app, mailcow)
    _fill(viewer)
    yield viewer
    conftest._dispose(app)
    mailcow.close()


@pytest.fixture(scope="module")
def browser(filled: Viewer) -> FlaskClient:
    """A client of that viewer with a pinned search."""
    client = filled.app.test_client()
    _pin(client)
    return client
