"""The shapes of the answers under /api/blacklist/: the keys that the original's front end reads, and ours."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from webapp.blocklists.overview import Host, HostStatus, Overview, Standing
from webapp.dnscheck.blocklist.listed import FRESH
from webapp.dnscheck.blocklist.lists import LISTS
from webapp.dnscheck.blocklist.progress import Progress
from webapp.dnscheck.blocklist.verdict import State
from webapp.lists.params import Parameters, Text

SOURCES = {"server": "system", "mx": "system", "manual": "config"}  # our origins in the original's words
STATUSES = {State.CLEAN: "clean", State.LISTED: "listed", State.TIMEOUT: "timeout"}  # its words for a list


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(extra="allow", json_schema_extra={"example": body})


RESULT: dict[str, Any] = {
    "name": "Spamhaus ZEN",
    "zone": "zen.spamhaus.org",
    "info_url": "https://check.spamhaus.org/",
    "status": "listed",
    "listed": True,
    "response": "127.0.0.4",
    "meaning": "XBL: hacked, infected or an open proxy",
    "reason": "https://check.spamhaus.org/query/ip/192.0.2.1",
    "weight": "major",
    "operator": "The Spamhaus Project",
    "policy": "Spam sources, hacked hosts, addresses that should not send; each part has its own way out.",
    "since": "2026-01-07T04:00:00Z",
    "unanswered": None,
    "bounced": 3,
    "bounced_at": "2026-01-08T01:20:11Z",
    "checked_at": "2026-01-08T01:34:08Z",
}
COUNTS: dict[str, Any] = {
    "status": "listed",
    "listed_count": 1,
    "information_count": 0,
    "clean_count": 24,
    "error_count": 0,
    "timeout_count": 1,
    "total_blacklists": 26,
    "checked_at": "2026-01-08T01:34:08Z",
    "cache_valid": True,
}


class Asked(Parameters):
    """Which address, and whether the lists are asked now."""

    host: Text = Field(None, description="One of the monitored addresses; without it, all of them")
    force: bool = Field(False, description="Ask for a new look; a job makes it")


class Monitored(BaseModel):
    """The addresses that are looked up, each with its lists, the worst first; and the last changes."""

    model_config = _example(
        hosts=[
            {"hostname": "192.0.2.1", "source": "system", "has_data": True, **COUNTS, "results": [RESULT]}
        ],
        changes=[
            {"at": "2026-01-07T04:00:00Z", "address": "192.0.2.1", "list": "Spamhaus ZEN", "listed": True}
        ],
    )

    hosts: list[dict[str, Any]]


class Checked(BaseModel):
    """One address with its lists, or the start of a look at all."""

    model_config = _example(server_ip="192.0.2.1", **COUNTS, results=[RESULT])


class Running(BaseModel):
    """How far a look is."""

    model_config = _example(
        in_progress=True, current=12, total=52, current_blacklist="Spamhaus ZEN", percent=23
    )

    in_progress: bool
    current: int
    total: int
    current_blacklist: str | None
    percent: int


class Configuration(BaseModel):
    """Which lists there are, and how old the last look is."""

    model_config = _example(
        total_blacklists=26,
        cache_ttl_hours=24,
        cache_valid=True,
        last_check="2026-01-08T01:34:08Z",
        server_ip="192.0.2.1",
        listed_count=1,
        status="listed",
    )

    total_blacklists: int


class Summary(BaseModel):
    """All addresses in one answer."""

    model_config = _example(
        has_data=True, server_ip="192.0.2.1", status="listed", listed_count=1, total_blacklists=26, hosts=[]
    )

    has_data: bool


def result(one: Standing) -> dict[str, Any]:
    """One list; `status` in the original's words, where what is not checked is an error."""
    row, facts = one.row, one.blocklist
    return {
        "name": facts.name,
        "zone": facts.zone,
        "info_url": facts.page,
        "status": STATUSES.get(one.state, "error"),
        "listed": one.state is State.LISTED,
        "response": ", ".join(row.codes) or None,
        "meaning": row.why or None,
        "reason": row.reason or None,
        "weight": facts.weight,
        "operator": facts.operator,
        "policy": facts.policy,
        "since": row.known_since,
        "unanswered": one.unanswered or None,
        "bounced": row.bounced,
        "bounced_at": row.bounced_at,
        "checked_at": row.checked_at,
    }


def counts(host: Host) -> dict[str, Any]:
    """How an address stands, in figures; lists that are mere information are counted apart."""
    listed = sum(one.is_listed for one in host.standings)
    timeouts = len(host.those(State.TIMEOUT))
    return {
        "status": host.status,
        "listed_count": listed,
        "information_count": len(host.listed) - listed,
        "clean_count": len(host.clean),
        "error_count": len(host.unchecked) - timeouts,
        "timeout_count": timeouts,
        "total_blacklists": len(host.standings),
        "checked_at": host.checked_at,
    }


def monitored(found: Overview) -> dict[str, Any]:
    """The addresses with their lists, and the last changes."""
    changes = [
        {"at": one.at, "address": one.address, "zone": one.zone, "listed": one.listed, "why": one.why}
        for one in found.changes
    ]
    return {"hosts": [_monitored(host, fresh=found.is_fresh) for host in found.hosts], "changes": changes}


def _monitored(host: Host, *, fresh: bool) -> dict[str, Any]:
    origin, name = host.row.origin, host.row.name
    return {
        "hostname": host.address,
        "source": SOURCES.get(origin) or (f"{origin}:{name}" if name else origin),
        "origin": origin,
        "name": name or None,
        "last_seen": host.checked_at,
        "has_data": bool(host.standings),
        "cache_valid": fresh,
        **counts(host),
        "results": [result(one) for one in host.standings],
    }


def checked(host: Host) -> dict[str, Any]:
    """One address with its lists."""
    return {"server_ip": host.address, **counts(host), "results": [result(one) for one in host.standings]}


def how_far(running: Progress | None, waits: bool) -> dict[str, Any]:
    """How far a look is; nothing done yet while it waits for a worker."""
    done, total = (running.done, running.total) if running else (0, 0)
    return {
        "in_progress": running is not None or waits,
        "current": done,
        "total": total,
        "current_blacklist": running.name if running else None,
        "percent": 100 * done // total if total else 0,
    }


def configuration(found: Overview) -> dict[str, Any]:
    """How many lists there are, and how old the last look is."""
    first = found.hosts[0].address if found.hosts else None
    return {
        "total_blacklists": len(LISTS),
        "cache_ttl_hours": int(FRESH.total_seconds() // 3600),
        "cache_valid": found.is_fresh,
        "last_check": found.checked_at,
        "server_ip": first,
        "listed_count": found.listed_count if found.hosts else None,
        "status": found.status if found.hosts else None,
    }


def summary(found: Overview) -> dict[str, Any]:
    """All addresses together; without a look in the last day there is no data."""
    has_data = bool(found.hosts) and found.is_fresh
    return {
        "has_data": has_data,
        "server_ip": found.hosts[0].address if found.hosts else None,
        "status": found.status if has_data else HostStatus.UNKNOWN,
        "listed_count": found.listed_count if has_data else 0,
        "total_blacklists": sum(len(host.standings) for host in found.hosts) or len(LISTS),
        "checked_at": found.checked_at,
        "hosts": [{"hostname": host.address, **counts(host)} for host in found.hosts],
    }
