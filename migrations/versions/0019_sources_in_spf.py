"""What SPF says of the sources that DMARC reports tell of."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE dmarc_sources ADD COLUMN spf text, ADD COLUMN spf_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE dmarc_sources DROP COLUMN spf, DROP COLUMN spf_at")
