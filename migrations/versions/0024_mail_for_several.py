"""Find the mail that several addresses of ours received: a catch-all counts it once."""

from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix_messages_for_several ON messages (first_seen) WHERE cardinality(received_by) > 2"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_messages_for_several")
