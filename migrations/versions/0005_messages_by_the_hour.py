"""Messages counted by the hour, so that the dashboard need not count them all."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("CREATE TABLE message_hours (hour timestamptz NOT NULL, direction text NOT NULL, final_status text NOT NULL, "
               "is_spam boolean NOT NULL, outcomes text[] NOT NULL, n bigint NOT NULL, "
               "PRIMARY KEY (hour, direction, final_status, is_spam, outcomes))")
    op.execute("INSERT INTO message_hours SELECT date_trunc('hour', first_seen, 'UTC'), coalesce(direction, ''), coalesce(final_status, ''), "
               "is_spam, outcomes, count(*) FROM messages GROUP BY 1, 2, 3, 4, 5")


def downgrade() -> None:
    op.execute("DROP TABLE message_hours")
