"""Dovecot's log: where a mail was put, and who signed in."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE dovecot_logs (
            time timestamptz NOT NULL,
            id bigserial NOT NULL,
            digest bigint NOT NULL,
            ordinal integer NOT NULL,
            event text NOT NULL,
            username text NOT NULL,
            session text,
            mid_key bigint,
            folder text,
            target text,
            by_rule boolean NOT NULL,
            reason text,
            ip text,
            protocol text,
            attempts integer NOT NULL,
            message text NOT NULL,
            CONSTRAINT pk_dovecot_logs PRIMARY KEY (time, id),
            CONSTRAINT uq_dovecot_logs_time UNIQUE (time, digest, ordinal)) PARTITION BY RANGE (time);
        CREATE INDEX ix_dovecot_logs_session ON dovecot_logs (session) WHERE session IS NOT NULL;
        CREATE INDEX ix_dovecot_logs_mid_key ON dovecot_logs (mid_key) WHERE mid_key IS NOT NULL;
        CREATE INDEX ix_dovecot_logs_refused_user ON dovecot_logs (username, time) WHERE event = 'refused';
        CREATE INDEX ix_dovecot_logs_refused_ip ON dovecot_logs (ip, time) WHERE event = 'refused';
        CREATE INDEX ix_dovecot_logs_refused ON dovecot_logs (time, id) WHERE event = 'refused';
        CREATE INDEX ix_dovecot_logs_message_trgm ON dovecot_logs USING gin (message gin_trgm_ops)
            WHERE event = 'refused';
        CREATE TABLE dovecot_logs_default PARTITION OF dovecot_logs DEFAULT;
        DO $$ DECLARE part record; BEGIN
            FOR part IN SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
                FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                WHERE i.inhparent = 'deliveries'::regclass AND c.relname ~ '_[0-9]{8}$'
            LOOP
                EXECUTE format('CREATE TABLE %I PARTITION OF dovecot_logs %s',
                    replace(part.name, 'deliveries', 'dovecot_logs'), part.bound);
            END LOOP;
        END $$;
        CREATE TABLE sign_ins (
            username text NOT NULL,
            hour timestamptz NOT NULL,
            ip text NOT NULL,
            protocol text NOT NULL,
            n bigint NOT NULL,
            first_at timestamptz NOT NULL,
            last_at timestamptz NOT NULL,
            PRIMARY KEY (username, hour, ip, protocol));
        CREATE INDEX ix_sign_ins_hour ON sign_ins (hour);
        ALTER TABLE deliveries ADD session text, ADD folder text, ADD filter text;
        CREATE INDEX ix_deliveries_session ON deliveries (session) WHERE session IS NOT NULL;
        CREATE INDEX ix_deliveries_without_session ON deliveries (time)
            WHERE session IS NULL AND relay LIKE 'dovecot%'""")


def downgrade() -> None:
    op.execute("""
        DROP INDEX ix_deliveries_session;
        DROP INDEX ix_deliveries_without_session;
        ALTER TABLE deliveries DROP session, DROP folder, DROP filter;
        DROP TABLE sign_ins;
        DROP TABLE dovecot_logs""")
