"""Demo mail and real mail never share a database: it belongs to whichever came first."""

from sqlalchemy import Connection, text

from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.tables.partitions import TABLES

DEMO, REAL = "demo", "mailcow"
SMALL_TABLES = ("log_cursors", "log_gaps", "set_aside_rows", "suppressed_queue_ids", "mailcow_domains")


class ForeignData(ExpectedError):
    """The database holds real mail, and the demo must not write into it."""


def claim(connection: Connection, settings: Settings) -> bool:
    """Mark the database as ours; returns True where demo data had to be removed first. Raises ForeignData."""
    wanted = DEMO if settings.demo_mode else REAL
    found = connection.scalar(text("SELECT value FROM installation WHERE name = 'origin'"))
    if found == wanted:
        return False
    if found == REAL:
        raise ForeignData(
            "this database holds the mail of a real mailcow: the demo does not write into it; set MAILCOW_URL"
        )
    if found == DEMO:
        connection.execute(text(f"TRUNCATE {', '.join([*TABLES, *SMALL_TABLES])}"))
    connection.execute(
        text(
            "INSERT INTO installation (name, value) VALUES ('origin', :origin) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        ),
        {"origin": wanted},
    )
    return found == DEMO
