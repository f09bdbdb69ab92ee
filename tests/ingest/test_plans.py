"""A portion's statements are planned when a day has just begun, and go on with these plans while it fills."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.samples import recorded
from webapp.ingest import portion
from webapp.tables.columns import as_array
from webapp.tables.db import db, now
from webapp.tables.partitions import midnight, partition_name
from webapp.trace import load

ASKED = {
    "postfix_logs": (load.LINES, {"ids": as_array(["4cXyZ1"] * 9)}),
    "messages": (load.BY_QUEUE_ID, {"ids": as_array(["4cXyZ1"] * 9)}),
}


def plan(connection, table):
    """How the stored rows of some queue ids are looked for, in days that are known to be empty."""
    day = now().date() + timedelta(days=2)
    connection.execute(text(f"ANALYZE {partition_name(table, day)}"))
    statement, values = ASKED[table]
    told = connection.execute(text(f"EXPLAIN {statement}"), {**values, "since": midnight(day)})
    return [line for line in told.scalars() if partition_name(table, day) in line]


@pytest.mark.parametrize("table", ASKED)
def test_a_day_that_has_just_begun_is_not_read_as_a_whole(viewer, replay, table):
    replay.lists["postfix"] = recorded.rows("postfix")[:10]
    viewer.fetch()
    with viewer.app.app_context():
        connection = db.session.connection()
        assert any("Seq Scan" in line for line in plan(connection, table))
        connection.execute(portion.SMALL)
        assert plan(connection, table)
        assert not any("Seq Scan" in line for line in plan(connection, table))
