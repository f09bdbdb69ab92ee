"""Which domains are ours: mailcow's active domains and alias domains, kept here so that mail can be told in
from out."""

from datetime import datetime

from sqlalchemy import Connection, DateTime, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.mailcow.client import Mailcow
from webapp.parse.address import a_label
from webapp.tables.db import Base, now

FRESH = 300  # seconds


class MailcowDomain(Base):
    """One domain of the mailcow server; `kind` is domain, alias or relay (mail for it goes to another
    server)."""

    __tablename__ = "mailcow_domains"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


def local_domains(connection: Connection) -> list[str]:
    """The active domains whose mail is delivered here, in A-label form, sorted."""
    return list(
        connection.scalars(
            text("SELECT name FROM mailcow_domains WHERE active AND kind <> 'relay' ORDER BY name")
        )
    )


def age(connection: Connection) -> float | None:
    """Seconds since the domains were read; None before the first time."""
    seen = connection.scalar(text("SELECT max(seen_at) FROM mailcow_domains"))
    return (now() - seen).total_seconds() if seen else None


def read_domains(mailcow: Mailcow) -> list[dict[str, object]]:
    """The domains as mailcow lists them; raises MailcowError."""
    found = {}
    for domain in mailcow.objects("get/domain/all"):
        kind = "relay" if _flag(domain.get("backupmx")) else "domain"
        found[a_label(str(domain.get("domain_name", "")))] = (kind, _flag(domain.get("active")))
    for alias in mailcow.objects("get/alias-domain/all"):
        found[a_label(str(alias.get("alias_domain", "")))] = ("alias", _flag(alias.get("active")))
    return [
        {"name": name, "kind": kind, "active": active}
        for name, (kind, active) in sorted(found.items())
        if name
    ]


def save_domains(connection: Connection, domains: list[dict[str, object]]) -> None:
    """Replace what is stored."""
    connection.execute(text("DELETE FROM mailcow_domains"))
    if domains:
        connection.execute(
            text(
                "INSERT INTO mailcow_domains (name, kind, active, seen_at) VALUES (:name, :kind, :active, "
                ":now)"
            ),
            [{**domain, "now": now()} for domain in domains],
        )


def _flag(value: object) -> bool:
    """mailcow writes 1, "1" and, for half-active domains, 2."""
    return str(value) in ("1", "2", "True")
