"""Taking the quarantine into its snapshot."""

from sqlalchemy import Connection

from webapp.mailcow import live
from webapp.mailcow.client import Mailcow
from webapp.quarantine.items import QUARANTINE


def take(connection: Connection, mailcow: Mailcow) -> int:
    """Store mailcow's quarantine; returns how many rows it has. Raises MailcowError after noting the
    failure."""
    return live.take(QUARANTINE, connection, mailcow)
