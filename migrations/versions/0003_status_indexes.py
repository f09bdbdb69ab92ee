"""Indexes for the outcomes that are looked for and are few."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("CREATE INDEX ix_messages_status ON messages (final_status, first_seen, id) WHERE final_status <> 'delivered'")
    op.execute("CREATE INDEX ix_messages_spam ON messages (first_seen, id) WHERE is_spam")


def downgrade() -> None:
    op.execute("DROP INDEX ix_messages_spam")
    op.execute("DROP INDEX ix_messages_status")
