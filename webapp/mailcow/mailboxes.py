"""mailcow's mailboxes, aliases and alias domains as typed records, whatever spelling a value has. Pure.

mailcow writes numbers as texts at times, `"- "` for a share of an unlimited quota, 0 for a login that never
was, and its times in the server's own zone without naming it (inc/functions.mailbox.inc.php).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from webapp.mailcow.client import Mailcow, MailcowDenied, MailcowGarbage
from webapp.parse.address import a_label, bare_address

PERMISSIONS = (
    "imap_access",
    "pop3_access",
    "smtp_access",
    "sieve_access",
    "sogo_access",
    "eas_access",
    "dav_access",
    "tls_enforce_in",
    "tls_enforce_out",
    "force_tfa",
    "force_pw_update",
)
FRAMES = ("s", "m", "h", "d")
NUMBER = re.compile(r"\s*(-?[0-9]{1,18})(\.[0-9]{0,9})?\s*%?\s*")
MOST_TARGETS = 1000  # of one alias; more are left out
MOST_STEPS = 5  # from alias to alias on the way to a mailbox
LONGEST_COMMENT = 500  # characters


@dataclass(frozen=True)
class Limit:
    """So many mails per second, minute, hour or day (`frame` s, m, h, d)."""

    value: int
    frame: str


@dataclass(frozen=True)
class MailboxRecord:
    """One mailbox. Sizes in bytes; quota 0 is none. A login is None where mailcow tells of none;
    `logins_known` is False where it does not tell at all."""

    username: str
    domain: str
    name: str
    active: bool
    quota: int
    quota_used: int
    messages: int
    last_imap_login: datetime | None
    last_pop3_login: datetime | None
    last_smtp_login: datetime | None
    logins_known: bool
    limit: Limit | None
    attributes: dict[str, str] = field(default_factory=dict)
    created: datetime | None = None
    modified: datetime | None = None


@dataclass(frozen=True)
class AliasRecord:
    """One alias; `address` is `@domain` for a catch-all, `goto` are its targets as mailcow lists them."""

    address: str
    domain: str
    active: bool
    is_catch_all: bool
    goto: tuple[str, ...]
    comment: str
    created: datetime | None = None
    modified: datetime | None = None


def read_mailboxes(mailcow: Mailcow) -> list[dict[str, Any]]:
    """The mailboxes by the light route, else (an older server) by the heavy one; raises MailcowError."""
    try:
        return mailcow.objects("get/mailbox/reduced")
    except MailcowDenied:
        raise
    except MailcowGarbage:
        return mailcow.objects("get/mailbox/all")


def read_limits(mailcow: Mailcow) -> dict[str, Limit]:
    """Rate limits by mailbox and by domain; none where the server has no such route. Raises MailcowError."""
    found: dict[str, Limit] = {}
    for route, name in (("get/rl-domain/all", "domain"), ("get/rl-mbox/all", "mailbox")):
        try:
            rows = mailcow.objects(route)
        except MailcowDenied:
            raise
        except MailcowGarbage:
            continue
        limits = {bare_address(_text(row.get(name))): limit_of(row) for row in rows}
        found |= {owner: limit for owner, limit in limits.items() if owner and limit}
    return found


def mailbox_records(
    rows: Iterable[Mapping[str, Any]], limits: Mapping[str, Limit], zone: str
) -> tuple[MailboxRecord, ...]:
    """The records of the usable rows, each mailbox once, sorted; `zone` is the one mailcow's times are in."""
    found: dict[str, MailboxRecord] = {}
    for row in rows:
        username = bare_address(_text(row.get("username")).strip())
        if "@" in username:
            found[username] = _mailbox(row, username, limits, ZoneInfo(zone))
    return tuple(found[username] for username in sorted(found))


def _mailbox(
    row: Mapping[str, Any], username: str, limits: Mapping[str, Limit], zone: ZoneInfo
) -> MailboxRecord:
    domain = username.rpartition("@")[2]
    attributes = row.get("attributes")
    return MailboxRecord(
        username=username,
        domain=a_label(domain),
        name=_text(row.get("name")).strip(),
        active=flag(row.get("active")),
        quota=_whole(row.get("quota")),
        quota_used=_whole(row.get("quota_used")),
        messages=_whole(row.get("messages")),
        last_imap_login=_login(row.get("last_imap_login")),
        last_pop3_login=_login(row.get("last_pop3_login")),
        last_smtp_login=_login(row.get("last_smtp_login")),
        logins_known="last_imap_login" in row,
        limit=limit_of(row.get("rl")) or limits.get(username) or limits.get(domain),
        attributes=_permissions(attributes if isinstance(attributes, Mapping) else {}),
        created=local_time(row.get("created"), zone),
        modified=local_time(row.get("modified"), zone),
    )


def alias_records(rows: Iterable[Mapping[str, Any]], zone: str) -> tuple[AliasRecord, ...]:
    """The records of the usable rows, each address once, sorted."""
    found: dict[str, AliasRecord] = {}
    for row in rows:
        address = bare_address(_text(row.get("address")).strip())
        if "@" not in address:
            continue
        targets = (bare_address(part.strip()) for part in _text(row.get("goto")).split(",")[:MOST_TARGETS])
        found[address] = AliasRecord(
            address=address,
            domain=a_label(address.rpartition("@")[2]),
            active=flag(row.get("active")),
            is_catch_all=address.startswith("@"),
            goto=tuple(dict.fromkeys(target for target in targets if target)),
            comment=_text(row.get("public_comment"))[:LONGEST_COMMENT],
            created=local_time(row.get("created"), ZoneInfo(zone)),
            modified=local_time(row.get("modified"), ZoneInfo(zone)),
        )
    return tuple(found[address] for address in sorted(found))


def alias_domains(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """`{alias domain: target domain}` in A-label form."""
    pairs = (
        (a_label(_text(row.get("alias_domain"))), a_label(_text(row.get("target_domain")))) for row in rows
    )
    return {alias: target for alias, target in pairs if alias and target}


def mailboxes_behind(aliases: Iterable[AliasRecord], boxes: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Alias -> those of the mailboxes `boxes` that its mail ends in, over other aliases too; none where it
    leads outside."""
    goto = {record.address: record.goto for record in aliases}
    found = {}
    for address in goto:
        reached: dict[str, None] = {}
        step: list[str] = [address]
        seen: set[str] = set()
        for _ in range(MOST_STEPS):
            targets = [target for name in step for target in goto.get(name, ())]
            step = [target for target in dict.fromkeys(targets) if target not in seen]
            seen.update(step)
            reached |= dict.fromkeys(target for target in step if target in boxes)
        found[address] = tuple(reached)
    return found


def limit_of(value: Any) -> Limit | None:
    """The rate limit in mailcow's `{"value": "5", "frame": "s"}`; None for `false`, `{}` and what is none."""
    if not isinstance(value, Mapping):
        return None
    number, frame = _whole(value.get("value")), _text(value.get("frame"))
    return Limit(number, frame) if number > 0 and frame in FRAMES else None


def flag(value: Any) -> bool:
    """mailcow writes 1, "1", true, and 2 for what is half active (it receives, but nobody may log in)."""
    return str(value).strip().lower() in ("1", "2", "true")


def local_time(value: Any, zone: ZoneInfo) -> datetime | None:
    """The UTC moment of `2024-03-05 09:14:12` in a zone; None for null and what is no time."""
    try:
        return datetime.fromisoformat(_text(value).strip()).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _login(value: Any) -> datetime | None:
    seconds = _whole(value)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def _whole(value: Any) -> int:
    """The whole number in 5, "5", 5.0 or " 5 "; 0 for everything that is none."""
    found = NUMBER.fullmatch(_text(value)) if not isinstance(value, bool) else None
    return max(0, int(found[1])) if found else 0


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, (dict, list)) else str(value)[:65536].replace("\0", "")


def _permissions(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {name: "1" if flag(attributes[name]) else "0" for name in PERMISSIONS if name in attributes}
