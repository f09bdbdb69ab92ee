"""Addresses are found by their keys, numbers in columns of their own: half the size of an index over the text,
and unlike an index over an expression it is counted without its table.

Rows that are stored already stay as they are and have no keys: indexes over the rows without one find them, and
are empty once these have grown too old.
"""

from alembic import op

revision = "0033"
down_revision = "0032"
ADDRESSES = (
    ("messages", "sender", "first_seen"),
    ("postfix_logs", "sender", "time"),
    ("postfix_logs", "recipient", "time"),
)


def upgrade() -> None:
    op.execute("ALTER TABLE postfix_logs ADD sender_key bigint, ADD recipient_key bigint")
    op.execute(
        "ALTER TABLE messages ADD sender_key bigint, ADD recipient_key bigint, "
        "ALTER recipient_keys DROP NOT NULL"
    )
    for table, column, clock in ADDRESSES:
        _by_spelling(table, column, clock, f"{column}_key IS NULL AND {column} IS NOT NULL")
    _recipient_keys(" WHERE recipient_keys IS NOT NULL")
    for table, column, clock in (*ADDRESSES, ("messages", "recipient", "first_seen")):
        op.execute(
            f"CREATE INDEX ix_{table}_{column}_key ON {table} ({column}_key, {clock}) "
            f"WHERE {column}_key IS NOT NULL"
        )


def downgrade() -> None:
    op.execute(
        "UPDATE messages SET recipient_keys = array_remove(ARRAY[recipient_key], NULL) "
        "WHERE recipient_keys IS NULL"
    )
    for table, column, clock in ADDRESSES:
        _by_spelling(table, column, clock, f"{column} IS NOT NULL")
    _recipient_keys("")
    op.execute(
        "ALTER TABLE messages DROP sender_key, DROP recipient_key, ALTER recipient_keys SET NOT NULL"
    )
    op.execute("ALTER TABLE postfix_logs DROP sender_key, DROP recipient_key")


def _by_spelling(table: str, column: str, clock: str, some: str) -> None:
    op.execute(f"DROP INDEX ix_{table}_{column}")
    op.execute(
        f"CREATE INDEX ix_{table}_{column} ON {table} (left(lower({column}), 320), {clock}) WHERE {some}"
    )


def _recipient_keys(some: str) -> None:
    op.execute("DROP INDEX ix_messages_recipient_keys")
    op.execute(f"CREATE INDEX ix_messages_recipient_keys ON messages USING gin (recipient_keys){some}")
