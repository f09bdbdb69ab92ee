"""A line of Postfix keeps no field that its text tells and nobody asks the database for; programs are written short.

Lines that are stored already keep their columns' bytes until their day goes: nothing is rewritten.
"""

from alembic import op

from webapp.parse.programs import KNOWN, stored_program

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute("ALTER TABLE postfix_logs DROP message_id, DROP relay, ALTER priority DROP NOT NULL")
    op.execute(
        "UPDATE postfix_logs SET program = '!' || program WHERE program LIKE '!%' OR length(program) < 2"
    )


def downgrade() -> None:
    """The dropped fields stay empty for the lines that are stored."""
    op.execute("ALTER TABLE postfix_logs ADD message_id text, ADD relay text")
    short = ", ".join(f"('{stored_program(name)}', '{name}')" for name in KNOWN)
    op.execute(
        f"UPDATE postfix_logs SET program = name FROM (VALUES {short}) AS k (short, name) WHERE program = short"
    )
    op.execute("UPDATE postfix_logs SET program = substr(program, 2) WHERE program LIKE '!%'")
    op.execute("UPDATE postfix_logs SET priority = 'info' WHERE priority IS NULL")
    op.execute("ALTER TABLE postfix_logs ALTER priority SET NOT NULL")
