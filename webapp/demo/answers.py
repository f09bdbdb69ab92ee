"""What `get/...` answers: mailcow's routes with mailcow's count, range and emptiness rules."""

import json
import re
from itertools import islice
from typing import Any

from . import objects
from .state import State

DEFAULT_ROWS = 1000
SQL_LISTS = ("ui", "sasl")
# Where mailcow says `{}` for nothing at all.
OBJECT_WHEN_EMPTY = re.compile(
    r"(domain|alias-domain|mailbox|alias|fwdhost|rl-mbox|rl-domain|dkim|transport|relayhost)/"
)


class NoRouteError(Exception):
    """mailcow does not know the route."""


def log_page(rows: Any, name: str, extra: str | None) -> str:
    """One page of a log as JSON text. `rows` are JSON texts, newest first; `extra` is the path part behind
    the name."""
    if name == "rspamd-stats":
        return '{"scanned": 1000, "learned": 12}'
    wanted = str(DEFAULT_ROWS) if extra is None else re.sub(r"[^0-9-]", "", extra)
    pair = re.fullmatch(r"(\d+)-(\d+)", wanted)
    if pair:
        first, last = int(pair[1]), int(pair[2])
        if first < 1 or last < first:
            return "{}"
        begin, end = first - 1, last
        if name == "rspamd-history":
            begin, end = first, last + 1
        elif name in SQL_LISTS:
            end = begin + last
    elif wanted.isdigit() and int(wanted) > 0:
        begin, end = 0, int(wanted)
    else:
        return "{}"
    text = ",\n".join(islice(rows, begin, end))
    return f"[{text}]" if text else "{}"


def fail2ban(state: State) -> dict[str, Any]:
    now = state.clock()
    settings = {
        "ban_time": 1800,
        "ban_time_increment": 1,
        "max_ban_time": 10_000,
        "max_attempts": 10,
        "retry_window": 600,
    }
    answer: dict[str, Any] = {
        **settings,
        "netban_ipv4": 32,
        "netban_ipv6": 128,
        "whitelist": "",
        "blacklist": "",
        "perm_bans": "",
    }
    active = []
    for network, (ip, until) in state.bans.items():
        left = max(int(until - now), 0)
        shown = f"{left // 3600:02d}h {left // 60 % 60:02d}m {left % 60:02d}s"
        queued = int(network in state.unbanning)
        active.append({"queued_for_unban": queued, "network": network, "ip": ip, "banned_until": shown})
    if active:
        answer["active_bans"] = active
    return answer


def _listed(state: State, path: str) -> Any:
    parts = path.split("/")
    now = state.clock()
    match parts:
        case ["mailbox", "all", *wanted]:
            return objects.mailboxes(wanted[0].split(",") if wanted else [], False, now)
        case ["mailbox", "reduced", *_]:
            return objects.mailboxes([], True, now)
        case ["dkim", domain]:
            return objects.dkim(domain)
        case ["quarantine", number] if number.isdigit():
            item = state.quarantine.get(int(number))
            return item.whole() if item else {}
        case ["rl-mbox", mailbox]:
            found = [one for one in objects.MAILBOX_LIMITS if mailbox in ("all", one["mailbox"])]
            return (
                found
                if mailbox == "all"
                else {key: found[0][key] for key in ("value", "frame")}
                if found
                else {}
            )
        case ["rl-domain", domain]:
            kept = [one for one in objects.DOMAIN_LIMITS if domain in ("all", one["domain"])]
            return (
                kept if domain == "all" else {key: kept[0][key] for key in ("value", "frame")} if kept else {}
            )
    raise NoRouteError


def answer(state: State, path: str) -> str:
    """The JSON text for a path behind `get/`. Raises NoRouteError."""
    now = state.advance()
    logs = re.fullmatch(r"logs/([a-z-]+)(?:/([^/]*))?", path)
    with state.lock:
        if logs and (logs[1] in state.lists or logs[1] == "rspamd-stats"):
            return log_page(state.lists.get(logs[1], ()), logs[1], logs[2])
        simple: dict[str, Any] = {
            "domain/all": objects.domains,
            "alias-domain/all": objects.alias_domains,
            "alias/all": objects.aliases,
            "fwdhost/all": lambda: objects.FORWARDING_HOSTS,
            "status/containers": lambda: objects.containers(now),
            "status/vmail": lambda: objects.VMAIL,
            "status/version": lambda: objects.VERSION,
            "transport/all": objects.transports,
            "relayhost/all": list,
            "status/host/ip": objects.own_addresses,
            "status/host": lambda: objects.host(now),
            "mailq/all": lambda: [held.entry() for held in state.queue.values()],
            "quarantine/all": lambda: [item.entry() for item in state.quarantine.values()],
            "fail2ban": lambda: fail2ban(state),
        }
        found = simple[path]() if path in simple else _listed(state, path)
    if not found and OBJECT_WHEN_EMPTY.match(path):
        found = {}
    return json.dumps(found, indent=4, ensure_ascii=False)
