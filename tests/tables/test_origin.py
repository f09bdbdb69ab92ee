"""A database belongs to the demo or to a real mailcow; the demo's rows give way, a real mail never does."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from webapp.tables.db import db
from webapp.tables.origin import ForeignData, claim
from webapp.tables.schema import EMPTIED

MakeApp = Callable[..., Flask]


def claimed(app: Flask) -> bool:
    """True where the demo's rows had to go."""
    with app.app_context():
        done = claim(db.session.connection(), app.config["SETTINGS"])
        db.session.commit()
        return done


def fill(app: Flask) -> None:
    """One hour's count, one domain, and one run of a job."""
    with app.app_context():
        for statement in (
            "INSERT INTO message_hours VALUES (now(), 'inbound', 'delivered', false, '{delivered}', 5)",
            "INSERT INTO mailcow_domains VALUES ('example.com', 'domain', true, now())",
            "INSERT INTO job_runs (name, started_at, status) VALUES ('fetch_logs', now(), 'success')",
        ):
            db.session.execute(text(statement))
        db.session.commit()


def counts(app: Flask, *tables: str) -> set[int]:
    """How many rows these tables hold."""
    with app.app_context():
        return {int(db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0) for table in tables}


def test_all_that_tells_of_the_demo_goes_when_a_real_mailcow_comes(make_app: MakeApp) -> None:
    demo = make_app(demo_mode=True)
    assert claimed(demo) is False
    fill(demo)
    real = make_app(mailcow_url="http://mail.example.com", mailcow_api_key="key")
    assert claimed(real) is True
    assert counts(real, *EMPTIED) == {0}
    assert counts(real, "job_runs") == {1}
    assert claimed(real) is False


def test_the_demo_does_not_write_into_real_mail(make_app: MakeApp) -> None:
    real = make_app(mailcow_url="http://mail.example.com", mailcow_api_key="key")
    claimed(real)
    fill(real)
    demo = make_app(demo_mode=True)
    with pytest.raises(ForeignData, match="holds the mail of a real mailcow"):
        claimed(demo)
    assert counts(real, "message_hours", "mailcow_domains") == {1}
