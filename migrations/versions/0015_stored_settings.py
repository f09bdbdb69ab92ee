"""Settings that are changed in the browser."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE stored_settings (
            name text PRIMARY KEY,
            value text NOT NULL,
            changed_at timestamptz NOT NULL,
            changed_by text
        )""")


def downgrade() -> None:
    op.execute("DROP TABLE stored_settings")
