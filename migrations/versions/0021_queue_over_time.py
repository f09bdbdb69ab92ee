"""How long the queue was, and where its mail goes, every five minutes."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE queue_samples (
            at timestamptz NOT NULL,
            mails integer NOT NULL,
            oldest timestamptz,
            destinations jsonb NOT NULL,
            PRIMARY KEY (at))""")


def downgrade() -> None:
    op.execute("DROP TABLE queue_samples")
