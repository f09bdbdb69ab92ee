"""Lists over ordinary tables: filter, order, pages, totals, and the statements they cost."""

from datetime import timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import insert

from tests.guards.test_statements import counted
from webapp.lists import plainlist
from webapp.status.lists import RUNS, RunFilter
from webapp.tables.db import now
from webapp.tables.jobs import JobRun


@pytest.fixture
def runs(db_session):
    """Seven runs of one job and two of another, a minute apart."""
    began = now() - timedelta(hours=1)
    names = ["fetch_logs"] * 7 + ["cleanup_logs"] * 2
    db_session.execute(
        insert(JobRun),
        [
            {"name": name, "started_at": began + timedelta(minutes=number), "status": "success"}
            for number, name in enumerate(names)
        ],
    )
    db_session.commit()
    return db_session


def ids(found) -> list[int]:
    return [row.id for row in found.rows]


def test_a_page_holds_the_rows_that_the_filter_names_in_its_order(runs) -> None:
    newest = RUNS.search(runs, RunFilter(name="fetch_logs", limit=3))
    second = RUNS.search(runs, RunFilter(name="fetch_logs", limit=3, page=2))
    oldest = RUNS.search(runs, RunFilter(name="fetch_logs", limit=3, sort="started"))
    assert ids(newest) + ids(second) == sorted(ids(newest) + ids(second), reverse=True)
    assert ids(oldest) == sorted(ids(oldest))
    assert (newest.total, newest.pages, newest.total_is_estimate) == (7, 3, False)
    assert set(ids(newest)).isdisjoint(ids(second))


def test_a_page_beyond_the_last_has_no_rows_and_the_same_total(runs) -> None:
    beyond = RUNS.search(runs, RunFilter(name="fetch_logs", limit=3, page=9))
    assert (ids(beyond), beyond.total) == ([], 7)
    nothing = RUNS.search(runs, RunFilter(name="no_such_job"))
    assert (ids(nothing), nothing.total) == ([], 0)


def test_counting_stops_where_it_is_told_to(runs) -> None:
    found = RUNS.search(runs, RunFilter(name="fetch_logs", limit=2), exact=5)
    assert (found.total, found.total_is_estimate) == (5, True)


def test_a_page_is_one_statement(recorded_viewer) -> None:
    with recorded_viewer.app.app_context():
        from webapp.tables.db import db

        with counted(recorded_viewer) as statements:
            RUNS.search(db.session(), RunFilter(name="fetch_logs"))
    assert len(statements) == 1


def test_a_stream_gives_the_same_rows_up_to_its_limit(runs, app) -> None:
    from webapp.tables.db import db

    chosen = RunFilter(name="fetch_logs")
    whole = list(RUNS.stream(db.engine, chosen, 100))
    assert whole == list(RUNS.search(runs, chosen).rows)
    assert len(list(RUNS.stream(db.engine, chosen, 4))) == 4


@pytest.mark.parametrize("sort", ["name", "--started", "started; DROP TABLE job_runs"])
def test_only_declared_orders_are_taken(sort: str) -> None:
    assert plainlist.orders("started")
    with pytest.raises(ValidationError):
        RunFilter(name="fetch_logs", sort=sort)
