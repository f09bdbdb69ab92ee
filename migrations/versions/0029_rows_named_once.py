"""A row of a log is named by its second, its digest and its ordinal; the order of arrival has no index of its own."""

from alembic import op

revision = "0029"
down_revision = "0026"
TABLES = ("postfix_logs", "rspamd_logs", "netfilter_logs", "dovecot_logs")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, DROP CONSTRAINT uq_{table}_time")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (time, digest, ordinal)")


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (time, id)")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT uq_{table}_time UNIQUE (time, digest, ordinal)")
