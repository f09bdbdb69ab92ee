"""Scans from before they were packed tell the same afterwards, and when the way is gone back."""

from typing import Any

from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text

from webapp.config import ROOT
from webapp.parse.symbols import coded
from webapp.tables.db import db
from webapp.tables.packed import unpacked

FOLDER = str(ROOT / "migrations")
SCAN = text(
    "INSERT INTO rspamd_logs (time, digest, ordinal, recipients, action, is_spam, has_auth, symbols, raw, "
    "search_text) SELECT CAST(:time AS timestamptz), n, 0, '{}', 'reject', true, false, "
    """CAST('{"ARC_NA": {"score": 0}, "OURS é": {"score": 1.5, "options": ["a"]}}' AS jsonb), """
    """jsonb_build_object('time_real', n / 7.0, 'user', 'unknown'), '' FROM generate_series(1, 5) n"""
)
TOLD = text("SELECT digest, symbols, raw FROM rspamd_logs ORDER BY digest")
NAMES = {"ARC_NA": {"score": 0}, "OURS é": {"score": 1.5, "options": ["a"]}}


def told(engine: Any) -> list[Any]:
    """What is stored of the scans."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(TOLD)]


def test_scans_tell_the_same_when_they_are_packed_and_when_they_are_unpacked(empty_database_url, make_app):
    app, engine = make_app(database_url=empty_database_url), create_engine(empty_database_url)
    with app.app_context():
        upgrade(FOLDER, "0024")
        with engine.begin() as connection:
            connection.execute(SCAN, {"time": "2026-01-08T23:59:59Z"})
        before = told(engine)
        upgrade(FOLDER, "0026")
        after = told(engine)
        downgrade(FOLDER, "0024")
        db.engine.dispose()
    assert len(before) == 5
    assert [(digest, names, unpacked(raw)) for digest, names, raw in after] == [
        (digest, coded(NAMES), {**raw, "symbols": NAMES}) for digest, _, raw in before
    ]
    assert told(engine) == before
    engine.dispose()
