"""Domains, mailboxes, aliases and the state of the containers, as mailcow's API describes them."""

import base64
import hashlib
import time

from . import cast
from .scene import Row

GIB = 1 << 30
SINCE = "2024-03-05 09:12:44"
KEY_HEAD = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
KEY_TAIL = bytes.fromhex("0203010001")  # exponent 65537
LIMIT = {"value": "300", "frame": "h"}
IMAGES = {
    "acme": "ghcr.io/mailcow/acme:1.98",
    "clamd": "ghcr.io/mailcow/clamd:1.71",
    "dockerapi": "ghcr.io/mailcow/dockerapi:2.12",
    "dovecot": "ghcr.io/mailcow/dovecot:2.3.21.1-2",
    "memcached": "memcached:alpine",
    "mysql": "mariadb:10.11",
    "netfilter": "ghcr.io/mailcow/netfilter:1.64",
    "nginx": "ghcr.io/mailcow/nginx:1.30.4-1",
    "ofelia": "mcuadros/ofelia:latest",
    "olefy": "ghcr.io/mailcow/olefy:1.15",
    "php-fpm": "ghcr.io/mailcow/phpfpm:8.2.29-3",
    "postfix": "ghcr.io/mailcow/postfix:3.10.12-1",
    "postfix-tlspol": "ghcr.io/mailcow/postfix-tlspol:1.8.23",
    "redis": "redis:7.4.6-alpine",
    "rspamd": "ghcr.io/mailcow/rspamd:4.1.4-1",
    "sogo": "ghcr.io/mailcow/sogo:5.12.8-1",
    "unbound": "ghcr.io/mailcow/unbound:1.25",
    "watchdog": "ghcr.io/mailcow/watchdog:2.11",
}


def _share(text: str) -> int:
    """A fixed number from 0 to 99 for a name."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 100


def _twice(**numbers: int) -> Row:
    return {
        key: value
        for name, number in numbers.items()
        for key, value in ((name, number), (f"{name}_int", number))
    }


def _used(address: str) -> int:
    return 3 * GIB * min(_share(address) * (2 if address == cast.FULL_MAILBOX else 1), 100) // 100


def domains() -> list[Row]:
    return [_domain(name) for name in (cast.BOOKS, cast.WERFT)]


def _domain(name: str) -> Row:
    boxes = [address for address in cast.MAILBOXES if address.endswith(f"@{name}")]
    aliases = [address for address in cast.ALIASES if address.endswith(f"@{name}")]
    used = sum(_used(address) for address in boxes)
    return {
        "max_new_mailbox_quota": 10 * GIB,
        "def_new_mailbox_quota": 3 * GIB,
        "quota_used_in_domain": str(used),
        "bytes_total": str(used),
        "msgs_total": str(sum(_share(address) * 61 for address in boxes)),
        "mboxes_in_domain": len(boxes),
        "mboxes_left": 50 - len(boxes),
        "domain_name": name,
        "domain_h_name": name,
        "description": {"harbour-books.example": "Harbour Books"}.get(name, "Nordwind Werft"),
        "max_num_aliases_for_domain": 400,
        "max_num_mboxes_for_domain": 50,
        "def_quota_for_mbox": 3 * GIB,
        "max_quota_for_mbox": 10 * GIB,
        "max_quota_for_domain": 100 * GIB,
        "relayhost": "0",
        **_twice(backupmx=0, gal=1),
        "rl": LIMIT,
        **_twice(active=1, relay_all_recipients=0, relay_unknown_only=0),
        "created": SINCE,
        "modified": "2026-02-11 20:01:09",
        "aliases_in_domain": len(aliases),
        "aliases_left": 400 - len(aliases),
        "domain_admins": "-",
    }


def transports() -> list[Row]:
    """One transport map: mail for the shipyard's old partner goes through its own relay."""
    credentials = {"username": "werft", "password": "not-told", "password_short": "not..."}
    hop = {"destination": "oldbridge.example", "nexthop": "[relay.oldbridge.example]:587"}
    return [{"id": 1, **hop, **credentials, **_twice(active=1), "is_mx_based": 0}]


def own_addresses() -> Row:
    """The server's addresses as mailcow finds them out."""
    return {"ipv4": cast.SERVER_IP, "ipv6": cast.SERVER_IPV6}


def alias_domains() -> list[Row]:
    row = {
        "alias_domain": cast.ALIAS_DOMAIN,
        "target_domain": cast.BOOKS,
        "parent_is_backupmx": 0,
        **_twice(active=1),
    }
    return [{**row, "rl": False, "created": "2024-05-01 10:00:00", "modified": None}]


def mailboxes(domains_wanted: list[str], reduced: bool, now: float) -> list[Row]:
    """The mailboxes of some domains (all where the list is empty)."""
    wanted = [
        address
        for address in cast.MAILBOXES
        if not domains_wanted or address.partition("@")[2] in domains_wanted
    ]
    return [_mailbox(address, reduced, now) for address in wanted]


def _mailbox(address: str, reduced: bool, now: float) -> Row:
    local, _, domain = address.partition("@")
    share = 100 * _used(address) // (3 * GIB)
    seen = int(now) - 600 * _share(address)
    on = dict.fromkeys(
        (
            "sogo_access",
            "imap_access",
            "pop3_access",
            "smtp_access",
            "sieve_access",
            "eas_access",
            "dav_access",
        ),
        "1",
    )
    off = dict.fromkeys(
        ("force_pw_update", "force_tfa", "tls_enforce_in", "tls_enforce_out", "relayhost"), "0"
    )
    kept = {
        "mailbox_format": "maildir:",
        "quarantine_notification": "hourly",
        "quarantine_category": "reject",
    }
    row: Row = {
        "username": address,
        **_twice(active=1),
        "domain": domain,
        "name": cast.MAILBOXES[address],
        "local_part": local,
        "quota": 3 * GIB,
        "messages": _share(address) * 61,
        "attributes": {**off, **on, **kept},
        "custom_attributes": [],
        "quota_used": _used(address),
        "percent_in_use": share or "- ",
        "percent_class": "danger" if share >= 90 else "warning" if share >= 75 else "success",
        "created": SINCE,
        "modified": None,
        "authsource": "mailcow",
        "last_imap_login": seen if local != "lager" else 0,
        "last_smtp_login": seen if local not in ("archive", "lager") else 0,
        "last_pop3_login": 0,
        "last_sso_login": 0,
    }
    if not reduced:
        row |= {
            "max_new_quota": 10 * GIB,
            "spam_aliases": 0,
            "pushover_active": 0,
            "rl": LIMIT,
            "rl_scope": "domain",
            "is_relayed": 0,
        }
        row |= {"sender_acl": [], "tags": []}
    return row


def aliases() -> list[Row]:
    return [
        {
            "in_primary_domain": "",
            "id": number,
            "domain": address.partition("@")[2],
            "public_comment": "",
            "private_comment": None,
            "goto": ",".join(goto),
            "address": address,
            "is_catch_all": int(address.startswith("@")),
            "internal": 0,
            **_twice(active=1, sogo_visible=1),
            "sender_allowed": 1,
            "created": SINCE,
            "modified": None,
        }
        for number, (address, goto) in enumerate(cast.ALIASES.items(), start=40)
    ]


def key_text(seed: str) -> str:
    """A public RSA key of 2048 bits as a DKIM record has it; the same seed gives the same key."""
    noise = b"".join(hashlib.sha256(f"{seed}{part}".encode()).digest() for part in range(8))
    modulus = bytes([noise[0] | 0x80]) + noise[1:-1] + bytes([noise[-1] | 1])
    return base64.b64encode(KEY_HEAD + modulus + KEY_TAIL).decode()


def dkim(domain: str) -> Row:
    """The domain's key; empty where it has none."""
    if domain not in cast.LOCAL_DOMAINS:
        return {}
    key = key_text(domain)
    return {
        "pubkey": key,
        "length": "2048",
        "dkim_txt": f"v=DKIM1;k=rsa;t=s;s=email;p={key}",
        "dkim_selector": "dkim",
        "privkey": "",
    }


def containers(now: float) -> dict[str, Row]:
    return {
        f"{name}-mailcow": {
            "type": "info",
            "container": f"{name}-mailcow",
            "state": "exited" if name == "clamd" else "running",
            "started_at": time.strftime(
                "%Y-%m-%dT%H:%M:%S.270691612Z", time.gmtime(now - 86_400 * (3 + _share(name) % 9))
            ),
            "image": image,
        }
        for name, image in IMAGES.items()
    }


def host(now: float) -> Row:
    memory = {"total": 16_661_336_064, "usage": 41.2, "swap": [4_294_963_200, 0, 4_294_963_200, 0.0, 0, 0]}
    moment = time.strftime("%d.%m.%Y %H:%M:%S", time.gmtime(now))
    usage = 3.0 + int(now) % 7
    return {
        "cpu": {"cores": 4, "usage": usage},
        "memory": memory,
        "uptime": 1_123_456.78,
        "system_time": moment,
        "architecture": "x86_64",
    }


VMAIL = {
    "type": "info",
    "disk": "/dev/mapper/vg0-docker",
    "used": "38G",
    "total": "105G",
    "used_percent": "39%",
}
VERSION = {"version": "2026-07a"}
FORWARDING_HOSTS = [{"host": "198.51.100.40", "source": "book-trade-weekly.example", "keep_spam": "no"}]
MAILBOX_LIMITS = [{"value": "60", "frame": "h", "mailbox": f"newsletter@{cast.BOOKS}"}]
DOMAIN_LIMITS = [{**LIMIT, "domain": name} for name in (cast.BOOKS, cast.WERFT)]
