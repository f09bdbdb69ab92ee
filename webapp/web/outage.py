"""Every request is watched while it waits for the database, so that none waits longer than three seconds for
one that hangs."""

from flask import Flask, request

from webapp.tables.db import db
from webapp.tables.watch import DatabaseWatch

WITHOUT_DATABASE = frozenset({"static", "status_api.health"})  # health tells of it itself


def init_app(app: Flask) -> None:
    """Watch the requests of this application."""
    with app.app_context():
        watch = DatabaseWatch(db.engine)
    app.extensions["database_watch"] = watch

    def begin() -> None:
        if request.endpoint not in WITHOUT_DATABASE or not watch.is_away:
            watch.begin()

    app.before_request(begin)
    app.teardown_request(lambda _error: watch.end())
