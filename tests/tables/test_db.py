"""How requests use their connections."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from webapp import cache
from webapp.tables.db import db


def test_reading_leaves_its_statements_prepared(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    client = app.test_client()
    for _ in range(8):
        assert client.get("/api/logs/postfix?search=removed").status_code == 200
    with app.app_context():
        prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("postfix_logs" in statement for statement in prepared)


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("/dashboard", "%message_hours%"),
        ("/api/logs/rspamd?min_score=14", "%score >=%"),
        ("/api/messages?ip=203.0.", "%ip LIKE%"),
    ],
)
def test_what_depends_on_its_values_is_planned_for_them_each_time(
    make_app: Callable[..., Flask], path: str, statement: str
) -> None:
    app = make_app()
    client = app.test_client()
    for _ in range(15):
        with app.app_context():
            cache.clear_stats_cache()
        assert client.get(path).status_code == 200
    with app.app_context():
        plans = db.session.execute(
            text(
                "SELECT custom_plans, generic_plans FROM pg_prepared_statements WHERE statement LIKE "
                ":statement"
            ),
            {"statement": statement},
        ).all()
    assert [plan for plan in plans if plan.custom_plans]
    assert not [plan for plan in plans if plan.generic_plans]


def test_a_failed_request_leaves_a_usable_connection(make_app: Callable[..., Flask]) -> None:
    app = make_app()

    @app.get("/api/broken")
    def broken() -> str:
        db.session.execute(text("SELECT 1 / 0"))
        return ""

    client = app.test_client()
    assert client.get("/api/broken").status_code == 500
    assert client.get("/api/logs/postfix").status_code == 200
