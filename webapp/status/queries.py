"""The state of things. Queries only read."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.config import VERSION, Settings
from webapp.mailcow import connection
from webapp.mailcow.domains import local_domains
from webapp.mailcow.server import Container, Storage, server_state
from webapp.mailcow.snapshots import Snapshot
from webapp.tables.db import now

UNKNOWN = "not asked yet"


def database_answers(session: Session) -> bool:
    """True; raises SQLAlchemyError where the database is away."""
    return session.scalar(text("SELECT 1")) == 1


def configuration(settings: Settings) -> dict[str, Any]:
    """What /api/health tells of the configuration to those who may know."""
    return {
        "fetch_interval": settings.fetch_interval,
        "retention_days": settings.retention_days,
        "mailcow_url": settings.mailcow_url,
        "blacklist_enabled": bool(settings.blacklist_emails),
        "auth_enabled": settings.auth_enabled,
    }


def information(session: Session, settings: Settings) -> dict[str, Any]:
    """The answer of /api/info."""
    return {
        "name": "Mailcow Logs Viewer",
        "version": VERSION,
        "mailcow_url": settings.mailcow_url,
        "local_domains": local_domains(session.connection()),
        "fetch_interval": settings.fetch_interval,
        "retention_days": settings.retention_days,
        "timezone": settings.tz,
        "app_title": settings.app_title,
        "app_logo_url": settings.app_logo_url,
        "blacklist_count": len(settings.blacklist_emails),
        "auth_enabled": settings.auth_enabled,
        "demo": settings.demo_mode,
    }


def containers(session: Session) -> dict[str, Any]:
    """mailcow's containers as last told, with the age of that answer and why there is no newer one."""
    found = server_state(session).containers
    return {"containers": found.data or {}, "summary": running(found), **freshness(found)}


def storage(session: Session) -> dict[str, Any]:
    """The mail volume as last told."""
    return _storage(server_state(session).storage)


def mailcow_info(session: Session) -> dict[str, Any]:
    """How many domains, mailboxes and aliases there are; each with its own age, because mailboxes are asked
    once an hour."""
    state = server_state(session)
    parts: list[Snapshot[Any]] = [*state.counted.values(), state.bans]
    ages = [one.age for one in parts if one.age is not None]
    return {
        **{
            name: {**(found.data or {"total": None, "active": None}), **freshness(found)}
            for name, found in state.counted.items()
        },
        "bans": {**(state.bans.data or {"active": None, "permanent": None}), **freshness(state.bans)},
        "age_seconds": int(max(ages)) if ages else None,
        "error": next((one.error for one in parts if one.error), None),
    }


def summary(session: Session) -> dict[str, Any]:
    """The figures of the dashboard, in one statement."""
    state = server_state(session)
    return {
        "containers": {**running(state.containers), **freshness(state.containers)},
        "storage": _storage(state.storage),
        "system": {
            name: found.data["total"] if found.data else None for name, found in state.counted.items()
        },
    }


def connection_state() -> dict[str, Any]:
    """Whether mailcow answered when it was last asked, since when it does not, and why."""
    found = connection.state()
    return {
        "connected": found.state == connection.Answering.CONNECTED,
        "timestamp": now(),
        "state": found.state,
        "since": found.since,
        "last_success": found.last_success,
        "error": found.reason,
    }


def freshness(found: Snapshot[Any]) -> dict[str, Any]:
    """When a snapshot was taken, its `age_seconds`, and why there is no newer one."""
    never = None if found.taken_at or found.error else UNKNOWN
    return {
        "taken_at": found.taken_at,
        "age_seconds": None if found.age is None else int(found.age),
        "error": found.error or never,
    }


def running(found: Snapshot[dict[str, Container]]) -> dict[str, int]:
    """How many containers run, how many do not, and all of them."""
    states = [container["state"] for container in (found.data or {}).values()]
    running = states.count("running")
    return {"running": running, "stopped": len(states) - running, "total": len(states)}


def _storage(found: Snapshot[Storage]) -> dict[str, Any]:
    empty = dict.fromkeys(("disk", "used", "total", "used_percent"))
    return {**(found.data or empty), **freshness(found)}
