"""All lines of Dovecot can be searched, not only refused sign-ins."""

from alembic import op

revision = "0022"
down_revision = "0021"
INDEX = "CREATE INDEX ix_dovecot_logs_message_trgm ON dovecot_logs USING gin (message gin_trgm_ops)"


def upgrade() -> None:
    op.execute("DROP INDEX ix_dovecot_logs_message_trgm, ix_dovecot_logs_refused")
    op.execute(INDEX)
    op.execute("CREATE INDEX ix_dovecot_logs_event ON dovecot_logs (event, time, id) WHERE event <> 'stored'")


def downgrade() -> None:
    op.execute("DROP INDEX ix_dovecot_logs_message_trgm, ix_dovecot_logs_event")
    op.execute(f"{INDEX} WHERE event = 'refused'")
    op.execute("CREATE INDEX ix_dovecot_logs_refused ON dovecot_logs (time, id) WHERE event = 'refused'")
