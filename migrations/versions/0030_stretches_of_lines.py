"""Find lines by the words of the stretches that they stand in, instead of by the trigrams of each."""

from alembic import op

from webapp.tables.stretching import fill

revision = "0030"
down_revision = "0029"

KINDS = ("postfix", "dovecot")


def upgrade() -> None:
    for kind in KINDS:
        op.execute(f"""
            CREATE TABLE {kind}_stretches (
                time timestamptz NOT NULL,
                first bigint NOT NULL,
                seconds integer NOT NULL,
                ids integer NOT NULL,
                lines integer NOT NULL,
                above integer,
                words text NOT NULL) PARTITION BY RANGE (time);
            CREATE TABLE {kind}_stretches_default PARTITION OF {kind}_stretches DEFAULT;
            DO $$ DECLARE part record; BEGIN
                FOR part IN SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound
                    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = '{kind}_logs'::regclass AND c.relname ~ '_[0-9]{{8}}$'
                LOOP
                    EXECUTE format('CREATE TABLE %I PARTITION OF {kind}_stretches %s',
                        replace(part.name, '{kind}_logs', '{kind}_stretches'), part.bound);
                END LOOP;
            END $$;
            DROP INDEX ix_{kind}_logs_message_trgm""")
        fill(op.get_bind(), f"{kind}_logs")
        op.execute(f"""
            CREATE INDEX ix_{kind}_stretches_words_trgm ON {kind}_stretches USING gin (words gin_trgm_ops);
            ANALYZE {kind}_stretches""")


def downgrade() -> None:
    for kind in KINDS:
        op.execute(f"""
            DROP TABLE {kind}_stretches;
            CREATE INDEX ix_{kind}_logs_message_trgm ON {kind}_logs USING gin (message gin_trgm_ops)""")
