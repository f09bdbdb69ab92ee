"""Alembic's door: run the migrations with the application's own engine."""

from alembic import context
from flask import current_app


def run() -> None:
    """Apply the migrations in one transaction; two copies that start at once wait for each other."""
    engine = current_app.extensions["migrate"].db.engine
    metadata = current_app.extensions["migrate"].db.metadatas[None]
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=metadata)
        with context.begin_transaction():
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1296848214)")
            context.run_migrations()


run()
