"""How requests use their connections."""

from collections.abc import Callable

from flask import Flask
from sqlalchemy import text

from webapp.db import db


def test_reading_leaves_its_statements_prepared(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    client = app.test_client()
    for _ in range(8):
        assert client.get("/api/logs/postfix?search=removed").status_code == 200
    with app.app_context():
        prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("postfix_logs" in statement for statement in prepared)


def test_a_failed_request_leaves_a_usable_connection(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.get("/api/broken")
    def broken() -> str:
        db.session.execute(text("SELECT 1 / 0"))
        return ""

    client = app.test_client()
    assert client.get("/api/broken").status_code == 500
    assert client.get("/api/logs/postfix").status_code == 200
