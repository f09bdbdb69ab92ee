"""Alembic's door: run the migrations with the application's own engine."""

from alembic import context
from alembic.migration import MigrationContext
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection

from webapp.tables.schema import without_partitions


def refuse_newer(connection: Connection) -> None:
    """Raises CommandError, which flask tells as one sentence, where these tables are from a newer version."""
    known = {script.revision for script in context.script.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads()) - known
    if found:
        raise CommandError(
            f"The tables were made by a newer version of the viewer (they are at {', '.join(sorted(found))}, "
            f"this version knows up to {max(known)}): update the viewer, or restore a backup from before"
        )


def run() -> None:
    """Apply the migrations in one transaction; two copies that start at once wait for each other."""
    engine = current_app.extensions["migrate"].db.engine
    metadata = current_app.extensions["migrate"].db.metadatas[None]
    with engine.connect() as connection:
        include_name = without_partitions(connection)
        refuse_newer(connection)
        connection.rollback()  # Alembic commits only a transaction that it has begun itself
        context.configure(
            connection=connection,
            target_metadata=metadata,
            include_name=include_name,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            connection.exec_driver_sql(
                "SET LOCAL statement_timeout = 0"
            )  # an index of a big table takes long
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1296848214)")
            context.run_migrations()


run()
