"""Which domains are ours: mailcow's active domains and alias domains, kept here so that mail can be told in
from out."""

from sqlalchemy import Connection, delete, func, insert, literal_column, select

from webapp.mailcow.client import Mailcow
from webapp.parse.address import a_label
from webapp.tables.db import now
from webapp.tables.mailcow import MailcowDomain

FRESH = 300  # seconds
LOCAL = (  # see local_domains
    select(MailcowDomain.name)
    .where(MailcowDomain.active, MailcowDomain.kind != literal_column("'relay'"))
    .order_by(MailcowDomain.name)
)


def local_domains(connection: Connection) -> list[str]:
    """The active domains whose mail is delivered here, in A-label form, sorted."""
    return list(connection.scalars(LOCAL))


def alias_targets(connection: Connection) -> dict[str, str]:
    """The active alias domains and what each stands for, A-labels."""
    known = MailcowDomain.active, MailcowDomain.kind == "alias"
    rows = connection.execute(select(MailcowDomain.name, MailcowDomain.target).where(*known))
    return {row.name: row.target for row in rows if row.target}


def age(connection: Connection) -> float | None:
    """Seconds since the domains were read; None before the first time."""
    seen = connection.scalar(select(func.max(MailcowDomain.seen_at)))
    return (now() - seen).total_seconds() if seen else None


def read_domains(mailcow: Mailcow) -> list[dict[str, object]]:
    """The domains as mailcow lists them; raises MailcowError."""
    found: dict[str, tuple[str, bool, str | None]] = {}
    for domain in mailcow.objects("get/domain/all"):
        kind = "relay" if _flag(domain.get("backupmx")) else "domain"
        found[a_label(str(domain.get("domain_name", "")))] = (kind, _flag(domain.get("active")), None)
    for alias in mailcow.objects("get/alias-domain/all"):
        target = a_label(str(alias.get("target_domain") or "")) or None
        found[a_label(str(alias.get("alias_domain", "")))] = ("alias", _flag(alias.get("active")), target)
    return [
        {"name": name, "kind": kind, "active": active, "target": target}
        for name, (kind, active, target) in sorted(found.items())
        if name
    ]


def save_domains(connection: Connection, domains: list[dict[str, object]]) -> None:
    """Replace what is stored."""
    connection.execute(delete(MailcowDomain))
    if domains:
        seen_at = now()
        connection.execute(insert(MailcowDomain), [{**domain, "seen_at": seen_at} for domain in domains])


def _flag(value: object) -> bool:
    """mailcow writes 1, "1" and, for half-active domains, 2."""
    return str(value) in ("1", "2", "True")
