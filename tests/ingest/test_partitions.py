"""Partitions are made one table after the other, each in a transaction of its own: a page that reads several
tables can stand against none of them."""

from datetime import timedelta

from sqlalchemy import text

from tests.replay import KEY
from tests.samples import recorded
from webapp.ingest import collect
from webapp.mailcow.client import Mailcow
from webapp.tables.db import db, now
from webapp.tables.partitions import TABLES, partition_name

HELD = text(
    "SELECT relation::regclass::text FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted "
    "AND pid = pg_backend_pid() AND relation::regclass::text = ANY(:tables)"
)


def test_no_two_tables_are_locked_at_once(viewer, replay):
    replay.lists["postfix"] = recorded.rows("postfix")[:100]
    viewer.fetch()
    day = now().date() + timedelta(days=3)
    held = []
    with viewer.app.app_context():
        for table in TABLES:
            db.session.execute(text(f"DROP TABLE {partition_name(table, day)}"))
        db.session.commit()
        replay.lists["postfix"] = recorded.rows("postfix")[:200]
        for _ in collect.fetch_logs(db.session(), Mailcow(replay.url, KEY, 10), viewer.settings):
            held.append(list(db.session.scalars(HELD, {"tables": list(TABLES)})))
            db.session.commit()
    assert [tables for tables in held if tables] == [[table] for table in TABLES]
    assert viewer.count("postfix_logs") == 200
