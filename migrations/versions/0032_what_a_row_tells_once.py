"""A row no longer takes room for what it tells already: the ordinal 0 of nearly all lines, the second number in
the index that names them, and of a message what follows from its other columns.

Rows that are stored already stay as they are, and tell the same: only indexes are built.
"""

from alembic import op

revision = "0032"
down_revision = "0031"
TABLES = ("postfix_logs", "rspamd_logs", "netfilter_logs", "dovecot_logs")
SPARED = {  # column of messages -> what NULL stands for
    "correlation_key": "encode(sha256(convert_to("
    "concat_ws(' ', 'queue', coalesce(queue_id, 'None'), extract(epoch FROM first_seen)::bigint), 'UTF8')), "
    "'hex')",
    "outcome_counts": "'{1}'",
    "received_by": "recipients",
    "domains": "ARRAY[split_part(coalesce(account, recipients[1]), '@', -1)]",
}


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT pk_{table}, ALTER ordinal DROP NOT NULL")
        op.execute(f"CREATE UNIQUE INDEX uq_{table}_name ON {table} (time, (digest # COALESCE(ordinal, 0)))")
    op.execute(f"ALTER TABLE messages {', '.join(f'ALTER {column} DROP NOT NULL' for column in SPARED)}")


def downgrade() -> None:
    for column, meant in SPARED.items():
        op.execute(f"UPDATE messages SET {column} = {meant} WHERE {column} IS NULL")
    op.execute(f"ALTER TABLE messages {', '.join(f'ALTER {column} SET NOT NULL' for column in SPARED)}")
    for table in TABLES:
        op.execute(f"DROP INDEX uq_{table}_name")
        op.execute(f"UPDATE {table} SET ordinal = 0 WHERE ordinal IS NULL")
        op.execute(f"ALTER TABLE {table} ALTER ordinal SET NOT NULL")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT pk_{table} PRIMARY KEY (time, digest, ordinal)")
