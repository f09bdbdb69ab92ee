"""What mailcow knows of its domains: limits and use, alias domains, DKIM keys, relays, its own addresses."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import asdict, dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from webapp.dnscheck.dkim import ExpectedKey
from webapp.mailcow.client import Mailcow, MailcowError
from webapp.mailcow.mailboxes import flag, local_time
from webapp.mailcow.values import whole
from webapp.parse.address import a_label
from webapp.tables.db import iso

SNAPSHOT = "domain_inventory"
PATIENCE = 10.0  # seconds for mailcow to ask others for its own addresses
AT_ONCE = 4  # requests for DKIM keys at the same time


@dataclass(frozen=True, kw_only=True)
class MailDomain:
    """One domain as mailcow has it; sizes in bytes, `created` as `2025-01-01T00:00:00Z`.

    An alias domain has `target`, the domain that it stands for, and no figures of its own.
    """

    name: str
    shown_name: str = ""
    target: str = ""
    active: bool = True
    mailboxes: int = 0
    mailboxes_left: int = 0
    mailboxes_most: int = 0
    aliases: int = 0
    aliases_left: int = 0
    aliases_most: int = 0
    created: str | None = None
    bytes_total: int = 0
    messages_total: int = 0
    quota_used: int = 0
    quota_most: int = 0
    backup_mx: bool = False
    relay_all: bool = False
    relay_unknown: bool = False
    relayhost: str = "0"
    key: ExpectedKey | None = None


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A transport or relayhost: its id, and the next hop as written there."""

    id: str
    hop: str


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """All of it at one moment."""

    domains: tuple[MailDomain, ...]
    transports: tuple[Relay, ...] = ()
    relayhosts: tuple[Relay, ...] = ()
    addresses: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        """The inventory as its snapshot keeps it."""
        return asdict(self)


def restored(data: Mapping[str, Any]) -> Inventory:
    """The inventory from its snapshot."""
    return Inventory(
        domains=tuple(_restored_domain(row) for row in data["domains"]),
        transports=tuple(Relay(**row) for row in data["transports"]),
        relayhosts=tuple(Relay(**row) for row in data["relayhosts"]),
        addresses=tuple(data["addresses"]),
    )


def _restored_domain(row: Mapping[str, Any]) -> MailDomain:
    key = ExpectedKey(**row["key"]) if row["key"] else None
    return MailDomain(**{**row, "key": key})


def read(client: Callable[[], Mailcow], zone: str) -> Inventory:
    """Asks mailcow for everything; `zone` is the time zone that mailcow writes its times in. Raises
    MailcowError.

    mailcow's own address is asked for too, but a mailcow that cannot find it out costs nothing else.
    """
    mailcow = client()
    domains = [_domain(row, zone) for row in mailcow.objects("get/domain/all")]
    domains += [_alias(row, zone) for row in mailcow.objects("get/alias-domain/all")]
    keys = _read_keys(client, [domain.name for domain in domains if domain.name])
    return Inventory(
        domains=tuple(replace(domain, key=keys[domain.name]) for domain in domains if domain.name),
        transports=_relays(mailcow.objects("get/transport/all"), "nexthop"),
        relayhosts=_relays(mailcow.objects("get/relayhost/all"), "hostname"),
        addresses=_own_addresses(mailcow),
    )


def read_key(mailcow: Mailcow, domain: str) -> ExpectedKey | None:
    """The DKIM key of one domain, None where it has none. Raises MailcowError."""
    answer = mailcow.get(f"get/dkim/{domain}")
    if not isinstance(answer, dict) or not answer.get("dkim_txt"):
        return None
    return ExpectedKey(selector=str(answer.get("dkim_selector") or "dkim"), record=str(answer["dkim_txt"]))


def _read_keys(client: Callable[[], Mailcow], names: list[str]) -> dict[str, ExpectedKey | None]:
    """The keys of all domains, asked one by one over a few connections at the same time."""
    shares = [names[first::AT_ONCE] for first in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = [pool.submit(copy_context().run, _read_share, client(), share) for share in shares if share]
        return {name: key for future in running for name, key in future.result()}


def _read_share(mailcow: Mailcow, names: list[str]) -> list[tuple[str, ExpectedKey | None]]:
    return [(name, read_key(mailcow, name)) for name in names]


def _domain(row: Mapping[str, Any], zone: str) -> MailDomain:
    return MailDomain(
        name=a_label(str(row.get("domain_name") or "")),
        shown_name=str(row.get("domain_h_name") or row.get("domain_name") or ""),
        active=flag(row.get("active")),
        mailboxes=_number(row.get("mboxes_in_domain")),
        mailboxes_left=_number(row.get("mboxes_left")),
        mailboxes_most=_number(row.get("max_num_mboxes_for_domain")),
        aliases=_number(row.get("aliases_in_domain")),
        aliases_left=_number(row.get("aliases_left")),
        aliases_most=_number(row.get("max_num_aliases_for_domain")),
        created=iso(local_time(row.get("created"), ZoneInfo(zone))),
        bytes_total=_number(row.get("bytes_total")),
        messages_total=_number(row.get("msgs_total")),
        quota_used=_number(row.get("quota_used_in_domain")),
        quota_most=_number(row.get("max_quota_for_domain")),
        backup_mx=flag(row.get("backupmx")),
        relay_all=flag(row.get("relay_all_recipients")),
        relay_unknown=flag(row.get("relay_unknown_only")),
        relayhost=str(row.get("relayhost") or "0"),
    )


def _alias(row: Mapping[str, Any], zone: str) -> MailDomain:
    name = str(row.get("alias_domain") or "")
    return MailDomain(
        name=a_label(name),
        shown_name=name,
        target=a_label(str(row.get("target_domain") or "")),
        active=flag(row.get("active")),
        created=iso(local_time(row.get("created"), ZoneInfo(zone))),
    )


def _relays(rows: Iterable[Mapping[str, Any]], hop: str) -> tuple[Relay, ...]:
    """The active ones; mailcow's answer holds passwords, of which nothing is kept."""
    active = (row for row in rows if flag(row.get("active", 1)) and row.get(hop))
    return tuple(Relay(id=str(row.get("id") or ""), hop=str(row[hop])[:1000]) for row in active)


def _own_addresses(mailcow: Mailcow) -> tuple[str, ...]:
    mailcow.timeout = min(mailcow.timeout, PATIENCE)
    try:
        answer = mailcow.get("get/status/host/ip")
    except MailcowError:  # the client has noted it; what was known of the addresses still holds
        return ()
    found = answer if isinstance(answer, dict) else {}
    return tuple(str(found[family]) for family in ("ipv4", "ipv6") if found.get(family))


def _number(value: object) -> int:
    return whole(value) or 0
