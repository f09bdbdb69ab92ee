"""gunicorn's door, and the one of `flask db`."""

import os

from webapp.app import create_app
from webapp.tables.db import db

app = create_app()

if os.environ.get("FLASK_RUN_FROM_CLI") == "true":  # no page needs Alembic, which is 8 MB
    from flask_migrate import Migrate

    Migrate(app, db, directory="migrations")
