"""Old reports go, with their records, files and sums."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from tests.reports.samples import METADATA, as_json, record, tls, xml
from tests.reports.test_failure import ARF
from tests.reports.test_save import engine, rows, save, save_failures  # noqa: F401 - a fixture
from webapp.reports.forget import forget_old
from webapp.tables.db import now


def old(days: int) -> str:
    begin = int((now() - timedelta(days=days)).timestamp())
    return METADATA.replace("1764028800", str(begin)).replace("1764115199", str(begin + 3600))


def test_reports_go_when_both_their_day_and_their_arrival_are_old(engine: Any) -> None:  # noqa: F811
    save(engine, xml(record(ip="192.0.2.1"), metadata=old(100)))
    save(engine, xml(record(ip="192.0.2.1"), record(ip="192.0.2.2"), metadata=old(10).replace("r-1", "r-2")))
    save(engine, as_json(tls(**{"report-id": "t"})), "t.json")
    with engine.begin() as connection:
        assert set(forget_old(connection, 60).values()) == {0}
        connection.execute(text("UPDATE dmarc_reports SET received_at = received_at - interval '61 days'"))
        connection.execute(text("UPDATE tls_reports SET received_at = received_at - interval '400 days'"))
        assert forget_old(connection, 60)["dmarc_reports_removed"] == 1
    assert rows(engine, "SELECT report_id FROM dmarc_reports") == [("r-2",)]
    assert rows(engine, "SELECT source, messages FROM dmarc_source_days ORDER BY 1") == [
        ("192.0.2.1", 2),
        ("192.0.2.2", 2),
    ]
    assert rows(engine, "SELECT count(*) FROM dmarc_sources WHERE first_day = last_day") == [(2,)]
    assert rows(engine, "SELECT count(*) FROM dmarc_records") == [(2,)]


def test_a_class_that_was_set_by_hand_outlives_its_mail(engine: Any) -> None:  # noqa: F811
    save(engine, xml(record(ip="192.0.2.1"), record(ip="192.0.2.2"), metadata=old(100)))
    with engine.begin() as connection:
        connection.execute(text("UPDATE dmarc_reports SET received_at = received_at - interval '61 days'"))
        connection.execute(text("UPDATE dmarc_sources SET set_class = 'stale' WHERE source = '192.0.2.2'"))
        forget_old(connection, 60)
    assert rows(engine, "SELECT source FROM dmarc_sources") == [("192.0.2.2",)]
    assert rows(engine, "SELECT count(*) FROM report_files") == [(0,)]


def test_failure_reports_go_too(engine: Any) -> None:  # noqa: F811
    save_failures(engine, ARF)
    with engine.begin() as connection:
        assert forget_old(connection, 60)["failure_reports_removed"] == 0
        connection.execute(text("UPDATE failure_reports SET received_at = received_at - interval '61 days'"))
        forgotten = {
            "dmarc_reports_removed": 0,
            "tls_reports_removed": 0,
            "failure_reports_removed": 1,
            "imap_syncs_removed": 0,
        }
        assert forget_old(connection, 60) == forgotten
    assert rows(engine, "SELECT count(*) FROM failure_reports") == [(0,)]
