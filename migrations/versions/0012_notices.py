"""Notices to the administrator, and their way to each channel."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE notices (
            key text NOT NULL,
            kinds text[] NOT NULL,
            severity text NOT NULL,
            title text NOT NULL,
            lines text[] NOT NULL,
            link text NOT NULL,
            mail_text text,
            mail_html text,
            made_at timestamptz NOT NULL,
            routed_at timestamptz,
            PRIMARY KEY (key));
        CREATE INDEX ix_notices_made_at ON notices (made_at DESC);
        CREATE INDEX ix_notices_unrouted ON notices (made_at) WHERE routed_at IS NULL;
        CREATE TABLE notice_deliveries (
            notice_key text NOT NULL,
            channel text NOT NULL,
            attempts integer NOT NULL,
            alone boolean NOT NULL,
            next_try timestamptz NOT NULL,
            tried_at timestamptz,
            sent_at timestamptz,
            closed_at timestamptz,
            last_error text,
            PRIMARY KEY (notice_key, channel));
        CREATE INDEX ix_notice_deliveries_open ON notice_deliveries (channel, next_try)
            WHERE sent_at IS NULL AND closed_at IS NULL;
        CREATE INDEX ix_notice_deliveries_tried_at ON notice_deliveries (channel, tried_at DESC)""")


def downgrade() -> None:
    op.execute("DROP TABLE notice_deliveries; DROP TABLE notices")
