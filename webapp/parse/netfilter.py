"""One netfilter line -> its fields. Pure; both wordings (black/whitelist until 2025, deny/allowlist since),
those of 2018 without minutes and without the line that matched, IPv4 and IPv6."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface

from webapp.parse.words import NetfilterAction

MATCHED = re.compile(r"(\S+) matched rule id (\S+)(?: \((.*))?$", re.DOTALL)
ATTEMPTS = re.compile(r"(\d+) more attempts in the next \d+ seconds until (\S+) is banned")
BANNING = re.compile(r"Banning (\S+)(?: for (\d{1,9}) minutes|$)")
UNBANNING = re.compile(r"(?:Unbanning|Unbanned ip:) (\S+)")
LISTED = re.compile(r"(Add|Added|Remove|Removed)(?: host/network)? (\S+) (?:to|from) (?:blacklist|denylist)")
SKIPPED = re.compile(r"(\S+) is not banned, skipping unban")
ALLOWED = re.compile(r"Address (\S+) is (?:allow|white)listed by rule (\S+)")
# a user name is whatever somebody typed: it ends where the words after it are the last of their kind
DOVECOT = r"(?:lua|sql|passwd-file|ldap|pam|oauth2|static|dict|passwd|imap|pop3|managesieve|sieve|submission)"
USERNAMES = (
    re.compile(r", sasl_username=(.+)$", re.DOTALL),
    re.compile(r"Invalid password for (.+) by ", re.DOTALL),
    re.compile(r"Login from '[^']*' for user '(.+)'", re.DOTALL),
    re.compile(r"-login: .*?: user=<(.+?)>(?:, [a-z]+=|$)", re.DOTALL),
    re.compile(rf"(?:^|[\s:]){DOVECOT}\((.+),[0-9A-Fa-f.:]+(?:,<[^>]*>)?\)", re.DOTALL),
    re.compile(rf"(?:^|[\s:]){DOVECOT}\(([^,()\s]+),"),
)
LOOKED_THROUGH = 4000  # characters of a line in which a user name is looked for
METHOD = re.compile(r"SASL (\S+) authentication failed")


@dataclass(slots=True)
class NetfilterLine:
    """What one line says."""

    action: NetfilterAction = NetfilterAction.INFO
    ip: str | None = None
    rule_id: int | None = None
    attempts_left: int | None = None
    username: str | None = None
    auth_method: str | None = None


def ban_minutes(message: str) -> int | None:
    """How long the ban of a line lasts; None where it does not say so."""
    found = BANNING.match(message)
    return int(found[2]) if found and found[2] else None


def parse_netfilter(message: str) -> NetfilterLine:
    """The fields of one line; an unknown wording is `info`."""
    line = NetfilterLine()
    if matched := MATCHED.match(message):
        _matched(line, matched)
    elif attempts := ATTEMPTS.match(message):
        line.action, line.ip = NetfilterAction.WARNING, host(attempts[2])
        line.attempts_left = int(attempts[1])
    elif banned := BANNING.match(message):
        line.action, line.ip = NetfilterAction.BANNED, host(banned[1])
    elif unbanned := UNBANNING.match(message):
        line.action, line.ip = NetfilterAction.UNBANNED, host(unbanned[1])
    elif listed := LISTED.match(message):
        adds = listed[1].startswith("Add")
        line.action = NetfilterAction.BANNED if adds else NetfilterAction.UNBANNED
        line.ip = host(listed[2])
    elif other := SKIPPED.match(message) or ALLOWED.match(message):
        line.ip = host(other[1])
    return line


def _matched(line: NetfilterLine, matched: re.Match[str]) -> None:
    line.action, line.ip = NetfilterAction.WARNING, host(matched[1])
    line.rule_id = int(matched[2]) if matched[2].isdecimal() and len(matched[2]) < 10 else None
    quoted = (matched[3] or "")[:LOOKED_THROUGH]
    quoted = quoted[:-1] if quoted.endswith(")") else quoted
    for pattern in USERNAMES:
        if user := pattern.search(quoted):
            line.username = user[1]
            break
    if method := METHOD.search(quoted):
        line.auth_method = f"SASL {method[1]}"
    elif "-login: " in quoted:
        line.auth_method = quoted.partition("-login: ")[0].rpartition(" ")[2].upper()


def host(text: str) -> str | None:
    """The address of a single host, or the network in CIDR form; None where it is neither.

    An IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2) is the IPv4 one, as netfilter takes it.
    """
    try:
        found = ip_interface(text)
    except ValueError:
        return None
    if "%" in text:  # a zone (RFC 4007) names nothing outside its host
        return None
    single = found.network.prefixlen == found.network.max_prefixlen
    mapped = getattr(found.ip, "ipv4_mapped", None)
    if single and mapped is not None:
        return str(mapped)
    return str(found.ip) if single else str(found.network)


def with_networks(address: str) -> list[str]:
    """The address as `host` writes it, and all networks that hold it: under one of these names netfilter
    tells of it."""
    known = host(address)
    if known is None or "/" in known:
        return [address]
    single = ip_address(known)
    number, kind, most = int(single), type(single), single.max_prefixlen
    cut = ((number >> (most - bits) << (most - bits), bits) for bits in range(most))
    return [known, *(f"{kind(network)!s}/{bits}" for network, bits in cut)]
