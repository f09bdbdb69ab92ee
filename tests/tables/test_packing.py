"""The indexes of a day that is over are packed once; those of today are left alone."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from webapp.tables import packing
from webapp.tables.db import db, now
from webapp.tables.partitions import ensure_days, partition_name

FILL = (
    "INSERT INTO netfilter_logs (time, digest, ordinal, priority, action, message) "
    "SELECT CAST(:time AS timestamptz) + n * interval '1 s', n, 0, 'info', 'attempt', "
    "'connect from ' || md5(CAST((n * 7919) % 1500 AS text)) FROM generate_series(1, 1500) AS n"
)
INDEXES = (
    "SELECT c.relname, c.relfilenode FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE i.indrelid = CAST(:name AS regclass) ORDER BY 1"
)
FULL = (
    "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE i.indrelid = CAST(:name AS regclass) AND c.reloptions = '{fillfactor=100}'"
)
BTREES = 2  # its key, its address


@pytest.fixture
def days(db_session, monkeypatch):
    """Yesterday's and today's partition with 1,500 lines each."""
    monkeypatch.setattr(packing, "SMALLEST", 500_000)
    today = now().date()
    yesterday = today - timedelta(days=1)
    ensure_days(db.session.connection(), [yesterday, today])
    for day in (yesterday, today):
        db.session.execute(text(FILL), {"time": f"{day} 01:00+00"})
    db.session.commit()
    return partition_name("netfilter_logs", yesterday), partition_name("netfilter_logs", today)


def indexes(name):
    found = dict(db.session.execute(text(INDEXES), {"name": name}).all())
    db.session.commit()
    return found


def full(name):
    """How many of its indexes have pages without room for rows between."""
    number = db.session.scalar(text(FULL), {"name": name})
    db.session.commit()
    return number


def test_a_day_that_is_over_is_packed_once(days):
    old, new = days
    before, current = indexes(old), indexes(new)
    done = packing.pack(db.engine, now().date())
    assert done.partitions == 1
    packed = indexes(old)
    assert packed.keys() == before.keys()
    assert set(packed.values()).isdisjoint(before.values())
    assert indexes(new) == current
    assert packing.pack(db.engine, now().date()).partitions == 0
    assert (full(old), full(new)) == (BTREES, 0)


def test_what_a_killed_run_left_is_removed(days):
    old, _ = days
    db.session.execute(text(f"CREATE INDEX left_ccnew ON {old} (priority)"))
    db.session.execute(
        text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST('left_ccnew' AS regclass)")
    )
    db.session.commit()
    packing.pack(db.engine, now().date())
    assert "left_ccnew" not in indexes(old)
