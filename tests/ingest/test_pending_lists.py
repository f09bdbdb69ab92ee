"""A large import leaves no pending list behind that searches would have to read through."""

import pytest
from sqlalchemy.exc import ProgrammingError

from tests.samples import recorded
from webapp.ingest import portion
from webapp.tables import gin
from webapp.tables.db import db

LEFT = (
    "SELECT coalesce(sum(gin_clean_pending_list(i.indexrelid)), 0) AS pages FROM pg_index i JOIN pg_class c "
    "ON c.oid = i.indexrelid "
    "JOIN pg_am a ON a.oid = c.relam AND a.amname = 'gin' WHERE i.indrelid::regclass::text LIKE "
    "'postfix_stretches_2%'"
)


def test_a_large_import_leaves_its_pending_lists_empty(viewer, replay):
    replay.lists["postfix"] = recorded.lists()["postfix"][:1900]
    viewer.fetch()
    assert viewer.count("postfix_logs") == 1900
    assert viewer.ask(LEFT)[0]["pages"] == 0


def test_they_would_not_be_empty_otherwise(viewer, replay, monkeypatch):
    monkeypatch.setattr(portion, "MANY", 10**9)
    replay.lists["postfix"] = recorded.lists()["postfix"][:1900]
    viewer.fetch()
    assert viewer.ask(LEFT)[0]["pages"] > 0


def test_what_goes_wrong_beside_the_import_is_raised(viewer, monkeypatch):
    monkeypatch.setattr(gin, "EMPTY", gin.text("SELECT no_such_function(:tables)"))
    with (
        viewer.app.app_context(),
        pytest.raises(ProgrammingError),
        gin.emptied_beside(db.engine) as empty,
    ):
        empty(["postfix_logs_default"])
