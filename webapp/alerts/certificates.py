"""Looking at the certificates that others see: those of mailcow's web server and of the mail server."""

import asyncio
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from webapp.alerts.finding import plain
from webapp.config import Settings
from webapp.dnscheck import inventory
from webapp.dnscheck.inventory import Inventory
from webapp.dnscheck.port25 import Port25, Probe, Served
from webapp.dnscheck.resolver import Resolver
from webapp.dnscheck.senders import find_server
from webapp.mailcow import snapshots
from webapp.tables.alerts import Certificate
from webapp.tables.db import now

PATIENCE = 15.0  # seconds for one host
HTTPS, SMTP = 443, 25


@dataclass(frozen=True)
class Seen:
    """What a host showed on a port; without `not_after`, `error` says why."""

    host: str
    port: int
    not_after: datetime | None = None
    issuer: str = ""
    error: str = ""


def look(session: Session, settings: Settings, probe: Probe | None = None) -> Iterator[dict[str, int]]:
    """Ask each host and keep what it shows; yields where the caller should commit."""
    kept = snapshots.load(session, inventory.SNAPSHOT)[inventory.SNAPSHOT]
    known = inventory.restored(kept.data) if kept.data is not None else Inventory(domains=())
    session.rollback()  # no transaction stays open while hosts are waited for
    seen = asyncio.run(_ask(settings, known, probe or Port25()))
    _keep(session.connection(), seen, now())
    yield {"hosts": len(seen), "failed": sum(one.not_after is None for one in seen)}


async def _ask(settings: Settings, known: Inventory, probe: Probe) -> list[Seen]:
    web = urlsplit(settings.mailcow_url)
    looks = []
    if web.scheme == "https" and web.hostname:
        looks.append(_of_web(web.hostname, web.port or HTTPS))
    async with Resolver(settings.dns_resolvers) as resolver:
        names = [domain.name for domain in known.domains if domain.active and not domain.backup_mx]
        server = await find_server(known.addresses, names, web.hostname or "", resolver)
        if server.host:
            addresses = await resolver.addresses(server.host)
            looks.append(_of_mail(server.host, addresses, probe))
        return list(await asyncio.gather(*looks))


async def _of_web(host: str, port: int) -> Seen:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(host, port, ssl=any_certificate(), server_hostname=host)
            try:
                shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Seen(host, port, error=f"no certificate within {PATIENCE:g} s")
    except (OSError, ValueError) as error:
        return Seen(host, port, error=plain(error, 200) or type(error).__name__)
    return read(host, port, shown)


async def _of_mail(host: str, addresses: Sequence[str], probe: Probe) -> Seen:
    served: Served = await probe(host, addresses)
    return read(host, SMTP, served.chain[0]) if served.chain else Seen(host, SMTP, error=served.detail)


def any_certificate() -> ssl.SSLContext:
    """Takes every certificate: one that has ended must be seen too."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def read(host: str, port: int, certificate: bytes) -> Seen:
    """When a certificate (DER) ends, and who issued it."""
    # 8 MB that only this job needs
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    try:
        found = x509.load_der_x509_certificate(certificate)
        names = found.issuer.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        return Seen(host, port, found.not_valid_after_utc, plain(names[0].value, 100) if names else "")
    except ValueError as error:
        return Seen(host, port, error=f"it cannot be read: {plain(error, 150)}")


def _keep(connection: Connection, seen: Sequence[Seen], moment: datetime) -> None:
    """A host that shows nothing now keeps what it showed last; one that is asked no more goes."""
    asked = tuple_(Certificate.host, Certificate.port)
    connection.execute(delete(Certificate).where(asked.not_in([(one.host, one.port) for one in seen])))
    for shown in (True, False):
        rows = [_row(one, moment) for one in seen if (one.not_after is not None) is shown]
        if rows:
            statement = insert(Certificate)
            columns = ("not_after", "issuer", "seen_at") if shown else ()
            new = {name: statement.excluded[name] for name in (*columns, "checked_at", "error")}
            keys = ["host", "port"]
            connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new), rows)


def _row(one: Seen, moment: datetime) -> dict[str, Any]:
    seen_at = moment if one.not_after else None
    return {**vars(one), "checked_at": moment, "seen_at": seen_at}
