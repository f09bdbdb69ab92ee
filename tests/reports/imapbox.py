"""A mailbox with reports on loopback, and the job that reads it."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from jobs.run import committed
from tests.reports.samples import METADATA, gz, mail, xml
from webapp.config import Settings
from webapp.demo.imap import ImapServer
from webapp.reports.imap.sync import Progress, run
from webapp.tables.db import db

ORDINARY = b"From: a@example.com\r\nSubject: Lunch\r\nMessage-ID: <l@example.com>\r\n\r\nAt noon?\r\n"
PAGE = (
    b"From: shop@example.com\r\nSubject: Offers\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n"
    b"<!DOCTYPE html><html><head><title>x</title></head><body><p>Buy<br>now &nbsp; here</body></html>\r\n"
)
BROKEN = mail(gz(xml())[:-40]).as_bytes()  # ends in the middle
MakeSettings = Callable[..., Settings]


@lru_cache(maxsize=2000)
def report(number: int) -> bytes:
    """A mail with a report of its own."""
    return mail(gz(xml(metadata=METADATA.replace("r-1", f"r-{number}")))).as_bytes()


def fields(server: ImapServer, **more: Any) -> dict[str, Any]:
    """The settings of that mailbox."""
    return {
        "dmarc_imap_enabled": True,
        "dmarc_imap_host": "127.0.0.1",
        "dmarc_imap_port": server.port,
        "dmarc_imap_use_ssl": False,
        "dmarc_imap_user": server.user,
        "dmarc_imap_password": server.password,
        **more,
    }


def sync(settings: Settings) -> Progress:
    """One run of the job, as its door does it."""
    return committed(run(db.session(), settings))


def rows(sql: str) -> list[dict[str, Any]]:
    """What the database holds."""
    found = [dict(row._mapping) for row in db.session.execute(db.text(sql))]
    db.session.rollback()
    return found


def stored() -> list[str]:
    """The ids of the stored reports."""
    return sorted(row["report_id"] for row in rows("SELECT report_id FROM dmarc_reports"))
