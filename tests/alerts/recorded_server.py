"""The recorded server with all that it tells, in a transaction that is rolled back: one import serves all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.samples import recorded
from webapp.alerts import signs
from webapp.alerts.check import check
from webapp.mailcow import connection, snapshots
from webapp.mailcow.connection import Answering, ConnectionState
from webapp.mailcow.live import QUARANTINE, QUEUE
from webapp.status.collect import ROUTES
from webapp.tables.db import utc

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_TROUBLE = {  # what is truly wrong on the recorded server, beside its traffic
    ("container", "clamd", "clamd is exited"),
    ("container", "olefy", "olefy is restarting"),
    ("mailbox", "carla@shop.nordlicht-kontor.example", "Nearly full: 100 % of its quota is used"),
    ("mailbox", "recht@nordlicht-kontor.example", "Nearly full: 100 % of its quota is used"),
}
QUEUED, KEPT = "get/mailq/all", "get/quarantine/all"


@dataclass
class Server:
    """The recorded server at `moment`: what a test changes of it, and what is found then."""

    session: Session
    settings: Any
    moment: datetime

    def do(self, statement: str, **values: Any) -> None:
        self.session.execute(text(statement), {"now": self.moment, **values})

    def snapshot(self, name: str, data: Any) -> None:
        """What mailcow tells now."""
        snapshots.keep(self.session.connection(), name, data)
        self.do("UPDATE snapshots SET taken_at = :now WHERE name = :name", name=name)

    def answers(self, state: Answering) -> None:
        connection.cache.put(connection.STATE, ConnectionState(state, self.moment, "timed out", self.moment))

    def look(self, **fields: Any) -> dict[str, int]:
        """How many events of each rule are open and count, after a look now."""
        for _ in check(self.session, self.settings.model_copy(update=fields), self.moment):
            pass
        rows = self.session.execute(
            text(
                "SELECT rule, count(*) AS n FROM alert_events WHERE ended_at IS NULL "
                "AND confirmed_at IS NOT NULL AND subject <> ALL(:wrong) GROUP BY rule"
            ),
            {"wrong": [subject for _, subject, _ in IN_TROUBLE]},
        )
        return {row.rule: row.n for row in rows}

    def guess(self, times: int) -> None:
        """Sign-ins of one user that netfilter has seen refused, ten seconds apart."""
        self.do(
            "INSERT INTO netfilter_logs (time, id, digest, ordinal, priority, message, ip, rule_id, "
            "username, action) SELECT CAST(:now AS timestamptz) - n * interval '10 seconds', -n, n, 0, "
            "'warn', '', '192.0.2.' || n % 3, 3, 'Anna@example.org', 'warning' "
            "FROM generate_series(1, :times) AS n",
            times=times,
        )

    def pass_by(self, time: timedelta) -> None:
        """Let time pass in which mailcow goes on to tell the same."""
        self.moment += time
        self.do("UPDATE snapshots SET taken_at = :now")
        self.do("UPDATE log_cursors SET fetched_at = :now")


@pytest.fixture(name="server")
def recorded_server(recorded_viewer) -> Iterator[Server]:
    """The recorded server with all that it tells, a minute after its newest line."""
    with recorded_viewer.app.app_context():
        from webapp.tables.db import db

        found = Server(db.session(), recorded_viewer.settings, utc(recorded.NEWEST_AT) + MINUTE)
        told = recorded.objects()
        for name, route in ROUTES.items():
            if route.path in told:
                found.snapshot(name, route.read(told[route.path]))
        found.snapshot(QUEUE.name, shifted(told[QUEUED], "arrival_time"))
        found.snapshot(QUARANTINE.name, shifted(told[KEPT], "created"))
        found.pass_by(MINUTE)
        found.answers(Answering.CONNECTED)
        signs.watch(found.session.connection(), found.settings)
        yield found
        connection.cache.forget(connection.STATE)
        found.session.rollback()


def shifted(rows: list[dict[str, Any]], clock: str) -> list[dict[str, Any]]:
    return [{**row, clock: row[clock] + recorded._SHIFT} for row in rows]
