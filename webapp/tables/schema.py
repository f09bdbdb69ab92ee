"""Every model, and the lists of tables that follow from what each says of itself. A new model is imported
here."""

from collections.abc import Callable

from sqlalchemy import Connection, UniqueConstraint, inspect, text

from webapp.tables import (
    access,
    alerts,
    blocklists,
    domains,
    imap,
    installation,
    jobs,
    logs,
    mailboxes,
    mailcow,
    messages,
    notices,
    queue,
    reports,
    saved,
    stretches,
)
from webapp.tables.db import Base

__all__ = [
    "EMPTIED",
    "FORGOTTEN",
    "MODELS",
    "PARTITIONED",
    "access",
    "alerts",
    "blocklists",
    "domains",
    "imap",
    "installation",
    "jobs",
    "logs",
    "mailboxes",
    "mailcow",
    "messages",
    "notices",
    "queue",
    "reports",
    "saved",
    "stretches",
]

MODELS: dict[str, type[Base]] = {  # table -> its model, in the order in which they are declared
    table: model
    for table in Base.metadata.tables
    for model in (mapper.class_ for mapper in Base.registry.mappers)
    if model.__tablename__ == table
}
PARTITIONED = {table: model.keeping.day for table, model in MODELS.items() if model.keeping.day}
FORGOTTEN = {table: model.keeping.clock for table, model in MODELS.items() if model.keeping.clock}
EMPTIED = [table for table, model in MODELS.items() if model.keeping.of_mailcow]


def natural_key(table: str) -> list[str]:
    """The columns that name a row whenever it is imported: those of the unique constraint, else the primary
    key's."""
    found = Base.metadata.tables[table]
    unique = [each for each in found.constraints if isinstance(each, UniqueConstraint)]
    columns = unique[0].columns if unique else inspect(MODELS[table]).primary_key
    return [column.name for column in columns]


def without_partitions(connection: Connection) -> Callable[..., bool]:
    """Alembic's `include_name`: partitions are made and dropped by the day, and are no part of the schema."""
    children = set(connection.scalars(text("SELECT inhrelid::regclass::text FROM pg_inherits")))
    return lambda name, kind, _parents: kind != "table" or name not in children
