"""Whether notices by mail depend on the very server that is watched: then nobody hears of its outage.

Names are resolved in a job, never while a page waits; a page reads what the job found.
"""

import ipaddress
import socket
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from webapp.alerts.channels import channels, mails
from webapp.alerts.mailer import administrators
from webapp.config import Settings
from webapp.mailcow import snapshots
from webapp.mailcow.domains import local_domains
from webapp.tables.db import now

SNAPSHOT = "mail-route"
FRESH = timedelta(hours=1)


@dataclass(frozen=True)
class MailRoute:
    """Where the SMTP server of the settings was found; `is_watched`: it is mailcow itself."""

    host: str
    is_watched: bool


@dataclass(frozen=True)
class Dependence:
    """What of the mail channel would fail with the watched server, and whether there is another channel."""

    sends_through_it: bool
    read_on_it: tuple[str, ...]
    is_only_channel: bool

    @property
    def warns(self) -> bool:
        """True where an outage of mailcow would be told to nobody."""
        return self.is_only_channel and (self.sends_through_it or bool(self.read_on_it))


def look(session: Session, settings: Settings) -> bool:
    """Find out where the SMTP server is, once an hour and when it was changed; returns whether it looked."""
    if not mails(settings) or not settings.mailcow_url:
        return False
    known = snapshots.load(session, SNAPSHOT)[SNAPSHOT]
    told = known.data or {}
    fresh = known.taken_at is not None and now() - known.taken_at < FRESH
    if fresh and told.get("host") == settings.smtp_host:
        return False
    route = MailRoute(settings.smtp_host, is_mailcow(settings))
    snapshots.keep(session.connection(), SNAPSHOT, route)
    return True


def is_mailcow(settings: Settings) -> bool:
    """True where the SMTP server has mailcow's name, one of its addresses, or is one of its containers."""
    watched = urlsplit(settings.mailcow_url).hostname or ""
    if settings.smtp_host.lower() == watched.lower():
        return True
    mine = _addresses(settings.smtp_host)
    networks = [ipaddress.ip_network(text, strict=False) for text in settings.mailcow_networks]
    inside = any(ipaddress.ip_address(one) in network for one in mine for network in networks)
    return inside or not mine.isdisjoint(_addresses(watched))


def _addresses(host: str) -> set[str]:
    """The addresses of a host as the system resolves it; none where it does not."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {str(entry[4][0]).partition("%")[0] for entry in found}


def dependence(session: Session, settings: Settings) -> Dependence:
    """What the page says of the mail channel; reads what the job found."""
    known = channels(settings)
    if not mails(settings) or not settings.mailcow_url:
        return Dependence(False, (), False)
    told = snapshots.load(session, SNAPSHOT)[SNAPSHOT].data or {}
    through = bool(told.get("is_watched")) and told.get("host") == settings.smtp_host
    return Dependence(through, _read_there(session.connection(), settings), len(known) == 1)


def _read_there(connection: Connection, settings: Settings) -> tuple[str, ...]:
    """The administrators' addresses whose mailboxes are on the watched server."""
    ours = set(local_domains(connection))
    return tuple(one for one in administrators(settings) if one.rpartition("@")[2].lower() in ours)
