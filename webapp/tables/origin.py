"""Demo mail and real mail never share a database: it belongs to whichever came first."""

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import insert

from webapp.config import Settings
from webapp.errors import ExpectedError
from webapp.tables.installation import Installation
from webapp.tables.schema import EMPTIED

DEMO, REAL = "demo", "mailcow"
ORIGIN = "origin"


class ForeignData(ExpectedError):
    """The database holds real mail, and the demo must not write into it."""


def claim(connection: Connection, settings: Settings) -> bool:
    """Mark the database as ours; returns True where demo data had to be removed first. Raises ForeignData."""
    wanted = DEMO if settings.demo_mode else REAL
    found = connection.scalar(select(Installation.value).where(Installation.name == ORIGIN))
    if found == wanted:
        return False
    if found == REAL:
        raise ForeignData(
            "this database holds the mail of a real mailcow: the demo does not write into it; set MAILCOW_URL"
        )
    if found == DEMO:
        connection.execute(text(f"TRUNCATE {', '.join(EMPTIED)}"))
    ours = insert(Installation).values(name=ORIGIN, value=wanted)
    connection.execute(
        ours.on_conflict_do_update(index_elements=["name"], set_={"value": ours.excluded.value})
    )
    return found == DEMO
