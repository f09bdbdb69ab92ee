"""Text as an address where it is one: what logs call a client's address may be anything, and a bad cast ends a query."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        CREATE FUNCTION inet_or_null(told text) RETURNS inet LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
        BEGIN
            RETURN told::inet;
        EXCEPTION WHEN invalid_text_representation THEN
            RETURN NULL;
        END $$""")


def downgrade() -> None:
    op.execute("DROP FUNCTION inet_or_null(text)")
