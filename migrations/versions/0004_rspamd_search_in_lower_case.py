"""The searched text of Rspamd's rows in lower case, as that of messages: LIKE takes two thirds of ILIKE's time."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("UPDATE rspamd_logs SET search_text = lower(search_text) WHERE search_text <> lower(search_text)")


def downgrade() -> None:
    """Lower case is found by ILIKE as well."""
