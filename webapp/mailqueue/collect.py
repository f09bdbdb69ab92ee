"""Taking the queue into its snapshot."""

from sqlalchemy import Connection

from webapp.mailcow import live
from webapp.mailcow.client import Mailcow
from webapp.mailqueue.entries import QUEUE


def take(connection: Connection, mailcow: Mailcow) -> int:
    """Store mailcow's queue; returns how many messages wait. Raises MailcowError after noting the failure."""
    return live.take(QUEUE, connection, mailcow)
