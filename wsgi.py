"""gunicorn's door."""

from webapp.app import create_app

app = create_app()
