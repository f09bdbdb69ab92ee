"""How long a list was that may have been full when it was first seen with rows."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE log_gaps ADD COLUMN length integer")


def downgrade() -> None:
    op.execute("ALTER TABLE log_gaps DROP COLUMN length")
