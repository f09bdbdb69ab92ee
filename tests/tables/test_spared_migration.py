"""What rows no longer tell twice is there again when the way is gone back; what was stored before stays."""

from typing import Any

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from webapp.config import ROOT
from webapp.parse.identity import correlation_key, life_name
from webapp.tables.db import db

FOLDER = str(ROOT / "migrations")
LINE = text(
    "INSERT INTO netfilter_logs (time, digest, ordinal, priority, message, action) "
    "VALUES ('2026-01-08T23:59:59Z', -7, :ordinal, 'info', '', '')"
)
MESSAGE = text(
    "INSERT INTO messages (id, first_seen, last_seen, correlation_key, content_digest, kind, queue_id, "
    "mid_keys, recipients, recipient_count, outcomes, is_spam, correlation, recipient_keys, recipient_text, "
    "search_text, outcome_counts, received_by, domains) SELECT n, to_timestamp(1767836073), now(), :key, 0, "
    "'queue', '4D2C1B', '{}', ARRAY['r@ours.example'], 1, '{delivered}', false, 'complete', '{}', '', '', "
    ":counts, :got, :domains FROM generate_series(CAST(:id AS int), :id) n"
)
WHOLE = {
    "key": correlation_key(life_name("4D2C1B", 1767836073)),
    "counts": [1],
    "got": ["r@ours.example"],
    "domains": ["ours.example"],
}
TOLD = text("SELECT correlation_key, outcome_counts, received_by, domains FROM messages ORDER BY id")


def told(engine: Any) -> tuple[list[Any], list[Any]]:
    """What is stored of the messages, and the ordinals of the lines."""
    with engine.connect() as connection:
        ordinals = connection.scalars(text("SELECT ordinal FROM netfilter_logs ORDER BY id")).all()
        return [tuple(row) for row in connection.execute(TOLD)], list(ordinals)


def add(engine: Any, ordinal: int | None) -> None:
    """A line."""
    with engine.begin() as connection:
        connection.execute(LINE, {"ordinal": ordinal})


def test_rows_tell_the_same_however_much_of_them_is_stored(empty_database_url, make_app):
    app, engine = make_app(database_url=empty_database_url), create_engine(empty_database_url)
    with app.app_context():
        upgrade(FOLDER, "0031")
        with engine.begin() as connection:
            connection.execute(MESSAGE, {"id": 1, **WHOLE})
        add(engine, 0)
        before = told(engine)
        upgrade(FOLDER, "0032")
        assert told(engine) == before
        add(engine, 1)
        for again in (None, 0, 1):
            with pytest.raises(IntegrityError):
                add(engine, again)
        with engine.begin() as connection:
            connection.execute(text("UPDATE netfilter_logs SET ordinal = NULL WHERE ordinal = 0"))
            connection.execute(MESSAGE, {"id": 2, **dict.fromkeys(WHOLE)})
        downgrade(FOLDER, "0031")
        db.engine.dispose()
    messages, ordinals = told(engine)
    assert messages == [tuple(WHOLE.values())] * 2
    assert ordinals == [0, 1]
    engine.dispose()
